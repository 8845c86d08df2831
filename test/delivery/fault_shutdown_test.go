package delivery

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// TestFaultShutdownUnderLoad checks that every record is counted while thousands of
// goroutines log into a handler during its shutdown.
func TestFaultShutdownUnderLoad(t *testing.T) {
	const goroutines = 10_000
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = null // for the records after Shutdown
	s := gelftest.NewServer(t)
	l := newLoad(t, handler.Config{Server: s.URL(), Delivery: delivery.Config{
		WriteTimeout: time.Minute, DeadAfter: time.Minute, // the server has to wait for a processor too
	}})
	var calls atomic.Uint64
	var started, logging sync.WaitGroup
	started.Add(goroutines)
	stop := make(chan struct{})
	for g := range goroutines {
		logging.Go(func() {
			logger := slog.New(l.h).With("g", g)
			for first := true; ; first = false {
				logger.Info("Round finished", "loss", 0.5)
				calls.Add(1)
				if first {
					started.Done()
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond): // let other goroutines run
				}
			}
		})
	}
	started.Wait()
	err = l.h.Shutdown(t.Context())
	close(stop)
	logging.Wait()
	stats := l.h.Stats()
	onlyDropped(t, err, stats)
	arrived(t, s, int(stats.Sent))
	own := uint64(0)
	for m := range messages(s) {
		if m != "Round finished" {
			own++
		}
	}
	t.Logf("calls %d: sent %d (%d by the handler itself), dropped %d, to standard error %d, received %d",
		calls.Load(), stats.Sent, own, stats.Dropped.Total(), stats.Diverted, s.Len())
	if sum := stats.Sent - own + stats.Dropped.Total() + stats.Diverted; sum != calls.Load() {
		t.Errorf("%d calls, but %d records are accounted for: %+v", calls.Load(), sum, stats)
	}
	if uint64(s.Len()) != stats.Sent || stats.Queued != 0 {
		t.Errorf("%d records arrived, counted %+v", s.Len(), stats)
	}
	if stats.Diverted == 0 || stats.Sent == 0 {
		t.Errorf("no records before or after the shutdown: %+v", stats)
	}
}
