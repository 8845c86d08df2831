package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// A ledger is what became of the records of one test.
type ledger struct {
	accepted, received, duplicates, dropped, lost, disorder int
	longest, p999                                           time.Duration // of Handle
	stats                                                   handler.Stats
}

func (l ledger) String() string {
	return fmt.Sprintf(
		"accepted %d, received %d, duplicates %d, dropped %d, lost %d, out of order %d, Handle p99.9 %v, longest %v, redelivered %d, connects %d",
		l.accepted,
		l.received,
		l.duplicates,
		l.dropped,
		l.lost,
		l.disorder,
		l.p999,
		l.longest,
		l.stats.Redelivered,
		l.stats.Connects,
	)
}

// A load logs numbered records and remembers how long each call took.
type load struct {
	h     *handler.Handler
	took  []time.Duration
	count int
}

func (l *load) log() {
	start := time.Now()
	slog.New(l.h).Info("Round finished", "i", l.count, "loss", 0.5, "party", "hospital-1")
	l.took = append(l.took, time.Since(start))
	l.count++
}

// pace logs at a rate, in records a second, for a time. A machine that is too
// slow for the rate logs fewer.
func (l *load) pace(rate int, d time.Duration) {
	start, before := time.Now(), l.count
	for {
		elapsed := time.Since(start)
		if elapsed >= d {
			return
		}
		if l.count-before < int(elapsed.Seconds()*float64(rate)) {
			l.log()
		} else {
			time.Sleep(time.Millisecond)
		}
	}
}

// numbers returns the numbers of the records that arrived, in that order.
func numbers(t testing.TB, s *gelftest.Server) (all []int) {
	for _, r := range s.All() {
		if r.Err != nil {
			continue // torn by a fault; it comes again whole
		}
		if i, ok := r.Fields["i"].(int64); ok {
			all = append(all, int(i))
		}
	}
	return all
}

// account closes the handler and draws up the ledger.
func (l *load) account(t *testing.T, s *gelftest.Server) ledger {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := l.h.Shutdown(ctx)
	stats := l.h.Stats()
	onlyDropped(t, err, stats)
	if stats.Accepted != stats.Sent+stats.Queued+stats.Dropped.Total() {
		t.Errorf("the counters do not fit together: %+v", stats)
	}
	led := ledger{accepted: l.count, dropped: int(stats.Dropped.Total()), stats: stats}
	own := uint64(0) // records of the handler's own, about losses
	if stats.Accepted > uint64(l.count) {
		own = stats.Accepted - uint64(l.count)
	}
	want := l.count - led.dropped
	got := arrived(t, s, want+int(own))
	led.received = len(unique(got))
	led.duplicates = len(got) - led.received
	led.lost = want - led.received
	led.disorder = disorder(got)
	slices.Sort(l.took)
	if n := len(l.took); n > 0 {
		led.longest, led.p999 = l.took[n-1], l.took[n-1-n/1000]
	}
	t.Log(led)
	return led
}

// onlyDropped checks the error of Shutdown if no record was left in the queue: it
// counts those that were dropped, and is nil if there were none.
func onlyDropped(t *testing.T, err error, stats handler.Stats) {
	t.Helper()
	dropped := stats.Dropped.QueueFull + stats.Dropped.Oldest + stats.Dropped.Damaged
	var u *delivery.UndeliveredError
	if err == nil && dropped == 0 || errors.As(err, &u) && u.Queued == 0 && u.Dropped == dropped {
		return
	}
	t.Errorf("Shutdown returns %v, want %d records dropped", err, dropped)
}

// arrived returns the numbers of the records once no more come.
func arrived(t *testing.T, s *gelftest.Server, want int) []int {
	for last, since := -1, time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if have := s.Len(); have != last {
			last, since = have, time.Now()
		}
		quiet := 200 * time.Millisecond // for duplicates
		switch {
		case last < want && s.Conns() > 0:
			quiet = 5 * time.Second
		case last < want:
			quiet = time.Second
		}
		if time.Since(since) > quiet {
			return numbers(t, s)
		}
	}
}

func unique(numbers []int) map[int]bool {
	set := make(map[int]bool, len(numbers))
	for _, n := range numbers {
		set[n] = true
	}
	return set
}

// disorder counts the records that arrived for the first time behind one that
// was logged later.
func disorder(numbers []int) (n int) {
	seen, last := make(map[int]bool, len(numbers)), -1
	for _, i := range numbers {
		if !seen[i] && i < last {
			n++
		}
		seen[i] = true
		last = max(last, i)
	}
	return n
}

func newLoad(t *testing.T, opts handler.Config) *load {
	t.Helper()
	opts.Logger = "TTP_fault"
	if opts.Delivery.OnError == nil {
		opts.Delivery.OnError = func(err error) {
			if testing.Verbose() {
				t.Log(err)
			}
		}
	}
	h, err := handler.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return &load{h: h}
}

func nothingLost(t *testing.T, l ledger) {
	t.Helper()
	if l.lost != 0 || l.dropped != 0 {
		t.Errorf("%d records lost and %d dropped, want none", l.lost, l.dropped)
	}
	inOrder(t, l)
}

