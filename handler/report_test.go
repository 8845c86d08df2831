package handler

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestOnErrorLogs holds that an OnError which logs through its handler neither
// deadlocks nor calls itself, whatever the trouble.
func TestOnErrorLogs(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var h *Handler
	var calls, depth, deepest atomic.Int64
	onError := func(err error) {
		calls.Add(1)
		deepest.Store(max(deepest.Load(), depth.Add(1)))
		defer depth.Add(-1)
		h.Handle(context.Background(), record("trouble", slog.Any("err", err)))
		h.Stats()
		_ = h.Err()
	}
	h, err := New(Config{
		Server: srv.URL(),
		Filters: []Filter{func(_ context.Context, r slog.Record) (slog.Record, bool) {
			if r.Message != "m" {
				panic("again")
			}
			return r, true
		}},
		Delivery: delivery.Config{OnError: onError, MinBackoff: 1, MaxBackoff: time.Millisecond, QueueBytes: 1000},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range []string{"m", "bad", "m", "bad"} {
		for range 20 {
			h.Handle(context.Background(), record(msg))
		}
	}
	until(t, "connecting fails", func() bool { return calls.Load() > 10 })
	srv.Start()
	flushed(t, h)
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if deepest.Load() != 1 {
		t.Errorf("OnError was called within itself, %d deep", deepest.Load())
	}
	balanced(t, h.Stats())
}

// TestLossesReplaceAttr checks that the record about losses does not call
// ReplaceAttr, which would run on the goroutine that sends: a panic there would
// end the process, and a call that waits would end the delivery.
func TestLossesReplaceAttr(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	h, err := New(Config{
		Server: srv.URL(),
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "dropped_oldest" || strings.HasSuffix(a.Value.String(), "records dropped") {
				panic("in ReplaceAttr")
			}
			return a
		},
		Delivery: delivery.Config{
			QueueBytes: 10_000,
			MinBackoff: 1,
			MaxBackoff: time.Millisecond,
			OnError:    func(error) {},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	for range 1000 {
		h.Handle(t.Context(), record("m"))
	}
	srv.Start()
	until(t, "the losses are recorded", func() bool { return told(t, srv).Total() > 0 })
}
