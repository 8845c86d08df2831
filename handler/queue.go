package handler

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"
)

// chunkSize is the size of most chunks of a queue, and with it the most that
// is written in one call.
const chunkSize = 64 << 10

// maxSpare is how many empty chunks a queue keeps for the next records.
const maxSpare = 32

// linger is the least time between two chunks that are taken before they are
// full. A record that comes alone is sent at once; many of them share a write.
const linger = time.Millisecond

// A chunk holds whole frames, each with its NUL.
type chunk struct {
	next   *chunk // in the list it is in
	data   []byte
	frames int // in data[sent:]
	sent   int // bytes that were written, up to the end of a frame
}

// unsent returns the frames that are still to be written.
func (c *chunk) unsent() []byte { return c.data[c.sent:] }

// advance moves on by n written bytes, as far as they are whole frames, and
// returns the number of these and of their bytes.
func (c *chunk) advance(n int) (frames, size int) {
	size, frames = n, c.frames
	if n < len(c.unsent()) {
		size = bytes.LastIndexByte(c.data[c.sent:c.sent+n], 0) + 1
		frames = bytes.Count(c.data[c.sent:c.sent+size], []byte{0})
	}
	c.sent += size
	c.frames -= frames
	return frames, size
}

// A queue lies between the goroutines that log and the one that sends. It is a
// list of chunks: the last one is filled, the first one is taken by the sender
// whole, so that batches grow with the load. All memory it ever holds, be it
// full, in the sender's hands or spare, is within its limit.
type queue struct {
	limit int // bytes
	size  int // of a chunk, in bytes

	mu     sync.Mutex
	first  *chunk // oldest of the filled ones
	last   *chunk // frames are added to this one
	spare  *chunk
	spares int
	memory int // capacity of all chunks in bytes
	closed bool
	taken  time.Time     // when the sender took the last chunk
	idle   bool          // the sender waits for wake
	wake   chan struct{} // of one element
	moved  sync.Cond     // out has grown

	// The ledger: in = out + queued, and every record accepted is counted in
	// one of in and full.
	in, out     uint64 // frames put in, and sent or given up
	sent        uint64 // frames
	sentBytes   uint64
	queuedBytes int
	full        uint64 // frames that found no room
	abandoned   uint64 // frames given up
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit, size: min(chunkSize, max(limit/8, 1)), wake: make(chan struct{}, 1)}
	q.moved.L = &q.mu
	return q
}

// put adds a frame, NUL included. It never waits for more than the lock.
func (q *queue) put(frame []byte) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	c := q.room(len(frame))
	if c == nil {
		q.full++
		q.mu.Unlock()
		return ErrQueueFull
	}
	c.data = append(c.data, frame...)
	c.frames++
	q.in++
	q.queuedBytes += len(frame)
	wake := q.idle
	q.idle = false
	q.mu.Unlock()
	if wake {
		q.wake <- struct{}{}
	}
	return nil
}

// room returns the chunk for a frame of n bytes, nil if there is no room.
func (q *queue) room(n int) *chunk {
	if c := q.last; c != nil && len(c.data)+n <= cap(c.data) {
		return c
	}
	c := q.newChunk(n)
	switch {
	case c == nil:
		return nil
	case q.last == nil:
		q.first = c
	default:
		q.last.next = c
	}
	q.last = c
	return c
}

func (q *queue) newChunk(n int) *chunk {
	if n <= q.size && q.spare != nil {
		return q.takeSpare()
	}
	size := max(n, q.size)
	for q.memory+size > q.limit && q.spare != nil {
		q.memory -= cap(q.takeSpare().data)
	}
	if q.memory+size > q.limit {
		return nil
	}
	q.memory += size
	return &chunk{data: make([]byte, 0, size)}
}

func (q *queue) takeSpare() *chunk {
	c := q.spare
	q.spare, c.next = c.next, nil
	q.spares--
	return c
}

// takeFirst takes the oldest chunk off the list of the filled ones.
func (q *queue) takeFirst() *chunk {
	c := q.first
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	return c
}

// next returns the oldest chunk, for the sender alone until it calls done. It
// waits for one to come. It returns nil once the queue is closed and empty, or
// the context has ended.
func (q *queue) next(ctx context.Context) *chunk {
	for {
		q.mu.Lock()
		if ctx.Err() != nil {
			q.mu.Unlock()
			return nil
		}
		if q.first != nil {
			now := time.Now()
			if pause := linger - now.Sub(q.taken); pause > 0 && q.first == q.last && !q.closed {
				q.mu.Unlock()
				time.Sleep(pause)
				continue
			}
			q.taken = now
			c := q.takeFirst()
			q.mu.Unlock()
			return c
		}
		if q.closed {
			q.mu.Unlock()
			return nil
		}
		q.idle = true
		q.mu.Unlock()
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
}

// wrote counts the first n unsent bytes of the sender's chunk as written, as
// far as they are whole frames.
func (q *queue) wrote(c *chunk, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	frames, size := c.advance(n)
	q.sent += uint64(frames)
	q.sentBytes += uint64(size)
	q.leave(frames, size)
}

// done takes the sender's chunk back. What it has not written is given up.
func (q *queue) done(c *chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.abandon(c)
	if cap(c.data) != q.size || q.spares == maxSpare {
		q.memory -= cap(c.data)
		return
	}
	*c = chunk{data: c.data[:0], next: q.spare}
	q.spare = c
	q.spares++
}

// clear gives up all that is queued.
func (q *queue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.first != nil {
		c := q.takeFirst()
		q.abandon(c)
		q.memory -= cap(c.data)
	}
}

func (q *queue) abandon(c *chunk) {
	q.abandoned += uint64(c.frames)
	q.leave(c.frames, len(c.unsent()))
}

func (q *queue) leave(frames, size int) {
	q.out += uint64(frames)
	q.queuedBytes -= size
	q.moved.Broadcast()
}

// close refuses all further frames.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	wake := q.idle
	q.idle = false
	q.mu.Unlock()
	if wake {
		q.wake <- struct{}{}
	}
}

// flushed waits until all frames put before it have left the queue. Its error
// says how many have not, and why the context ended.
func (q *queue) flushed(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for target := q.in; q.out < target; q.moved.Wait() {
		if ctx.Err() != nil {
			return fmt.Errorf("%d records not sent: %w", target-q.out, context.Cause(ctx))
		}
	}
	return nil
}

func (q *queue) addStats(s *Stats) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s.Accepted += q.in + q.full
	s.Sent = q.sent
	s.SentBytes = q.sentBytes
	s.Queued = q.in - q.out
	s.QueuedBytes = uint64(q.queuedBytes)
	s.Dropped.QueueFull = q.full
	s.Dropped.Closed = q.abandoned
}
