package delivery

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
)

// TestFlushClosed checks that a Flush without a deadline returns when the client is
// shut down, with an error about the records that were not sent. With a spool, a later
// Flush returns such an error too.
func TestFlushClosed(t *testing.T) {
	for name, spooled := range map[string]bool{"memory": false, "spool": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := Config{OnError: func(error) {}}
				if spooled {
					d = spoolOnPressure(t.TempDir())
				}
				h, err := open(testConfig{Delivery: d})
				if err != nil {
					t.Fatal(err)
				}
				h.sink.(*transport).sender.dial = func(ctx context.Context) (conn.Link, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				const n, wait = 3, 20 * time.Second
				for range n {
					h.Handle(context.Background(), record("m"))
				}
				result := make(chan error, 1)
				flushing := within(t, wait)
				go func() { result <- h.Flush(flushing) }()
				synctest.Wait() // Flush waits
				now, cancel := context.WithCancel(context.Background())
				cancel()
				h.Shutdown(now)
				expect := func(err error) {
					t.Helper()
					var u *UndeliveredError
					if !errors.As(err, &u) || u.Queued+u.Dropped != n || errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("Flush returns %v, want an error about %d records at once", err, n)
					} else if spooled && (u.Queued != n || !errors.Is(err, ErrClosed)) {
						t.Errorf("Flush returns %v, want one about queued records of a closed handler", err)
					}
				}
				expect(<-result)
				if spooled {
					expect(h.Flush(within(t, wait)))
				}
				balanced(t, h.Stats())
			})
		})
	}
}
