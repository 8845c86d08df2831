package collector

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueueBounds(t *testing.T) {
	small, big := row{message: "x"}, row{message: strings.Repeat("x", 10_000)}
	tests := []struct {
		name              string
		maxRows, maxBytes int
		put               row
		want              int // rows that fit
	}{
		{"by number", 3, 1 << 20, small, 3},
		{"by size", 100, 15_000, big, 2},
		{"one that is too large alone", 100, 100, big, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue()
				q.maxRows, q.maxBytes = tt.maxRows, tt.maxBytes
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() { q.put(tt.put) })
				}
				var batch []row
				for got := 0; got < 10; {
					synctest.Wait()
					if n := q.len(); n != min(tt.want, 10-got) {
						t.Fatalf("%d rows are queued, want %d", n, tt.want)
					}
					taken, more := q.take(batch)
					got += len(taken)
					batch = taken
					if !more {
						t.Fatal("the queue says that nothing follows")
					}
				}
				wg.Wait()
				q.close()
				if taken, more := q.take(nil); len(taken) != 0 || more {
					t.Errorf("a closed queue gives %d rows, %v", len(taken), more)
				}
			})
		})
	}
}

// While the store does not take anything, senders are slowed and nothing is
// lost.
func TestBackpressure(t *testing.T) {
	c := start(t, Options{OnError: func(error) {}})
	limitPages(t, c.store, 1)
	const n = 120 // of 1 MiB: more than the queue, a batch and the kernel hold
	text := strings.Repeat("x", 1<<20)
	conn := dial(t, c, "TTP Logs")
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if _, err := fmt.Fprint(conn, frame("TTP_a", text), "\x00"); err != nil {
				sent <- fmt.Errorf("frame %d: %w", i, err)
				return
			}
		}
		sent <- nil
	}()
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-sent:
		t.Fatalf("the sender is done while nothing is stored: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	if s := c.Stats(); s.Received > 2*queueBytes>>20+2 {
		t.Errorf("%d MiB are in memory, want at most twice the queue", s.Received)
	}
	limitPages(t, c.store, 1<<30)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	await(t, c, Query{Stream: "TTP"}, n)
}
