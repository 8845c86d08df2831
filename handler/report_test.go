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

// TestOnErrorLogs checks that an OnError that logs through its handler neither
// deadlocks nor calls itself.
func TestOnErrorLogs(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var h *Handler
	var calls, depth, deepest atomic.Int64
	onError := func(err error) {
		calls.Add(1)
		deepest.Store(max(deepest.Load(), depth.Add(1)))
		defer depth.Add(-1)
		h.Handle(context.Background(), record("reported", slog.Any("err", err)))
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
		t.Errorf("OnError was called %d levels deep, want 1", deepest.Load())
	}
	balanced(t, h.Stats())
}

// TestLossesReplaceAttr checks that ReplaceAttr is not called for the record about
// losses, because it would run on the goroutine that sends: a panic would end the
// process, and a call that blocks would stop the delivery.
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
	until(t, "the server gets a record about losses", func() bool { return receivedLosses(t, srv).Total() > 0 })
}
