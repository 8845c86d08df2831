package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

// fast makes clients connect again at once.
var fast = Config{MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond}

// connect returns a client that sends to the server, and is closed with the test.
func connect(t *testing.T, srv *gelftest.Server, d Config) *testHandler {
	t.Helper()
	if d.OnError == nil {
		d.OnError = func(error) {}
	}
	h, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// flushed waits until all records are sent or dropped.
func flushed(t *testing.T, h *testHandler) {
	t.Helper()
	var u *UndeliveredError
	if err := h.Flush(within(t, gelftest.WaitTimeout)); err != nil && (!errors.As(err, &u) || u.Queued > 0) {
		t.Fatal(err)
	}
}

// until waits for a condition, or fails the test.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(gelftest.WaitTimeout); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("timeout after %v: %s", gelftest.WaitTimeout, what)
		}
	}
}

// balanced checks that the counters are consistent.
func balanced(t testing.TB, s Stats) {
	t.Helper()
	if s.Accepted != s.Sent+s.Queued+s.Dropped.Total() {
		t.Errorf("accepted %d, but sent %d + queued %d + dropped %d", s.Accepted, s.Sent, s.Queued, s.Dropped.Total())
	}
	if (s.Queued == 0) != (s.QueuedBytes == 0) {
		t.Errorf("%d records queued in %d bytes", s.Queued, s.QueuedBytes)
	}
}

