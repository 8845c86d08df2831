package delivery

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// TestSoak logs from several goroutines for the duration in SYNLOGGER_SOAK, such as
// 10m, while the server and a proxy have random faults. At the end each accepted record
// must be delivered or counted, and the records of each goroutine must be in order.
// SYNLOGGER_SEED repeats a run as far as the scheduler permits.
func TestSoak(t *testing.T) {
	const variable = "SYNLOGGER_SOAK"
	if os.Getenv(variable) == "" {
		t.Skipf("set %s to a duration", variable)
	}
	d, err := time.ParseDuration(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SYNLOGGER_SEED"); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SYNLOGGER_SEED=%d", seed)

	s := gelftest.NewServer(t)
	p := newProxy(t, "127.0.0.1:0", s)
	h, err := handler.New(handler.Config{Server: p.url(), Delivery: delivery.Config{
		QueueBytes:     128 << 20,
		RedeliverBytes: 48 << 20, // more than the buffers of all kernels between handler and server
		DeadAfter:      5 * time.Second,
		WriteTimeout:   2 * time.Second,
		MaxBackoff:     time.Second,
		OnError:        func(error) {},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })

	const goroutines = 8
	var logged [goroutines]int
	var refused [goroutines]int
	var logging sync.WaitGroup
	end := time.Now().Add(d)
	for g := range goroutines {
		rnd := rand.New(rand.NewPCG(seed, uint64(g)))
		logging.Go(func() {
			own := h.WithAttrs([]slog.Attr{slog.Int("g", g)})
			for time.Now().Before(end) {
				for range rnd.IntN(100) {
					r := slog.NewRecord(time.Now(), slog.Level(4*rnd.IntN(3)), "Round finished", 0)
					r.AddAttrs(slog.Int("i", logged[g]), slog.String("text", fmt.Sprintf("%*d", rnd.IntN(200), 0)))
					if own.Handle(t.Context(), r) != nil {
						refused[g]++
					}
					logged[g]++
				}
				time.Sleep(time.Duration(rnd.IntN(200)) * time.Millisecond)
			}
		})
	}

	rnd := rand.New(rand.NewPCG(seed, 1000))
	pause := func(most time.Duration) { time.Sleep(time.Duration(rnd.Int64N(int64(most)))) }
	faults := []struct {
		name string
		do   func()
	}{
		{"reset", s.Reset},
		{"half-close", s.HalfClose},
		{"outage", func() { s.Stop(); pause(2 * time.Second); s.Start() }},
		{"stall", func() { s.Stall(); pause(2 * time.Second); s.Resume() }},
		{"cut", p.cut},
		{"proxy away", func() { p.Stop(); pause(2 * time.Second); p.cut() }},
		{"latency", func() { p.toxic("latency", `"latency":100,"jitter":50`); pause(2 * time.Second); p.heal() }},
		{"slow", func() { p.toxic("bandwidth", `"rate":500`); pause(2 * time.Second); p.heal() }},
		{"slicer", func() {
			p.toxic("slicer", `"average_size":1000,"size_variation":500,"delay":100`)
			pause(time.Second)
			p.heal()
		}},
		{"limit", func() { p.toxic("limit_data", `"bytes":100000`); pause(time.Second); p.heal() }},
		{"reset_peer", func() { p.toxic("reset_peer", `"timeout":50`); pause(time.Second); p.heal() }},
	}
	count := make(map[string]int)
	for time.Now().Before(end) {
		f := faults[rnd.IntN(len(faults))]
		count[f.name]++
		f.do()
		time.Sleep(time.Duration(rnd.IntN(1000)) * time.Millisecond)
	}
	logging.Wait()
	t.Logf("faults: %v", count)
	if err := h.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	stats := h.Stats()
	if stats.Accepted != stats.Sent+stats.Queued+stats.Dropped.Total() || stats.Queued != 0 {
		t.Errorf("the counters are not consistent: %+v", stats)
	}

	accepted, missed := 0, 0
	for g := range goroutines {
		accepted += logged[g]
		missed += refused[g]
	}
	if missed != int(stats.Dropped.QueueFull) {
		t.Errorf("Handle dropped %d records, counted %+v", missed, stats.Dropped)
	}
	arrived(t, s, accepted-missed)
	var seen [goroutines]map[int]bool
	var last [goroutines]int
	received, duplicates, wrong := 0, 0, 0
	for g := range goroutines {
		seen[g], last[g] = make(map[int]bool), -1
	}
	for _, r := range s.All() {
		g, ok := r.Fields["g"].(int64)
		if r.Err != nil || !ok {
			continue // incomplete because of a fault, or a record about losses
		}
		i := int(r.Fields["i"].(int64))
		switch {
		case seen[g][i]:
			duplicates++
		case i < last[g]:
			wrong++
			fallthrough
		default:
			received++
			seen[g][i], last[g] = true, max(i, last[g])
		}
	}
	led := ledger{accepted: accepted, received: received, duplicates: duplicates, dropped: int(stats.Dropped.Total()),
		lost: accepted - received - int(stats.Dropped.Total()), disorder: wrong, stats: stats}
	t.Log(led)
	if led.lost != 0 {
		t.Errorf("%d records lost", led.lost)
	}
	inOrder(t, led)
}
