package delivery

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// TestFaultServerAbsentAtStart checks that records logged before the server starts
// arrive.
func TestFaultServerAbsentAtStart(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	l := newLoad(t, handler.Config{Server: s.URL()})
	time.AfterFunc(4*time.Second, s.Start)
	l.pace(200, 5*time.Second)
	nothingLost(t, l.account(t, s))
}

// TestFaultServerClosesUnderLoad checks servers that close or reset connections under
// load.
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
			// A server that has half closed a connection still reads from it
			// while it reads from the next one. A slow machine may interleave
			// the records of both, but the records of each are in order.
			if tc.name == "FIN" {
				inOrderOnEach(t, s)
			} else {
				inOrder(t, led)
			}
			if led.dropped != 0 {
				t.Errorf("%d records dropped, want 0", led.dropped)
			}
			if (tc.name == "FIN" || tc.name == "RST with Redeliver") && led.lost != 0 {
				t.Errorf("%d records lost, want 0", led.lost)
			}
		})
	}
}

// TestFaultOutage checks that an outage loses nothing, in memory or with a spool.
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
			return spooled(s, t.TempDir()) // the records exceed the memory
		}},
	} {
		t.Run(tc.outage.String(), func(t *testing.T) {
			t.Parallel()
			if tc.outage > 10*time.Second && testing.Short() {
				t.Skip("takes too long for -short")
			}
			s := gelftest.NewServer(t)
			opts := tc.opts(s)
			opts.Delivery.RedeliverBytes = 256 << 10 // covers what the server has not read when it stops
			l := newLoad(t, opts)
			time.AfterFunc(time.Second, s.Stop)
			time.AfterFunc(time.Second+tc.outage, s.Start)
			l.pace(2_000, 2*time.Second+tc.outage)
			nothingLost(t, l.account(t, s))
		})
	}
}

// TestFaultServerNeverReads checks that the queue of a server that never reads is
// bounded, and that the dropped records are counted and reported in a record.
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
		t.Errorf("%d bytes queued and %d records dropped, want at most 1 MiB and at least 1 record",
			stats.QueuedBytes, stats.Dropped.QueueFull)
	}
	s.Resume()
	led := l.account(t, s)
	inOrder(t, led)
	if led.lost > 0 && led.stats.Connects < 2 {
		t.Errorf("%d records were lost without being counted", led.lost)
	}
	if !slices.ContainsFunc(
		slices.Collect(messages(s)),
		func(m string) bool { return strings.HasSuffix(m, "records dropped") },
	) {
		t.Error("no record reports the dropped records")
	}
}
