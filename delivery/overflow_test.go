package delivery

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

// newFull returns a client whose server does not answer and whose queue is full, except
// for the part that is reserved for urgent frames.
func newFull(t *testing.T, d Config) *testHandler {
	t.Helper()
	d.QueueBytes, d.OnError = 8000, func(error) {}
	h, err := open(testConfig{Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	w := h.sink.(*transport)
	w.sender.dial = func(ctx context.Context) (conn.Link, error) { <-ctx.Done(); return nil, ctx.Err() }
	frame := append(bytes.Repeat([]byte(" "), 99), 0)
	for w.queue.Put(frame, false) == nil { // the last one waits for BlockTimeout
	}
	return h
}

// TestBlock checks what ends the wait of OverflowBlock: free memory, Close, or
// BlockTimeout, but not the context of the call.
func TestBlock(t *testing.T) {
	for _, tc := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		then func(*testHandler) // after 100 ms
		took time.Duration
		err  error
	}{
		{"BlockTimeout", nil, func(*testHandler) {}, 300 * time.Millisecond, ErrQueueFull},
		{"context with a deadline", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 50*time.Millisecond)
		}, func(*testHandler) {}, 300 * time.Millisecond, ErrQueueFull},
		{"context that has ended", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, func(h *testHandler) { h.sink.(*transport).queue.Clear() }, 100 * time.Millisecond, nil},
		{"room", nil, func(h *testHandler) { h.sink.(*transport).queue.Clear() }, 100 * time.Millisecond, nil},
		{"Close", nil, func(h *testHandler) { h.Shutdown(ended()) }, 100 * time.Millisecond, ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFull(t, Config{Overflow: OverflowBlock, BlockTimeout: 300 * time.Millisecond})
				before := h.Stats()
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if tc.ctx != nil {
					ctx, cancel = tc.ctx()
				}
				defer cancel()
				time.AfterFunc(100*time.Millisecond, func() { tc.then(h) })
				start := time.Now()
				err := h.Handle(ctx, record("m"))
				if took := time.Since(start); took != tc.took || !errors.Is(err, tc.err) {
					t.Errorf("returns %v after %v, want %v after %v", err, took, tc.err, tc.took)
				}
				time.Sleep(time.Second)
				s := h.Stats()
				balanced(t, s)
				refused := s.Dropped.QueueFull - before.Dropped.QueueFull
				if want := errors.Is(tc.err, ErrQueueFull); (refused == 1) != want {
					t.Errorf("counted %+v, before %+v", s, before)
				}
				h.Shutdown(ended())
				synctest.Wait()
			})
		})
	}
}

// TestBlockDelivers checks that a slow server receives every record with OverflowBlock.
func TestBlockDelivers(t *testing.T) {
	srv := gelftest.NewServer(t)
	d := fast
	d.QueueBytes, d.Overflow, d.BlockTimeout = 10_000, OverflowBlock, time.Minute
	h := connect(t, srv, d)
	const n = 5000
	for i := range n {
		if err := h.Handle(t.Context(), record("m", slog.Int("i", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Flush(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	for i, r := range srv.Wait(n) {
		if r.Fields["i"] != int64(i) {
			t.Fatalf("got record %v, want %d", r.Fields["i"], i)
		}
	}
	if s := h.Stats(); s.Dropped.Total() != 0 {
		t.Errorf("counted %+v", s)
	}
}
