package handler

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestFlushCounts checks that the result of a flush is that of the frames put
// before it: neither frames that were dropped in their place nor those that came
// later make it return early, and a drop is reported once.
func TestFlushCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(&Delivery{Queue: 8000, Overflow: DropOldest})
		type result struct{ queued, dropped uint64 }
		start := func() (context.CancelFunc, chan result) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan result, 1)
			go func() {
				queued, dropped := q.flush(ctx)
				done <- result{queued, dropped}
			}()
			synctest.Wait()
			return cancel, done
		}
		expect := func(what string, done chan result, want result) {
			t.Helper()
			synctest.Wait()
			select {
			case got := <-done:
				if got != want {
					t.Errorf("%s: queued %d, dropped %d; want %d and %d", what, got.queued, got.dropped, want.queued, want.dropped)
				}
			default:
				t.Errorf("%s: the flush does not return", what)
			}
		}
		pending := func(what string, done chan result) {
			t.Helper()
			synctest.Wait()
			if len(done) > 0 {
				t.Errorf("%s: the flush returns", what)
			}
		}
		for i := range 10 {
			q.put(numbered(i), true)
		}
		_, first := start()
		for i := range 200 { // they drop each other, in place of the first ten
			q.put(numbered(100+i), false)
		}
		pending("later records were dropped", first)
		cancel, second := start()
		_, third := start()
		cancel()
		dropped := q.oldest
		expect("the second is canceled", second, result{q.in - q.out, dropped})
		for c := q.takeFirst(); c != nil; c = nil { // the chunk of the first ten
			q.deliveredTo(c, len(c.data))
			q.done(c)
		}
		expect("all of the first are delivered", first, result{0, 0})
		q.clear() // the rest is given up
		expect("the third waits for the same records", third, result{0, dropped + q.abandoned})
		_, fourth := start()
		expect("all drops are reported", fourth, result{0, 0})
	})
}

// TestFlushDropped checks that Flush and Close report records that were dropped,
// whatever the policy, each of them once.
func TestFlushDropped(t *testing.T) {
	for _, policy := range []Overflow{DropNewest, DropOldest} {
		srv := gelftest.NewServer(t)
		srv.Stop()
		d := fast
		d.Queue, d.Overflow = 20_000, policy
		h := connect(t, srv, d)
		for range 1000 {
			h.Handle(t.Context(), record("m"))
		}
		dropped := h.Stats().Dropped.Total()
		srv.Start()
		err := h.Flush(within(t, gelftest.WaitTimeout))
		var u *UndeliveredError
		if !errors.As(err, &u) || u.Queued != 0 || u.Dropped != dropped || dropped == 0 {
			t.Errorf("policy %d: Flush returns %v, want %d records dropped", policy, err, dropped)
		}
		if err := h.Close(); err != nil {
			t.Errorf("policy %d: Close returns %v", policy, err)
		}
	}
}

// TestCloseReports checks that Close tells OnError, and standard error by default,
// how many records it dropped and why, as a deferred Close loses its error.
func TestCloseReports(t *testing.T) {
	for _, byDefault := range []bool{true, false} {
		var seen reports
		onError := seen.add
		if byDefault {
			onError = nil
		}
		var h *Handler
		text := stderrOf(t, func() {
			var err error
			h, err = New(Options{Delivery: Delivery{MinBackoff: time.Hour, MaxBackoff: time.Hour, OnError: onError}})
			if err != nil {
				t.Fatal(err)
			}
			h.sink.(*wire).sender.dial = func(context.Context) (link, error) { return nil, errors.New("nobody there") }
			for i := range 7 {
				h.Handle(t.Context(), record("m", slog.Int("i", i)))
			}
			until(t, "connecting fails", func() bool { return h.Err() != nil })
			h.Shutdown(ended())
			h.Close()
		})
		for _, err := range seen.of(h) {
			text += err.Error() + "\n"
		}
		if n := strings.Count(text, "7 records not sent"); n != 1 || !strings.Contains(text, "; handler: connect to tcp://127.0.0.1:12201: nobody there") {
			t.Errorf("by default %t: reported %d times:\n%s", byDefault, n, text)
		}
	}
}

// TestFlushLevel checks that a record from FlushLevel on has been sent when Handle
// returns, and that others do not wait.
func TestFlushLevel(t *testing.T) {
	srv := gelftest.NewServer(t)
	d := fast
	d.FlushLevel, d.FlushTimeout = slog.LevelError, gelftest.WaitTimeout
	h := connect(t, srv, d)
	for i := range 5 {
		slog.New(h).Error("failed", "i", i)
		if s := h.Stats(); s.Sent != uint64(i+1) || s.Queued != 0 {
			t.Fatalf("after record %d counted %+v", i, s)
		}
	}
	srv.WaitLen(5)
	srv.Stop()
	slog.New(h).Warn("not from FlushLevel on") // it would wait for a long time
}

// TestFlushLevelOutage checks that only the first record of an outage waits.
func TestFlushLevelOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &phone{busy: true}
		h := ring(t, p, Delivery{FlushLevel: slog.LevelError, FlushTimeout: 3 * time.Second, MinBackoff: time.Hour, MaxBackoff: time.Hour})
		log := func() time.Duration {
			start := time.Now()
			slog.New(h).Error("failed")
			return time.Since(start)
		}
		if took := log(); took != 3*time.Second {
			t.Errorf("the first record waits %v", took)
		}
		for range 10 {
			if took := log(); took != 0 {
				t.Errorf("a further record waits %v", took)
			}
		}
		p.set(false)
		if err := h.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		p.set(true)
		close(p.lines[0].closed)
		synctest.Wait()
		if took := log(); took != 3*time.Second {
			t.Errorf("the first record of the second outage waits %v", took)
		}
		h.Shutdown(ended())
	})
}
