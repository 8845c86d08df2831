package handler

import (
	"slices"
	"sync"
	"time"
)

// chunkSize is the size of most chunks of a queue.
const chunkSize = 64 << 10

// maxSpare is how many empty chunks a queue keeps for the next records.
const maxSpare = 32

// linger is the least time between two chunks that are taken before they are
// full. A record that comes alone is sent at once; many of them share a write.
const linger = time.Millisecond

// A queue lies between the goroutines that log and the one that sends. It is a
// list of chunks: the last one is filled, the first one is taken by the sender
// whole, so that batches grow with the load. All memory it ever holds, be it
// full, in the sender's hands or spare, is within its limit, but for what comes
// back from a spool while new records have filled the rest: half of it at most.
type queue struct {
	limit        int // bytes
	size         int // of a chunk, in bytes
	overflow     Overflow
	blockTimeout time.Duration

	mu     sync.Mutex
	first  *chunk // oldest of the filled ones
	last   *chunk // frames are added to this one
	spare  *chunk
	spares int
	memory int // capacity of all chunks in bytes
	closed bool
	ended  bool          // the sender has ended: what is queued is in the spool and stays there
	hands  []*chunk      // of the sender, oldest first
	disk   *disk         // nil without a spool
	taken  time.Time     // when the sender took the last chunk
	idle   bool          // the sender waits for wake
	wake   chan struct{} // of one element
	moved  sync.Cond     // out has grown
	room   sync.Cond     // there is room for those who wait for it

	// The ledger: in = out + queued, and every record accepted is counted in
	// one of in and full.
	in, out     uint64 // frames put in, and delivered or given up
	position    uint64 // of the last frame put in by this handler, from 1
	delivered   uint64 // frames
	bytes       uint64 // of the delivered frames
	queuedBytes int
	full        uint64 // frames that found no room
	oldest      uint64 // frames that made room for newer ones
	abandoned   uint64 // frames given up at the end
	damaged     uint64 // frames that the spool could not give back

	flushes []*flush // under way
	told    uint64   // dropped frames that an earlier flush has reported
}

func newQueue(d *Delivery) *queue {
	limit := d.Queue - reserve(d.Redeliver)
	q := &queue{
		limit: limit, size: min(chunkSize, max(limit/8, 1)),
		overflow: d.Overflow, blockTimeout: d.BlockTimeout,
		wake: make(chan struct{}, 1),
	}
	q.moved.L, q.room.L = &q.mu, &q.mu
	return q
}

// put adds a frame, NUL included. Unless the overflow policy is Block, it never
// waits for more than the lock. Urgent frames may use the last quarter of the
// memory, which a flood of others leaves to them.
func (q *queue) put(frame []byte, urgent bool) error {
	q.mu.Lock()
	c := q.last
	if c == nil || q.closed || len(c.data)+len(frame) > cap(c.data) {
		var err error
		if c, err = q.roomFor(len(frame), urgent); err != nil {
			q.mu.Unlock()
			return err
		}
	}
	q.add(c, frame, urgent)
	wake := q.idle
	q.idle = false
	pressed := q.disk != nil && q.memory-q.spares*q.size > q.limit/2
	q.mu.Unlock()
	if wake {
		q.ring()
	}
	if pressed {
		q.disk.hurry()
	}
	return nil
}

// add adds a frame to a chunk that has room for it.
func (q *queue) add(c *chunk, frame []byte, urgent bool) {
	q.in++
	q.position++
	q.queuedBytes += len(frame)
	if c.frames == 0 {
		c.first = q.position
	}
	c.add(frame, urgent)
}

// putOwn adds a frame of the handler's own, even to a queue that is closed.
func (q *queue) putOwn(frame []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.chunkFor(len(frame), true)
	if c == nil {
		return ErrQueueFull
	}
	q.add(c, frame, true)
	return nil // the sender calls this, and need not be woken
}

// ring wakes the sender.
func (q *queue) ring() { signal(q.wake) }

