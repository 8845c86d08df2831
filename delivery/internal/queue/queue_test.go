package queue

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestQueueMemory checks that a queue of any size never exceeds its memory limit, and
// accepts frames as long as they fit.
func TestQueueMemory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, limit := range []int{1, 7, 8, 100, 1000, 64 << 10, 1 << 20} {
		q := New(Config{Bytes: limit})
		var mine *Chunk
		for range 1000 {
			switch rnd.IntN(5) {
			case 0:
				if mine != nil {
					q.deliveredTo(mine, mine.frameEnd(rnd.IntN(len(mine.data)+1)))
					q.done(mine)
					mine = nil
				}
				if q.first != nil {
					q.mu.Lock()
					mine = q.takeFirst()
					q.mu.Unlock()
				}
			default:
				n := 1 + rnd.IntN(limit+2)
				err := q.Put(append(bytes.Repeat([]byte("x"), n-1), 0), rnd.IntN(2) == 0)
				if err != nil && err != ErrFull {
					t.Fatal(err)
				}
				if n > limit && err == nil {
					t.Fatalf("limit %d: a frame of %d bytes was taken", limit, n)
				}
			}
			s := q.Stats()
			s.check(t)
			if q.memory > limit || int(s.QueuedBytes) > q.memory {
				t.Fatalf("limit %d: %d bytes queued in a memory of %d", limit, s.QueuedBytes, q.memory)
			}
		}
		if mine != nil {
			q.done(mine)
		}
		q.Clear()
		if q.queuedBytes != 0 || q.in != q.out {
			t.Errorf("limit %d: %d bytes and %d records in an empty queue", limit, q.queuedBytes, q.in-q.out)
		}
		if err := q.Put(append(bytes.Repeat([]byte("x"), limit-1), 0), true); err != nil {
			t.Errorf("limit %d: an empty queue has no room for a frame of that size: %v", limit, err)
		}
	}
}
