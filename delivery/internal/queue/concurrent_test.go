package queue

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestConcurrent checks with many goroutines that each accepted frame is taken exactly
// once and unchanged or counted as dropped, and that the frames of a goroutine keep
// their order.
func TestConcurrent(t *testing.T) {
	for name, cfg := range map[string]Config{
		"block":       {Bytes: 16_000, BlockTimeout: time.Hour},
		"drop newest": {Bytes: 16_000},
		"drop oldest": {Bytes: 16_000, DropOldest: true},
		"large":       {Bytes: 1 << 20, BlockTimeout: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const goroutines, each = 8, 5000
			q := New(cfg)
			var producers sync.WaitGroup
			for g := range goroutines {
				producers.Go(func() {
					rnd := rand.New(rand.NewPCG(1, uint64(g)))
					var frame []byte
					for i := range each {
						frame = fmt.Appendf(frame[:0], "%d %d ", g, i)
						frame = append(frame, bytes.Repeat([]byte{byte('a' + g)}, rnd.IntN(300))...)
						if rnd.IntN(1000) == 0 { // does not fit into most chunks
							frame = append(frame, make([]byte, 3000)...)
							frame = bytes.ReplaceAll(frame, []byte{0}, []byte("!"))
						}
						frame = append(frame, 0)
						if err := q.Put(frame, rnd.IntN(20) == 0); err != nil && err != ErrFull {
							t.Error(err)
						}
						clear(frame) // the queue must not keep it
					}
				})
			}
			go func() {
				producers.Wait()
				q.Close()
			}()
			taken := takeAll(t, q)
			s := q.Stats()
			s.check(t)
			if s.Delivered != uint64(taken) || s.Queued != 0 || s.In+s.Full != goroutines*each {
				t.Errorf("took %d frames of %d; counted %+v", taken, goroutines*each, s)
			}
			if cfg.BlockTimeout > 0 && taken != goroutines*each {
				t.Errorf("took %d frames, want %d", taken, goroutines*each)
			}
		})
	}
}

// takeAll takes frames until the queue is closed and empty, checks them, and returns
// their number.
func takeAll(t *testing.T, q *Queue) (taken int) {
	rnd := rand.New(rand.NewPCG(2, 3))
	last := make(map[int]int)
	for !q.Drained() {
		c, _ := q.Take()
		if c == nil {
			q.Stats().check(t)
			runtime.Gosched()
			continue
		}
		for frame := range bytes.SplitAfterSeq(c.data, []byte{0}) {
			if len(frame) == 0 {
				continue
			}
			var g, i int
			if _, err := fmt.Sscan(string(frame), &g, &i); err != nil {
				t.Fatalf("frame %q: %v", frame, err)
			}
			text := frame[len(fmt.Sprintf("%d %d ", g, i)) : len(frame)-1]
			if len(bytes.Trim(text, string(rune('a'+g))+"!")) > 0 {
				t.Fatalf("frame %q was changed", frame)
			}
			if before, ok := last[g]; ok && i <= before {
				t.Fatalf("goroutine %d: frame %d after %d", g, i, before)
			}
			last[g] = i
			taken++
		}
		if half := c.frameEnd(len(c.data) / 2); rnd.IntN(2) == 0 && half > 0 {
			q.deliveredTo(c, half)
		}
		q.deliveredTo(c, len(c.data))
		q.done(c)
	}
	return taken
}

// TestRoom checks that a room which goroutines fill while another closes and opens it
// contains each frame that was accepted, and nothing else.
func TestRoom(t *testing.T) {
	const goroutines = 8
	r := &room{buf: make([]byte, 1000)}
	r.open(0, 0)
	stop := make(chan struct{})
	accepted := make([]int, goroutines)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for n := 1; ; n = n%90 + 1 {
				if _, ok := r.put(bytes.Repeat([]byte{byte(g + 1)}, n)); ok {
					accepted[g] += n
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	got := make([]int, goroutines)
	empty := func() {
		frames, size := r.close()
		r.await(size)
		if (frames == 0) != (size == 0) || frames > size {
			t.Errorf("%d frames in %d bytes", frames, size)
		}
		for _, b := range r.buf[:size] {
			if b == 0 {
				t.Fatal("a frame is missing")
			}
			got[b-1]++
		}
		clear(r.buf)
	}
	for range 2000 {
		runtime.Gosched()
		empty()
		r.open(0, 0)
	}
	close(stop)
	all.Wait()
	empty()
	if !slices.Equal(got, accepted) || slices.Max(got) == 0 {
		t.Errorf("bytes of the goroutines: %v, want %v", got, accepted)
	}
}
