package handler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// numbered returns a frame of 100 bytes.
func numbered(i int) []byte {
	return append(bytes.Repeat([]byte(" "), 99-len(fmt.Sprint(i))), fmt.Sprintf("%d\x00", i)...)
}

// list returns the numbers of all frames.
func (q *queue) list(t *testing.T) (all []int) {
	t.Helper()
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

// drain takes all frames and returns their numbers.
func (q *queue) drain(t *testing.T) []int {
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

func statsOf(t *testing.T, q *queue) (s Stats) {
	t.Helper()
	q.addStats(&s)
	balanced(t, s)
	return s
}

// TestDropNewest holds that what does not fit is dropped and counted, and that
// the last quarter of the memory is for records from Warn on.
func TestDropNewest(t *testing.T) {
	q := newQueue(&Delivery{Queue: 8000})
	for i := range 100 {
		err := q.put(numbered(i), false)
		if want := i >= 60; (err == ErrQueueFull) != want {
			t.Fatalf("Info %d: %v", i, err)
		}
	}
	for i := 100; i < 150; i++ {
		err := q.put(numbered(i), true)
		if want := i >= 120; (err == ErrQueueFull) != want {
			t.Fatalf("Error %d: %v", i, err)
		}
	}
	if s := statsOf(t, q); s.Accepted != 150 || s.Queued != 80 || s.Dropped.QueueFull != 70 || s.QueuedBytes != 8000 {
		t.Errorf("counted %+v", s)
	}
	want := 0
	for _, i := range q.drain(t) {
		if i != want {
			t.Fatalf("%d came where %d was next", i, want)
		}
		if want++; want == 60 {
			want = 100
		}
	}
	if s := statsOf(t, q); s.Sent != 80 || s.Queued != 0 {
		t.Errorf("counted %+v", s)
	}
}

// TestDropOldest holds that no Error is dropped while there is an Info, nor for
// one, that the oldest go first, that the order is kept and each one dropped is
// counted.
func TestDropOldest(t *testing.T) {
	for _, every := range []int{0, 1, 2, 7, 50} { // how often an Error comes
		t.Run(fmt.Sprint(every), func(t *testing.T) {
			q := newQueue(&Delivery{Queue: 80_000, Overflow: DropOldest})
			urgent := func(i int) bool { return every > 0 && i%every == 0 }
			const n = 5000
			var have []int // in the queue
			for i := range n {
				dropped := q.oldest
				err := q.put(numbered(i), urgent(i))
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
					if k := slices.IndexFunc(left, func(i int) bool { return !urgent(i) }); k >= 0 && (urgent(gone) || gone > left[k]) {
						t.Fatalf("record %d: %d was dropped while Info %d is there", i, gone, left[k])
					}
				}
				have = left
			}
			s := statsOf(t, q)
			left := q.drain(t)
			if !slices.Equal(left, have) || s.Accepted != n || s.Dropped.Total() != uint64(n-len(left)) || s.Dropped.Oldest == 0 {
				t.Errorf("counted %+v, %d are left", s, len(left))
			}
			if len(left) < 500 {
				t.Errorf("%d are left of 800 for which there is room", len(left))
			}
		})
	}
}

// full returns a handler whose server does not answer and whose queue has no
// room for an Info.
func full(t *testing.T, d Delivery) *Handler {
	t.Helper()
	d.Queue, d.OnError = 8000, func(error) {}
	blockTimeout := d.BlockTimeout
	h, err := New(Options{Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	w := h.sink.(*wire)
	w.sender.dial = func(ctx context.Context) (link, error) { <-ctx.Done(); return nil, ctx.Err() }
	w.queue.blockTimeout = 1
	for w.queue.put(numbered(0), false) == nil {
	}
	if blockTimeout > 0 {
		w.queue.blockTimeout = blockTimeout
	}
	return h
}

// TestBlock checks what ends the wait of Block: room, the end of the handler, the
// time, but not the context of the call.
func TestBlock(t *testing.T) {
	for _, tc := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		then func(*Handler) // after 100 ms
		took time.Duration
		err  error
	}{
		{"BlockTimeout", nil, func(*Handler) {}, 300 * time.Millisecond, ErrQueueFull},
		{"context with a deadline", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 50*time.Millisecond)
		}, func(*Handler) {}, 300 * time.Millisecond, ErrQueueFull},
		{"context that has ended", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, func(h *Handler) { h.sink.(*wire).queue.clear() }, 100 * time.Millisecond, nil},
		{"room", nil, func(h *Handler) { h.sink.(*wire).queue.clear() }, 100 * time.Millisecond, nil},
		{"Close", nil, func(h *Handler) { h.Shutdown(ended()) }, 100 * time.Millisecond, ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := full(t, Delivery{Overflow: Block, BlockTimeout: 300 * time.Millisecond})
				before := h.Stats()
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if tc.ctx != nil {
					ctx, cancel = tc.ctx()
				}
				defer cancel()
				time.AfterFunc(100*time.Millisecond, func() { tc.then(h) })
				start := time.Now()
				err := h.Handle(ctx, record("m"))
				if took := time.Since(start); took != tc.took || !errors.Is(err, tc.err) {
					t.Errorf("returns %v after %v, want %v after %v", err, took, tc.err, tc.took)
				}
				time.Sleep(time.Second)
				s := h.Stats()
				balanced(t, s)
				refused := s.Dropped.QueueFull - before.Dropped.QueueFull
				if want := errors.Is(tc.err, ErrQueueFull); (refused == 1) != want {
					t.Errorf("counted %+v, before %+v", s, before)
				}
				h.Shutdown(ended())
				synctest.Wait()
			})
		})
	}
}

