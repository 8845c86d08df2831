package queue

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// windowOf returns a window with chunks of one-letter frames: "ab|c" are two
// chunks with the frames "a", "b" and "c".
func windowOf(keep int, chunks string) *Window {
	q := New(Config{Bytes: 1 << 20})
	q.size = 1 // frames of two chunks do not fit into one
	w := &Window{queue: q, keep: keep}
	for text := range strings.SplitSeq(chunks, "|") {
		c := q.newChunk(2*len(text), 1<<20)
		for _, letter := range text {
			c.add([]byte{byte(letter), 0}, false)
			q.in++
			q.queuedBytes += 2
		}
		w.Push(c)
	}
	return w
}

// write writes up to n bytes, like the sender, and returns them.
func (w *Window) write(n int) (wire []byte) {
	for n > 0 {
		c := w.Unwritten()
		if c == nil {
			break
		}
		part := c.data[c.written:min(c.written+n, len(c.data))]
		wire = append(wire, part...)
		c.written += len(part)
		n -= len(part)
	}
	return wire
}

// TestWindow checks what is written to a second link after a part of the bytes of the
// first link has reached the server.
func TestWindow(t *testing.T) {
	for _, tc := range []struct {
		chunks                 string
		keep                   int
		written, reached       int
		second                 string
		delivered, redelivered int
	}{
		{"abc|def", 0, 0, 0, "abcdef", 0, 0},
		{"abc|def", 0, 12, 0, "abcdef", 0, 6},
		{"abc|def", 0, 12, 2, "bcdef", 1, 5},
		{"abc|def", 0, 12, 3, "bcdef", 1, 5}, // in the middle of b
		{"abc|def", 0, 12, 6, "def", 3, 3},
		{"abc|def", 0, 12, 7, "def", 3, 3},
		{"abc|def", 0, 12, 11, "f", 5, 1},
		{"abc|def", 0, 12, 12, "", 6, 0},
		{"abc|def", 0, 9, 8, "ef", 4, 0}, // half of e was written
		{"abc|def", 0, 5, 4, "cdef", 2, 0},
		{"abc|def", 4, 12, 12, "ef", 6, 2},
		{"abc|def", 5, 12, 12, "def", 6, 3}, // only complete frames are kept
		{"abc|def", 6, 12, 8, "bcdef", 4, 5},
		{"abc|def", 100, 12, 8, "abcdef", 4, 6},
		{"a|b|c|d", 2, 8, 6, "cd", 3, 2},
	} {
		t.Run(
			fmt.Sprintf("%s keep %d written %d reached %d", tc.chunks, tc.keep, tc.written, tc.reached),
			func(t *testing.T) {
				w := windowOf(tc.keep, tc.chunks)
				w.write(tc.written)
				if progress, again := w.Settle(tc.reached); progress != (tc.reached > 0) || again != 0 {
					t.Errorf("settle reports progress %t and %d records again", progress, again)
				}
				if progress, _ := w.Settle(tc.reached); progress {
					t.Error("settle reports progress twice")
				}
				w.Rewind()
				second := strings.ReplaceAll(string(w.write(1000)), "\x00", "")
				if second != tc.second {
					t.Errorf("the second link gets %q, want %q", second, tc.second)
				}
				s := w.queue.Stats()
				if s.check(t); s.Delivered != uint64(tc.delivered) {
					t.Errorf("%d delivered, want %d", s.Delivered, tc.delivered)
				}
				if _, again := w.Settle(2 * len(second)); again != tc.redelivered {
					t.Errorf("%d records counted as sent again, want %d", again, tc.redelivered)
				}
				if w.Waiting() {
					t.Error("frames wait, although all have arrived")
				}
				w.Forget()
				if w.first != nil || len(w.kept.data) != 0 || w.queue.memory != w.queue.freeChunks*w.queue.size {
					t.Errorf("forget leaves %d bytes", len(w.kept.data))
				}
				s = Stats{}
				s = w.queue.Stats()
				if s.check(t); s.Queued != 0 || (s.Full+s.Oldest+s.Closed+s.Damaged) != 0 {
					t.Errorf("at the end counted %+v", s)
				}
			},
		)
	}
}

