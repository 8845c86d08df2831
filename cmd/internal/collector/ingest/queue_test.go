package ingest

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

func TestQueueIsBounded(t *testing.T) {
	small, big := index.Row{Message: "x"}, index.Row{Message: strings.Repeat("x", 10_000)}
	tests := []struct {
		name              string
		maxRows, maxBytes int
		put               index.Row
		want              int // rows that fit
	}{
		{"by number", 3, 1 << 20, small, 3},
		{"by size", 100, 15_000, big, 2},
		{"one that is too large alone", 100, 100, big, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue()
				q.maxRows, q.maxBytes = tt.maxRows, tt.maxBytes
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() { q.enqueue(tt.put) })
				}
				var batch []index.Row
				for got := 0; got < 10; {
					synctest.Wait()
					if n := q.Len(); n != min(tt.want, 10-got) {
						t.Fatalf("%d rows are queued, want %d", n, tt.want)
					}
					taken, more := q.Dequeue(batch)
					got += len(taken)
					batch = taken
					if !more {
						t.Fatal("the queue is closed")
					}
				}
				wg.Wait()
				q.Close()
				if taken, more := q.Dequeue(nil); len(taken) != 0 || more {
					t.Errorf("a closed queue gives %d rows, %v", len(taken), more)
				}
			})
		})
	}
}