// TestAllArrive checks that all records of many goroutines arrive, and that each
// goroutine's records keep their order.
func TestAllArrive(t *testing.T) {
	const goroutines = 8
	n := 100_000
	if raceDetector {
		n = 20_000
	}
	srv := gelftest.NewServer(t)
	h := connect(t, srv, Config{QueueBytes: 512 << 20})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			h := h.WithAttrs(attrs{slog.Int("g", g)})
			for i := range n {
				r := slog.NewRecord(testTime, slog.LevelInfo, "m", 0)
				r.AddAttrs(slog.Int("i", i))
				if err := h.Handle(context.Background(), r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := h.Flush(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	srv.WaitLen(goroutines * n)
	if s := h.Stats(); s.Sent != uint64(goroutines*n) || s.Accepted != s.Sent || s.Connects != 1 || s.Queued != 0 {
		t.Errorf("counted %+v", s)
	}
	var next [goroutines]int64
	seen := make([]bool, goroutines*n+1)
	for _, r := range srv.All() {
		g, i, seq := r.Fields["g"].(int64), r.Fields["i"].(int64), r.Fields["seq"].(int64)
		if i != next[g] {
			t.Fatalf("goroutine %d: got record %d, want %d", g, i, next[g])
		}
		next[g]++
		if seen[seq] {
			t.Fatalf("two records have the number %d", seq)
		}
		seen[seq] = true
	}
	if i := slices.Index(seen[1:], false); i >= 0 {
		t.Errorf("no record has the number %d", i+1)
	}
	if errs := srv.Errors(); len(errs) > 0 {
		t.Errorf("the server refused frames: %v", errs)
	}
}

// TestServerComesLate checks that nothing is lost while there is no server.
func TestServerComesLate(t *testing.T) {
	srv := gelftest.NewServer(t)
	url := srv.URL()
	srv.Stop()
	var reported atomic.Int64
	d := fast
	d.OnError = func(err error) {
		reported.Add(1)
		if !strings.Contains(err.Error(), "delivery: connect to "+url) {
			t.Errorf("reported %v", err)
		}
	}
	h := connect(t, srv, d)
	const n = 1000
	for i := range n {
		if err := h.Handle(context.Background(), record("m", slog.Int("i", i))); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "Err returns an error", func() bool { return h.Err() != nil && reported.Load() > 2 })
	if s := h.Stats(); s.Queued != n || s.LastError == "" || s.LastErrorTime.IsZero() || s.Connects != 0 {
		t.Errorf("counted %+v", s)
	}
	srv.Start()
	if err := h.Flush(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	for i, r := range srv.Wait(n) {
		if r.Fields["i"] != int64(i) {
			t.Fatalf("got record %v, want %d", r.Fields["i"], i)
		}
	}
	if err := h.Err(); err != nil {
		t.Errorf("after delivery Err is %v", err)
	}
}

// A signalLink signals when it is closed.
type signalLink struct {
	conn.Link
	closed chan struct{}
}

func (l signalLink) Close() {
	l.Link.Close()
	close(l.closed)
}

// TestConnectionLost checks that a record arrives on a new connection if the old one
// was closed some time before.
func TestConnectionLost(t *testing.T) {
	for name, fault := range map[string]func(*gelftest.Server){
		"closed":      func(s *gelftest.Server) { s.Stop(); s.Start() },
		"reset":       func(s *gelftest.Server) { s.Reset() },
		"half-closed": func(s *gelftest.Server) { s.HalfClose() },
	} {
		t.Run(name, func(t *testing.T) {
			srv := gelftest.NewServer(t)
			h := connect(t, srv, fast)
			sender := h.sink.(*transport).sender
			closed := make(chan chan struct{}, 100)
			dial := sender.dial
			sender.dial = func(ctx context.Context) (conn.Link, error) {
				l, err := dial(ctx)
				if err != nil {
					return nil, err
				}
				s := signalLink{l, make(chan struct{})}
				closed <- s.closed
				return s, nil
			}
			const faults = 5
			for i := range faults {
				if err := h.Handle(context.Background(), record("m", slog.Int("i", i))); err != nil {
					t.Fatal(err)
				}
				srv.WaitLen(i + 1)
				if err := h.Flush(within(t, gelftest.WaitTimeout)); err != nil { // the connection is accepted
					t.Fatal(err)
				}
				fault(srv)
				select {
				case <-<-closed:
				case <-time.After(gelftest.WaitTimeout):
					t.Fatal("the handler does not notice")
				}
			}
			if s := h.Stats(); s.Sent != faults || s.Connects != faults || s.Dropped.Total() != 0 {
				t.Errorf("counted %+v", s)
			}
			for i, r := range srv.Records() {
				if r.Fields["i"] != int64(i) {
					t.Errorf("got record %v, want %d", r.Fields["i"], i)
				}
			}
		})
	}
}

// TestStalledServer checks that a server which never reads costs only the memory of the
// queue, and that the counters are consistent all the time.
func TestStalledServer(t *testing.T) {
	const goroutines, limit = 8, 1 << 20
	n := 20_000
	srv := gelftest.NewServer(t)
	srv.Stall()
	h := connect(t, srv, Config{QueueBytes: limit, WriteTimeout: time.Minute})
	before := uint64(0)
	until(t, "the kernel takes no more", func() bool {
		for range 10_000 {
			h.Handle(context.Background(), record("m", slog.String("text", strings.Repeat("x", 100))))
			before++
		}
		was := h.Stats()
		time.Sleep(500 * time.Millisecond) // the kernel of the server may acknowledge late
		is := h.Stats()
		return is.Queued > 0 && is.Sent == was.Sent
	})
	already := h.Stats().Dropped.QueueFull

	stop := make(chan struct{})
	var watch, wg sync.WaitGroup
	watch.Go(func() {
		for last := (Stats{}); ; {
			s := h.Stats()
			balanced(t, s)
			if s.Accepted < last.Accepted || s.Sent < last.Sent || s.Dropped.QueueFull < last.Dropped.QueueFull {
				t.Errorf("counted %+v after %+v", s, last)
			}
			last = s
			if s.QueuedBytes > limit {
				t.Errorf("%d bytes are queued, limit %d", s.QueuedBytes, limit)
			}
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	})
	var refused atomic.Uint64
	took := make([][]time.Duration, goroutines)
	for g := range goroutines {
		took[g] = make([]time.Duration, 0, n)
		wg.Go(func() {
			for range n {
				start := time.Now()
				err := h.Handle(context.Background(), record("m", slog.String("text", strings.Repeat("x", 100))))
				took[g] = append(took[g], time.Since(start))
				if errors.Is(err, ErrQueueFull) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	watch.Wait()

	all := slices.Concat(took...)
	slices.Sort(all)
	t.Logf(
		"Handle with a server that never reads: median %v, p99.9 %v, longest %v",
		all[len(all)/2],
		all[len(all)*999/1000],
		all[len(all)-1],
	)

	s := h.Stats()
	own := s.Accepted - before - uint64(goroutines*n) // notices about drops
	if own > 2 || s.Dropped.QueueFull != already+refused.Load() || refused.Load() == 0 {
		t.Errorf("Handle refused %d records, counted %+v", refused.Load(), s)
	}
	err := h.Flush(ended())
	if want := fmt.Sprintf(
		"%d records not sent",
		s.Queued,
	); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, context.Canceled) {
		t.Errorf("Flush returns %v, not %s", err, want)
	}
	srv.Resume()
	if err := h.Flush(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	until(t, "the record about the losses is sent", func() bool { s = h.Stats(); return s.Queued == 0 })
	balanced(t, s)
	if s.Sent != s.Accepted-already-refused.Load() {
		t.Errorf("after the server went on, counted %+v", s)
	}
	srv.WaitLen(int(s.Sent))
}