func inOrder(t *testing.T, l ledger) {
	t.Helper()
	if l.disorder != 0 {
		t.Errorf("%d records out of order", l.disorder)
	}
}

// inOrderOnEach holds that each connection has brought its records in the order
// in which they were logged, and without a gap: what it begins with may have come
// by the one before.
func inOrderOnEach(t *testing.T, s *gelftest.Server) {
	t.Helper()
	last := make(map[int]int64)
	for _, r := range s.All() {
		i, ok := r.Fields["i"].(int64)
		if r.Err != nil || !ok {
			continue
		}
		if before, known := last[r.Conn]; known && i != before+1 {
			t.Errorf("on connection %d record %d came behind %d", r.Conn, i, before)
		}
		last[r.Conn] = i
	}
	if len(last) < 2 {
		t.Errorf("there were %d connections, want more than one", len(last))
	}
}

func TestFaultServerAbsentAtStart(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	l := newLoad(t, handler.Config{Server: s.URL()})
	time.AfterFunc(4*time.Second, s.Start)
	l.pace(200, 5*time.Second)
	nothingLost(t, l.account(t, s))
}

func TestFaultServerClosesUnderLoad(t *testing.T) {
	for _, tc := range []struct {
		name      string
		fault     func(*gelftest.Server)
		redeliver int
	}{
		{"FIN", func(s *gelftest.Server) { s.HalfClose() }, 0},
		{"RST", func(s *gelftest.Server) { s.Reset() }, 0},
		{"RST with Redeliver", func(s *gelftest.Server) { s.Reset() }, 4 << 20},
		{"restart", func(s *gelftest.Server) { s.Stop(); s.Start() }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := gelftest.NewServer(t)
			l := newLoad(t, handler.Config{
				Server:   s.URL(),
				Delivery: delivery.Config{RedeliverBytes: tc.redeliver, QueueBytes: 32 << 20},
			})
			stop := make(chan struct{})
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					select {
					case <-time.After(300 * time.Millisecond):
						tc.fault(s)
					case <-stop:
						return
					}
				}
			}()
			l.pace(50_000, 2*time.Second)
			close(stop)
			<-done
			led := l.account(t, s)
			// A server that has only half closed a connection goes on reading
			// what its kernel has of it, beside the next one: then a slow
			// machine takes records of the two in any order, but those of each
			// one in order, and the new one begins where it has to.
			if tc.name == "FIN" {
				inOrderOnEach(t, s)
			} else {
				inOrder(t, led)
			}
			if led.dropped != 0 {
				t.Errorf("%d records dropped, want none", led.dropped)
			}
			if (tc.name == "FIN" || tc.name == "RST with Redeliver") && led.lost != 0 {
				t.Errorf("%d records lost, want none", led.lost)
			}
		})
	}
}

func TestFaultOutage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		outage time.Duration
		opts   func(*gelftest.Server) handler.Config
	}{
		{3 * time.Second, func(s *gelftest.Server) handler.Config {
			return handler.Config{Server: s.URL()}
		}},
		{30 * time.Second, func(s *gelftest.Server) handler.Config {
			return spooled(s, t.TempDir()) // a megabyte of memory is too little for it
		}},
	} {
		t.Run(tc.outage.String(), func(t *testing.T) {
			t.Parallel()
			if tc.outage > 10*time.Second && testing.Short() {
				t.Skip("takes as long as the outage")
			}
			s := gelftest.NewServer(t)
			opts := tc.opts(s)
			opts.Delivery.RedeliverBytes = 256 << 10 // what the server has not read when it stops
			l := newLoad(t, opts)
			time.AfterFunc(time.Second, s.Stop)
			time.AfterFunc(time.Second+tc.outage, s.Start)
			l.pace(2_000, 2*time.Second+tc.outage)
			nothingLost(t, l.account(t, s))
		})
	}
}

func TestFaultServerNeverReads(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stall()
	l := newLoad(t, handler.Config{
		Server:   s.URL(),
		Delivery: delivery.Config{QueueBytes: 1 << 20, WriteTimeout: time.Second},
	})
	l.pace(20_000, 10*time.Second)
	if stats := l.h.Stats(); stats.QueuedBytes > 1<<20 || stats.Dropped.QueueFull == 0 {
		t.Errorf(
			"%d bytes queued and %d records dropped, want at most 1 MiB and some",
			stats.QueuedBytes,
			stats.Dropped.QueueFull,
		)
	}
	s.Resume()
	led := l.account(t, s)
	inOrder(t, led)
	if led.lost > 0 && led.stats.Connects < 2 {
		t.Errorf("%d records lost that were not counted", led.lost)
	}
	if !slices.ContainsFunc(
		slices.Collect(messages(s)),
		func(m string) bool { return strings.HasSuffix(m, "records dropped") },
	) {
		t.Error("no record tells of those that were dropped")
	}
}

func messages(s *gelftest.Server) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, r := range s.All() {
			if !yield(r.Message.Message) {
				return
			}
		}
	}
}
