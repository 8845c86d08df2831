package queue

import (
	"context"
	"testing"
	"testing/synctest"
)

// TestFlushCounts checks that a flush returns the result of the frames added before it:
// later frames, dropped or not, do not end it early, and a drop is reported once.
func TestFlushCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Config{Bytes: 8000, DropOldest: true})
		type result struct{ queued, dropped uint64 }
		start := func() (context.CancelFunc, chan result) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan result, 1)
			go func() {
				queued, dropped := q.Flush(ctx)
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
					t.Errorf(
						"%s: queued %d, dropped %d; want %d and %d",
						what,
						got.queued,
						got.dropped,
						want.queued,
						want.dropped,
					)
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
			q.Put(numbered(i), true)
		}
		_, first := start()
		for i := range 200 { // these drop each other, not the first ten
			q.Put(numbered(100+i), false)
		}
		pending("later records were dropped", first)
		cancel, second := start()
		_, third := start()
		cancel()
		dropped := q.oldest
		expect("the second is canceled", second, result{q.Stats().Queued, dropped})
		for c := q.takeFirst(); c != nil; c = nil { // the chunk of the first ten
			q.deliveredTo(c, len(c.data))
			q.done(c)
		}
		expect("all of the first are delivered", first, result{0, 0})
		q.Clear() // gives up the other frames
		expect("the third waits for the same records", third, result{0, dropped + q.givenUp})
		_, fourth := start()
		expect("all drops are reported", fourth, result{0, 0})
	})
}
