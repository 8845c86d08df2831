package delivery

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
)

// A phone is a server's place in tests of the sender: it notes when it was
// dialed.
type phone struct {
	mu    sync.Mutex
	calls []time.Time
	busy  bool
	lines []*line
}

func (p *phone) dial(context.Context) (conn.Link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, time.Now())
	if p.busy {
		return nil, errors.New("busy")
	}
	l := newLine()
	p.lines = append(p.lines, l)
	return l, nil
}

func (p *phone) pauses() (d []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := 1; i < len(p.calls); i++ {
		d = append(d, p.calls[i].Sub(p.calls[i-1]))
	}
	return d
}

func (p *phone) set(busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = busy
}

func ring(t *testing.T, p *phone, d Config) *testHandler {
	if d.OnError == nil {
		d.OnError = func(error) {}
	}
	h, err := open(testConfig{Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	h.sink.(*transport).sender.dial = p.dial
	return h
}

// TestBackoff holds that the pauses between attempts to connect are drawn below
// a bound that doubles up to its limit.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &phone{busy: true}
		h := ring(t, p, Config{MinBackoff: 100 * time.Millisecond, MaxBackoff: 10 * time.Second})
		h.Handle(t.Context(), record("m"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		pauses := p.pauses()
		if len(pauses) < 700 {
			t.Fatalf("%d pauses in two hours", len(pauses))
		}
		bound, longest := 100*time.Millisecond, time.Duration(0)
		var sum time.Duration
		for i, pause := range pauses {
			if pause > bound {
				t.Errorf("pause %d is %v, above %v", i+1, pause, bound)
			}
			bound = min(2*bound, 10*time.Second)
			longest, sum = max(longest, pause), sum+pause
		}
		if mean := sum / time.Duration(len(pauses)); mean < 4*time.Second || mean > 6*time.Second || longest < 9*time.Second {
			t.Errorf(
				"the mean of %d pauses is %v and the longest %v: not drawn evenly up to 10s",
				len(pauses),
				mean,
				longest,
			)
		}
		p.set(false)
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestFlushHurries holds that Flush does not wait for the pause to end.
func TestFlushHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &phone{busy: true}
		h := ring(t, p, Config{MinBackoff: 1000 * time.Hour, MaxBackoff: 1000 * time.Hour})
		h.Handle(t.Context(), record("m"))
		synctest.Wait()
		p.set(false)
		start := time.Now()
		if err := h.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("Flush waited %v", took)
		}
		h.Close()
	})
}

// TestProvenConnection holds that a connection which has lasted is replaced at
// once.
func TestProvenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(phone)
		h := ring(t, p, Config{MinBackoff: 1000 * time.Hour, MaxBackoff: 1000 * time.Hour, IdleTimeout: time.Hour})
		const n = 6
		for i := range n {
			start := time.Now()
			h.Handle(t.Context(), record("m"))
			if queued, _ := h.sink.(*transport).queue.Flush(t.Context()); queued != 0 {
				t.Fatalf("%d records are queued", queued)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("connection %d came after %v", i+1, took)
			}
			time.Sleep(time.Minute)
			close(p.lines[i].closed)
			synctest.Wait()
		}
		if len(p.lines) != n {
			t.Errorf("%d connections for %d records", len(p.lines), n)
		}
		h.Close()
	})
}

// deaf is a link that takes nothing.
type deaf struct{ *quiet }

func (deaf) Write(context.Context, []byte) (int, error) { return 0, errors.New("deaf") }

// TestUnprovenConnection holds that a server which takes connections and breaks
// them is not called more often than one that does not answer.
func TestUnprovenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		h := ring(t, new(phone), Config{MinBackoff: time.Minute, MaxBackoff: time.Hour})
		h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
			dials++
			return deaf{new(quiet)}, nil
		}
		h.Handle(t.Context(), record("m"))
		time.Sleep(100 * time.Hour)
		synctest.Wait()
		if dials < 100 || dials > 400 { // half an hour between two of them, in the mean
			t.Errorf("%d connections in 100 hours", dials)
		}
		h.Shutdown(ended())
		if s := h.Stats(); s.Sent != 0 || s.Dropped.Closed != 1 {
			t.Errorf("counted %+v", s)
		}
	})
}

// TestUnreachableDial holds that one attempt takes no longer than DialTimeout.
func TestUnreachableDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took []time.Duration
		h := ring(t, new(phone), Config{
			MinBackoff:  time.Nanosecond,
			MaxBackoff:  time.Nanosecond,
			DialTimeout: 3 * time.Second,
		})
		h.sink.(*transport).sender.dial = func(ctx context.Context) (conn.Link, error) {
			start := time.Now()
			<-ctx.Done()
			took = append(took, time.Since(start))
			return nil, ctx.Err()
		}
		h.Handle(t.Context(), record("m"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(took) < 3 || took[0] != 3*time.Second {
			t.Errorf("attempts took %v", took)
		}
		if err := h.Err(); err == nil || !strings.Contains(err.Error(), "deadline") {
			t.Errorf("Err is %v", err)
		}
		h.Shutdown(ended())
	})
}

// TestIdleConnection holds that a connection which was ended for being idle is
// no trouble, and that the next record does not wait for another.
func TestIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(phone)
		h := ring(t, p, Config{MinBackoff: 1000 * time.Hour, MaxBackoff: 1000 * time.Hour, IdleTimeout: time.Minute,
			OnError: func(err error) { t.Errorf("OnError: %v", err) }})
		const n = 6
		for range n {
			start := time.Now()
			h.Handle(t.Context(), record("m"))
			if queued, _ := h.sink.(*transport).queue.Flush(t.Context()); queued != 0 {
				t.Fatalf("%d records are queued", queued)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("a connection came after %v", took)
			}
			time.Sleep(time.Hour)
		}
		if len(p.lines) != n {
			t.Errorf("%d connections for %d records", len(p.lines), n)
		}
		h.Close()
	})
}

// TestNoWakeupLost holds that the sender does not go to sleep over a record that
// came after it had looked.
func TestNoWakeupLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := ring(t, new(phone), Config{})
		s := h.sink.(*transport).sender
		if c, _ := s.queue.Take(); c != nil {
			t.Fatal("a chunk of an empty queue")
		}
		if err := s.queue.Put([]byte("{}\x00"), false); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		s.wait(t.Context(), time.Minute, false)
		if took := time.Since(start); took > 0 {
			t.Errorf("waited %v", took)
		}
		h.Shutdown(ended())
	})
}

// unread is a link whose bytes the server never acknowledges.
type unread struct{ *line }

func (unread) Reached() int { return 0 }

// TestDeadUnderLoad checks that a server which acknowledges nothing is noticed after
// DeadAfter, also while this machine's kernel takes all that is written.
func TestDeadUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen reports
		h := ring(t, new(phone), Config{DeadAfter: 5 * time.Second, OnError: seen.add, QueueBytes: 64 << 20})
		h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) { return unread{newLine()}, nil }
		start := time.Now()
		for len(seen.of(h)) == 0 && time.Since(start) < time.Minute {
			h.Handle(t.Context(), record("m"))
			time.Sleep(time.Millisecond / 2)
			synctest.Wait()
		}
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("noticed after %v: %v", took, seen.of(h))
		}
		h.Shutdown(ended())
	})
}