// TestWindowGivesUp checks that undelivered frames are counted when a window is
// cleared.
func TestWindowGivesUp(t *testing.T) {
	w := windowOf(0, "abc|def")
	w.write(12)
	w.Settle(8)
	w.Clear()
	s := w.queue.Stats()
	if s.check(t); s.Delivered != 4 || s.Closed != 2 || s.Queued != 0 {
		t.Errorf("counted %+v", s)
	}
}

// TestWindowMerges checks that chunks with single frames, taken one by one, do not
// occupy the memory of full chunks until they are acknowledged.
func TestWindowMerges(t *testing.T) {
	q := New(Config{Bytes: 1 << 20})
	w := &Window{queue: q}
	const n = 10_000
	for i := range n {
		if err := q.Put(fmt.Appendf(nil, "record %d\x00", i), i%2 == 0); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		q.mu.Lock()
		c := q.takeFirst()
		q.mu.Unlock()
		w.Push(c)
	}
	wire := w.write(1 << 20)
	w.Settle(len(wire))
	for i, frame := range bytes.Split(bytes.TrimSuffix(wire, []byte{0}), []byte{0}) {
		if string(frame) != fmt.Sprintf("record %d", i) {
			t.Fatalf("got %q, want %d", frame, i)
		}
	}
	s := q.Stats()
	if s.check(t); s.Delivered != n || w.Waiting() {
		t.Errorf("counted %+v", s)
	}
}

// TestWindowRandom checks, for links that break anywhere, that no frame is missing and
// that frames are sent twice only if necessary.
func TestWindowRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		keep := rnd.IntN(3) * rnd.IntN(200)
		q := New(Config{Bytes: 1 << 20})
		w := &Window{queue: q, keep: keep}
		put, arrived, partial := 0, 0, []byte(nil) // arrived: the next number that is new
		var unread []byte
		for range 200 {
			switch rnd.IntN(5) {
			case 0, 1:
				for range rnd.IntN(20) {
					if err := q.Put(fmt.Appendf(nil, "%d\x00", put), false); err != nil {
						t.Fatal(err)
					}
					put++
				}
				if q.first != nil && w.Unwritten() == nil {
					q.mu.Lock()
					c := q.takeFirst()
					q.mu.Unlock()
					w.Push(c)
				}
			case 2, 3:
				unread = append(unread, w.write(rnd.IntN(100))...)
				n := rnd.IntN(len(unread) + 1)
				partial = append(partial, unread[:n]...)
				unread = unread[n:]
				w.Settle(w.reached + n)
			case 4: // the link breaks
				w.Rewind()
				unread, partial = nil, nil
			}
			for {
				frame, rest, ok := bytes.Cut(partial, []byte{0})
				if !ok {
					break
				}
				partial = rest
				var i int
				if _, err := fmt.Sscan(string(frame), &i); err != nil || i > arrived {
					t.Fatalf("keep %d: got frame %q, want %d: %v", keep, frame, arrived, err)
				}
				if keep == 0 && i < arrived {
					t.Fatalf("got frame %d twice, want %d", i, arrived)
				}
				arrived = max(arrived, i+1)
			}
			s := q.Stats()
			if s.check(t); int(s.Delivered) != arrived {
				t.Fatalf("%d frames have arrived, %d are counted", arrived, s.Delivered)
			}
		}
	}
}

// TestWindowEmptyLast checks that unacknowledged frames count as waiting although a
// completely damaged block follows them.
func TestWindowEmptyLast(t *testing.T) {
	w := Window{queue: New(Config{Bytes: 1 << 20})}
	w.Push(&Chunk{data: []byte("{}\x00"), frames: 1, spooled: true})
	w.Push(&Chunk{spooled: true})
	if !w.Waiting() {
		t.Error("nothing is waiting, although nothing was acknowledged")
	}
}
