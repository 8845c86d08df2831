package queue

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// list returns the numbers of all frames.
func (q *Queue) list(t *testing.T) (all []int) {
	t.Helper()
	q.closeOpen()
	for c := q.first; c != nil; c = c.next {
		for frame := range bytes.SplitSeq(bytes.TrimSuffix(c.data, []byte{0}), []byte{0}) {
			i, err := strconv.Atoi(strings.TrimLeft(string(frame), " "))
			if err != nil {
				t.Fatalf("frame %q: %v", frame, err)
			}
			all = append(all, i)
		}
	}
	return all
}

// drain removes all frames and returns their numbers.
func (q *Queue) drain(t *testing.T) []int {
	t.Helper()
	all := q.list(t)
	for q.first != nil {
		q.mu.Lock()
		c := q.takeFirst()
		q.mu.Unlock()
		q.deliveredTo(c, len(c.data))
		q.done(c)
	}
	return all
}

func statsOf(t *testing.T, q *Queue) (s Stats) {
	t.Helper()
	s = q.Stats()
	s.check(t)
	return s
}

// numbered returns a frame of 100 bytes.
func numbered(i int) []byte {
	return append(bytes.Repeat([]byte(" "), 99-len(fmt.Sprint(i))), fmt.Sprintf("%d\x00", i)...)
}

// TestDropNewest checks that frames which do not fit are dropped and counted, and that
// the last quarter of the memory is reserved for urgent frames.
func TestDropNewest(t *testing.T) {
	q := New(Config{Bytes: 8000})
	for i := range 100 {
		err := q.Put(numbered(i), false)
		if want := i >= 60; (err == ErrFull) != want {
			t.Fatalf("Info %d: %v", i, err)
		}
	}
	for i := 100; i < 150; i++ {
		err := q.Put(numbered(i), true)
		if want := i >= 120; (err == ErrFull) != want {
			t.Fatalf("Error %d: %v", i, err)
		}
	}
	if s := statsOf(t, q); (s.In+s.Full) != 150 || s.Queued != 80 || s.Full != 70 || s.QueuedBytes != 8000 {
		t.Errorf("counted %+v", s)
	}
	want := 0
	for _, i := range q.drain(t) {
		if i != want {
			t.Fatalf("got %d, want %d", i, want)
		}
		if want++; want == 60 {
			want = 100
		}
	}
	if s := statsOf(t, q); s.Delivered != 80 || s.Queued != 0 {
		t.Errorf("counted %+v", s)
	}
}

// TestDropOldest checks that the oldest frames are dropped first, that no urgent frame
// is dropped in favor of another one, that the order is kept, and that each drop is
// counted.
func TestDropOldest(t *testing.T) {
	for _, every := range []int{0, 1, 2, 7, 50} { // every how many frames are urgent
		t.Run(fmt.Sprint(every), func(t *testing.T) {
			q := New(Config{Bytes: 80_000, DropOldest: true})
			urgent := func(i int) bool { return every > 0 && i%every == 0 }
			const n = 5000
			var have []int // numbers in the queue
			for i := range n {
				dropped := q.oldest
				err := q.Put(numbered(i), urgent(i))
				if err == nil {
					have = append(have, i)
				}
				infos := slices.ContainsFunc(have, func(i int) bool { return !urgent(i) })
				if err != nil && (urgent(i) || infos) {
					t.Fatalf("record %d: %v", i, err)
				}
				if q.memory > q.limit {
					t.Fatalf("record %d: a memory of %d bytes", i, q.memory)
				}
				if q.oldest == dropped {
					continue
				}
				left := q.list(t)
				if !slices.IsSorted(left) || q.oldest-dropped != uint64(len(have)-len(left)) {
					t.Fatalf("record %d: of %v there is %v, %d were dropped", i, have, left, q.oldest-dropped)
				}
				for _, gone := range have {
					if slices.Contains(left, gone) {
						continue
					}
					if k := slices.IndexFunc(
						left,
						func(i int) bool { return !urgent(i) },
					); k >= 0 && (urgent(gone) || gone > left[k]) {
						t.Fatalf("record %d: %d was dropped before Info %d", i, gone, left[k])
					}
				}
				have = left
			}
			s := statsOf(t, q)
			left := q.drain(t)
			if !slices.Equal(
				left,
				have,
			) || (s.In+s.Full) != n || s.Full+s.Oldest+s.Closed+s.Damaged != uint64(n-len(left)) || s.Oldest == 0 {
				t.Errorf("counted %+v, %d are left", s, len(left))
			}
			if len(left) < 500 {
				t.Errorf("%d are left of 800 for which there is room", len(left))
			}
		})
	}
}