// TestBlockDelivers holds that with Block a slow server gets every record.
func TestBlockDelivers(t *testing.T) {
	srv := gelftest.NewServer(t)
	d := fast
	d.Queue, d.Overflow, d.BlockTimeout = 10_000, Block, time.Minute
	h := connect(t, srv, d)
	const n = 5000
	for i := range n {
		if err := h.Handle(t.Context(), record("m", slog.Int("i", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Flush(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	for i, r := range srv.Wait(n) {
		if r.Fields["i"] != int64(i) {
			t.Fatalf("record %v came where %d was next", r.Fields["i"], i)
		}
	}
	if s := h.Stats(); s.Dropped.Total() != 0 {
		t.Errorf("counted %+v", s)
	}
}

// told returns the losses that the server was told of.
func told(t *testing.T, srv *gelftest.Server) (d Dropped) {
	t.Helper()
	for _, r := range srv.Records() {
		full, ok := r.Fields["dropped_queue_full"].(int64)
		if !ok {
			continue
		}
		oldest := r.Fields["dropped_oldest"].(int64)
		d.QueueFull += uint64(full)
		d.Oldest += uint64(oldest)
		if r.Message.Message != fmt.Sprintf("%d records dropped", full+oldest) || r.Level != 4 {
			t.Errorf("level %d: %s", r.Level, r.Message.Message)
		}
	}
	return d
}

// TestLossesAreRecorded checks that Graylog gets the number of lost records, also
// when Close follows at once, and that no loss is left out.
func TestLossesAreRecorded(t *testing.T) {
	for _, policy := range []Overflow{DropNewest, DropOldest} {
		for _, outages := range []int{1, 2} {
			t.Run(fmt.Sprintf("policy %d, %d outages", policy, outages), func(t *testing.T) {
				srv := gelftest.NewServer(t)
				d := fast
				d.Queue, d.Overflow = 20_000, policy
				h := connect(t, srv, d)
				for n := range outages { // the second within noticePause
					srv.Stop()
					for range 1000 {
						h.Handle(t.Context(), record("m"))
					}
					srv.Start()
					flushed(t, h)
					if n < outages-1 { // lest the next outage costs what is in the server's buffer
						until(t, "all is read", func() bool {
							s := h.Stats()
							return srv.Len() == int(s.Sent) && s.Queued == 0 && told(t, srv) == s.Dropped
						})
					}
				}
				if err := h.Close(); err != nil {
					t.Fatal(err)
				}
				s := h.Stats()
				balanced(t, s)
				srv.WaitLen(int(s.Sent))
				if d := told(t, srv); d != s.Dropped || d.Total() == 0 {
					t.Errorf("Graylog was told of %+v, counted %+v", d, s.Dropped)
				}
			})
		}
	}
}
