package handler

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestQueueMemory holds that a queue of any size never has more memory than its
// limit, and takes frames as long as there is room.
func TestQueueMemory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, limit := range []int{1, 7, 8, 100, 1000, 64 << 10, 1 << 20} {
		q := newQueue(&Delivery{Queue: limit})
		var mine *chunk
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
				err := q.put(append(bytes.Repeat([]byte("x"), n-1), 0), rnd.IntN(2) == 0)
				if err != nil && err != ErrQueueFull {
					t.Fatal(err)
				}
				if n > limit && err == nil {
					t.Fatalf("limit %d: a frame of %d bytes was taken", limit, n)
				}
			}
			if q.memory > limit || q.queuedBytes > q.memory {
				t.Fatalf("limit %d: %d bytes queued in a memory of %d", limit, q.queuedBytes, q.memory)
			}
			var s Stats
			q.addStats(&s)
			balanced(t, s)
		}
		if mine != nil {
			q.done(mine)
		}
		q.clear()
		if q.queuedBytes != 0 || q.in != q.out {
			t.Errorf("limit %d: %d bytes and %d records in an empty queue", limit, q.queuedBytes, q.in-q.out)
		}
		if err := q.put(append(bytes.Repeat([]byte("x"), limit-1), 0), true); err != nil {
			t.Errorf("limit %d: an empty queue has no room for a frame of that size: %v", limit, err)
		}
	}
}

// A fickle link takes some bytes and then breaks.
type fickle struct {
	quiet
	took *bytes.Buffer
	left int
}

func (c *fickle) write(_ context.Context, b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	c.took.Write(b[:n])
	c.written += n
	if n < len(b) {
		return n, errors.New("fickle")
	}
	return n, nil
}

// TestPartialWrites holds that connections which break in the middle of a frame
// cost neither a record nor the order, and that the next connection begins with
// a whole frame.
func TestPartialWrites(t *testing.T) {
	h, err := New(Options{Delivery: Delivery{OnError: func(error) {}, MinBackoff: 1, MaxBackoff: 1}})
	if err != nil {
		t.Fatal(err)
	}
	sizes := rand.New(rand.NewPCG(3, 4)) // the sender's
	var took []*bytes.Buffer
	h.sink.(*wire).sender.dial = func(context.Context) (link, error) {
		c := &fickle{took: new(bytes.Buffer), left: sizes.IntN(2000)}
		took = append(took, c.took)
		return c, nil
	}
	const n = 1000
	for i := range n {
		if err := h.Handle(context.Background(), record("m", slog.Int("i", i), slog.String("text", strings.Repeat("x", i%97)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	next := int64(0)
	for _, stream := range took {
		whole := stream.Bytes()
		whole = whole[:bytes.LastIndexByte(whole, 0)+1] // Graylog ignores the rest
		for r := gelf.NewReader(bytes.NewReader(whole)); ; next++ {
			frame, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			m, _, err := gelf.Decode(frame)
			if err != nil || m.Fields["i"] != next {
				t.Fatalf("record %v came where %d was next (%v)", m.Fields["i"], next, err)
			}
		}
	}
	if s := h.Stats(); next != n || s.Sent != n || s.Connects != uint64(len(took)) || len(took) < 10 {
		t.Errorf("%d records came over %d connections, counted %+v", next, len(took), s)
	}
}
