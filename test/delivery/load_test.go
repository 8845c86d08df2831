package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// A ledger counts the records of one test.
type ledger struct {
	accepted, received, duplicates, dropped, lost, disorder int
	longest, p999                                           time.Duration // of the calls of Handle
	stats                                                   handler.Stats
}

func (l ledger) String() string {
	return fmt.Sprintf("accepted %d, received %d, duplicates %d, dropped %d, lost %d, out of order %d, "+
		"Handle p99.9 %v, longest %v, redelivered %d, connects %d",
		l.accepted, l.received, l.duplicates, l.dropped, l.lost, l.disorder,
		l.p999, l.longest, l.stats.Redelivered, l.stats.Connects)
}

// A load logs numbered records and measures the duration of each call.
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

// pace logs at a rate, in records per second, for a duration. A slow machine logs fewer
// records.
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

// numbers returns the numbers of the received records, in the order of arrival.
func numbers(t testing.TB, s *gelftest.Server) (all []int) {
	for _, r := range s.All() {
		if r.Err != nil {
			continue // incomplete because of a fault; the record is sent again
		}
		if i, ok := r.Fields["i"].(int64); ok {
			all = append(all, int(i))
		}
	}
	return all
}

// account closes the handler and returns the ledger.
func (l *load) account(t *testing.T, s *gelftest.Server) ledger {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := l.h.Shutdown(ctx)
	stats := l.h.Stats()
	onlyDropped(t, err, stats)
	if stats.Accepted != stats.Sent+stats.Queued+stats.Dropped.Total() {
		t.Errorf("the counters are not consistent: %+v", stats)
	}
	led := ledger{accepted: l.count, dropped: int(stats.Dropped.Total()), stats: stats}
	own := uint64(0) // records about losses, logged by the handler itself
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

// onlyDropped checks the error of Shutdown for an empty queue: it contains the number
// of dropped records, or is nil if no record was dropped.
func onlyDropped(t *testing.T, err error, stats handler.Stats) {
	t.Helper()
	dropped := stats.Dropped.QueueFull + stats.Dropped.Oldest + stats.Dropped.Damaged
	var u *delivery.UndeliveredError
	if err == nil && dropped == 0 || errors.As(err, &u) && u.Queued == 0 && u.Dropped == dropped {
		return
	}
	t.Errorf("Shutdown returns %v, want %d records dropped", err, dropped)
}

// arrived waits until no more records arrive, and returns the numbers of all.
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

// unique returns the set of numbers.
func unique(numbers []int) map[int]bool {
	set := make(map[int]bool, len(numbers))
	for _, n := range numbers {
		set[n] = true
	}
	return set
}

// disorder counts the records that first arrived after a record that was logged later.
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

// newLoad returns a load with a handler that is closed at the end of the test.
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

// nothingLost checks that all records arrived in order.
func nothingLost(t *testing.T, l ledger) {
	t.Helper()
	if l.lost != 0 || l.dropped != 0 {
		t.Errorf("%d records lost and %d dropped, want 0", l.lost, l.dropped)
	}
	inOrder(t, l)
}

// inOrder checks the order of the records.
func inOrder(t *testing.T, l ledger) {
	t.Helper()
	if l.disorder != 0 {
		t.Errorf("%d records out of order", l.disorder)
	}
}

// inOrderOnEach checks that each connection has transferred its records in order and
// without gaps. Its first records may have been transferred by the connection before
// it.
func inOrderOnEach(t *testing.T, s *gelftest.Server) {
	t.Helper()
	last := make(map[int]int64)
	for _, r := range s.All() {
		i, ok := r.Fields["i"].(int64)
		if r.Err != nil || !ok {
			continue
		}
		if before, known := last[r.Conn]; known && i != before+1 {
			t.Errorf("connection %d: record %d follows %d", r.Conn, i, before)
		}
		last[r.Conn] = i
	}
	if len(last) < 2 {
		t.Errorf("%d connections, want at least 2", len(last))
	}
}

// messages returns an iterator over the messages that the server received.
func messages(s *gelftest.Server) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, r := range s.All() {
			if !yield(r.Message.Message) {
				return
			}
		}
	}
}
