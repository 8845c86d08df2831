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

// A fakeServer replaces the server in tests of the sender, and records when it was
// dialed.
type fakeServer struct {
	mu      sync.Mutex
	dialed  []time.Time
	refuses bool
	links   []*closableLink
}

func (p *fakeServer) dial(context.Context) (conn.Link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dialed = append(p.dialed, time.Now())
	if p.refuses {
		return nil, errors.New("busy")
	}
	l := newClosableLink()
	p.links = append(p.links, l)
	return l, nil
}

func (p *fakeServer) pauses() (d []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := 1; i < len(p.dialed); i++ {
		d = append(d, p.dialed[i].Sub(p.dialed[i-1]))
	}
	return d
}

func (p *fakeServer) setRefuses(busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = busy
}

func newWithServer(t *testing.T, p *fakeServer, d Config) *testHandler {
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

// TestBackoff checks that the pauses between attempts to connect are random, below a
// limit that doubles up to MaxBackoff.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakeServer{refuses: true}
		h := newWithServer(t, p, Config{MinBackoff: 100 * time.Millisecond, MaxBackoff: 10 * time.Second})
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
		mean := sum / time.Duration(len(pauses))
		if mean < 4*time.Second || mean > 6*time.Second || longest < 9*time.Second {
			t.Errorf(
				"the mean of %d pauses is %v and the longest %v: not random up to 10s",
				len(pauses),
				mean,
				longest,
			)
		}
		p.setRefuses(false)
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestFlushHurries checks that Flush cuts the pause short.
func TestFlushHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakeServer{refuses: true}
		h := newWithServer(t, p, Config{MinBackoff: 1000 * time.Hour, MaxBackoff: 1000 * time.Hour})
		h.Handle(t.Context(), record("m"))
		synctest.Wait()
		p.setRefuses(false)
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

// TestProvenConnection checks that a connection which was accepted is replaced without
// a pause.
func TestProvenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(fakeServer)
		h := newWithServer(t, p, Config{
			MinBackoff:  1000 * time.Hour,
			MaxBackoff:  1000 * time.Hour,
			IdleTimeout: time.Hour,
		})
		const n = 6
		for i := range n {
			start := time.Now()
			h.Handle(t.Context(), record("m"))
			if queued, _ := h.sink.(*transport).queue.Flush(t.Context()); queued != 0 {
				t.Fatalf("%d records are queued", queued)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("connection %d was made after %v", i+1, took)
			}
			time.Sleep(time.Minute)
			close(p.links[i].closed)
			synctest.Wait()
		}
		if len(p.links) != n {
			t.Errorf("%d connections for %d records", len(p.links), n)
		}
		h.Close()
	})
}

// A failingLink fails at every write.
type failingLink struct{ *acceptingLink }

func (failingLink) Write(context.Context, []byte) (int, error) { return 0, errors.New("deaf") }

// TestUnprovenConnection checks that a server which accepts connections and breaks them
// is dialed no more often than one that does not answer.
func TestUnprovenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		h := newWithServer(t, new(fakeServer), Config{MinBackoff: time.Minute, MaxBackoff: time.Hour})
		h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
			dials++
			return failingLink{new(acceptingLink)}, nil
		}
		h.Handle(t.Context(), record("m"))
		time.Sleep(100 * time.Hour)
		synctest.Wait()
		if dials < 100 || dials > 400 { // the mean pause is half an hour
			t.Errorf("%d connections in 100 hours", dials)
		}
		h.Shutdown(ended())
		if s := h.Stats(); s.Sent != 0 || s.Dropped.Closed != 1 {
			t.Errorf("counted %+v", s)
		}
	})
}

// TestUnreachableDial checks that an attempt to connect ends after DialTimeout.
func TestUnreachableDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took []time.Duration
		h := newWithServer(t, new(fakeServer), Config{
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

// TestIdleConnection checks that closing an idle connection is not an error, and that
// the next record does not wait for a pause.
func TestIdleConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(fakeServer)
		h := newWithServer(t, p, Config{
			MinBackoff:  1000 * time.Hour,
			MaxBackoff:  1000 * time.Hour,
			IdleTimeout: time.Minute,
			OnError:     func(err error) { t.Errorf("OnError: %v", err) },
		})
		const n = 6
		for range n {
			start := time.Now()
			h.Handle(t.Context(), record("m"))
			if queued, _ := h.sink.(*transport).queue.Flush(t.Context()); queued != 0 {
				t.Fatalf("%d records are queued", queued)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("a connection was made after %v", took)
			}
			time.Sleep(time.Hour)
		}
		if len(p.links) != n {
			t.Errorf("%d connections for %d records", len(p.links), n)
		}
		h.Close()
	})
}

// TestNoWakeupLost checks that the sender does not sleep after a record was added
// between its check of the queue and its wait.
func TestNoWakeupLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newWithServer(t, new(fakeServer), Config{})
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

// An unacknowledgedLink accepts bytes that the server never acknowledges.
type unacknowledgedLink struct{ *closableLink }

func (unacknowledgedLink) Reached() int { return 0 }

// TestDeadUnderLoad checks that a server which acknowledges nothing is noticed after
// DeadAfter, even while the kernel of this machine accepts all writes.
func TestDeadUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen reports
		h := newWithServer(t, new(fakeServer), Config{
			DeadAfter:  5 * time.Second,
			OnError:    seen.add,
			QueueBytes: 64 << 20,
		})
		h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
			return unacknowledgedLink{
				newClosableLink(),
			}, nil
		}
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