// signal sends to a channel of one element, unless that is full.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// append makes a chunk the last one.
func (q *queue) append(c *chunk) {
	c.next = nil
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

// chunkFor returns the chunk for a frame of n bytes, nil if there is no room.
func (q *queue) chunkFor(n int, urgent bool) *chunk {
	if c := q.last; c != nil && len(c.data)+n <= cap(c.data) {
		return c
	}
	limit := q.limit
	if !urgent {
		limit -= limit / 4
	}
	c := q.newChunk(n, limit)
	if c != nil {
		if q.disk != nil {
			c.born = time.Now()
		}
		q.append(c)
	}
	return c
}

func (q *queue) newChunk(n, limit int) *chunk {
	size := max(n, q.size)
	if used := q.memory - q.spares*q.size; used+size > limit {
		return nil
	}
	if size == q.size && q.spare != nil {
		return q.takeSpare()
	}
	for q.memory+size > q.limit && q.spare != nil {
		q.memory -= cap(q.takeSpare().data)
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

// take returns the oldest chunk, for the sender alone until it calls done. It
// returns nil if there is none for it now, or if it should wait for as long as it
// says, because the only one gathers more frames or is on its way to the disk.
func (q *queue) take() (c *chunk, gather time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.disk.busy() {
		return nil, linger
	}
	if q.first == nil || q.disk.first() || q.handsFull() {
		return nil, 0
	}
	now := time.Now()
	if gather = linger - now.Sub(q.taken); gather > 0 && q.first == q.last && !q.closed {
		return nil, gather
	}
	q.taken = now
	c = q.takeFirst()
	q.hands = append(q.hands, c)
	return c, 0
}

// handsFull reports whether the sender has so much that it should first see to
// that: half of the memory is left to new records, or to the spooler.
func (q *queue) handsFull() bool {
	size := 0
	for _, c := range q.hands {
		size += cap(c.data)
	}
	return size >= q.limit/2
}

// sleep announces that the sender is about to wait for wake. It reports false
// if there is no need to: something has come, or nothing will.
func (q *queue) sleep() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle = q.none() && !q.closed
	return q.idle
}

// deliveredTo counts the frames of the sender's chunk up to an offset.
func (q *queue) deliveredTo(c *chunk, offset int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.disk.delivered(c)
	size := offset - c.acked
	frames := c.advance(offset)
	q.delivered += uint64(frames)
	q.bytes += uint64(size)
	q.leave(frames, size)
}

// done takes the sender's chunk back. What was not delivered is given up.
func (q *queue) done(c *chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hands = slices.DeleteFunc(q.hands, func(h *chunk) bool { return h == c })
	if c.ofBlock == 0 {
		q.disk.delivered(c) // all of it was damaged
	}
	q.abandon(c)
	q.recycle(c)
}

// merge moves the frames of one of the sender's chunks to the end of another,
// and takes back the memory, if there is room. Chunks that are on disk, or on
// their way there, stay as they are.
func (q *queue) merge(into, c *chunk) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !into.takes(c) {
		return false
	}
	into.join(c)
	q.hands = slices.DeleteFunc(q.hands, func(h *chunk) bool { return h == c })
	q.recycle(c)
	return true
}

// recycle keeps the memory of a chunk for another, or gives it back.
func (q *queue) recycle(c *chunk) {
	if q.room.Broadcast(); cap(c.data) != q.size || q.spares == maxSpare {
		q.memory -= cap(c.data)
		return
	}
	*c = chunk{data: c.data[:0], urgent: c.urgent[:0], life: c.life + 1, next: q.spare}
	q.spare = c
	q.spares++
}

// clear gives up all that is queued in memory, when the sender has ended.
func (q *queue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.moved.Broadcast()
	for q.first != nil {
		c := q.takeFirst()
		q.abandon(c)
		q.recycle(c)
	}
}

func (q *queue) abandon(c *chunk) {
	if c.frames == 0 {
		return
	}
	if c.onDisk { // it is queued there
		c.block.Frames = c.frames
		q.disk.blocks = append(q.disk.blocks, diskBlock{c.block, c.first})
		return
	}
	q.countGivenUp(c.first, c.frames)
	q.abandoned += uint64(c.frames)
	q.leave(c.frames, len(c.data)-c.acked)
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
	q.idle = false
	q.room.Broadcast()
	q.mu.Unlock()
	q.ring()
}

// empty reports whether there is nothing for the sender.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.none()
}

// none reports whether there is nothing for the sender, in memory or on disk.
func (q *queue) none() bool { return q.first == nil && !q.disk.first() && !q.disk.busy() }

// over reports whether the queue is closed and has nothing for the sender.
func (q *queue) over() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && q.none()
}

// dropped returns the number of records lost for want of room.
func (q *queue) dropped() (full, oldest uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full, q.oldest
}

// diskErr returns why the spool cannot be used at present.
func (q *queue) diskErr() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.disk == nil {
		return nil
	}
	return q.disk.err()
}

func (q *queue) addStats(s *Stats) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s.Accepted += q.in + q.full
	s.Sent = q.delivered
	s.SentBytes = q.bytes
	s.Queued = q.in - q.out
	s.QueuedBytes = uint64(q.queuedBytes)
	s.Dropped.QueueFull = q.full
	s.Dropped.Oldest = q.oldest
	s.Dropped.Closed = q.abandoned
	s.Dropped.Damaged = q.damaged
	if q.disk != nil && q.disk.log != nil {
		stats := q.disk.log.Stats()
		s.Spooled, s.SpoolBytes = uint64(stats.Frames), uint64(stats.Bytes)
	}
}
