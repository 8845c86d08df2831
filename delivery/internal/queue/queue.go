package queue

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Errors of [Queue.Put].
var (
	// ErrFull means that the queue is full.
	ErrFull = errors.New("delivery: the queue is full")
	// ErrClosed means that the queue is closed.
	ErrClosed = errors.New("delivery: the client is closed")
)

// chunkSize is the size of most chunks of a queue.
const chunkSize = 64 << 10

// maxSpare is how many empty chunks a queue keeps for the next records.
const maxSpare = 32

// linger is the least time between two chunks that are taken before they are
// full. A record that comes alone is sent at once; many of them share a write.
const linger = time.Millisecond

// A Queue lies between the goroutines that log and the one that sends. It is a
// list of chunks: the last one is filled, the first one is taken by the sender
// whole, so that batches grow with the load. All memory it ever holds, be it
// full, in the sender's hands or spare, is within its limit, but for what comes
// back from a spool while new records have filled the rest: half of it at most.
type Queue struct {
	limit        int  // bytes
	size         int  // of a chunk, in bytes
	oldestFirst  bool // drop the oldest frames
	blockTimeout time.Duration

	mu     sync.Mutex
	first  *Chunk // oldest of the filled ones
	last   *Chunk // frames are added to this one
	spare  *Chunk
	spares int
	memory int // capacity of all chunks in bytes
	closed bool
	ended  bool          // the sender has ended: what is queued is in the spool and stays there
	hands  []*Chunk      // of the sender, oldest first
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

// Config configures a [Queue].
type Config struct {
	Bytes        int           // memory for frames
	KeepBytes    int           // of it, delivered frames that are kept to be sent again
	DropOldest   bool          // a frame that does not fit takes the place of older ones
	BlockTimeout time.Duration // how long a frame waits for room

	SpoolDir      string // no spool if empty
	SpoolBytes    int64
	SpoolInterval time.Duration
	Report        func(error) // is called with errors of the spool
}

// New returns a queue.
func New(cfg Config) *Queue {
	limit := cfg.Bytes - reserve(cfg.KeepBytes)
	q := &Queue{
		limit:        limit,
		size:         min(chunkSize, max(limit/8, 1)),
		oldestFirst:  cfg.DropOldest,
		blockTimeout: cfg.BlockTimeout,
		disk:         newDisk(&cfg),
		wake:         make(chan struct{}, 1),
	}
	q.moved.L, q.room.L = &q.mu, &q.mu
	return q
}

// Wakes returns the channel that receives when there is something for the sender.
func (q *Queue) Wakes() <-chan struct{} { return q.wake }

// Put adds a frame, NUL included. Unless the overflow policy is Block, it never
// waits for more than the lock. Urgent frames may use the last quarter of the
// memory, which a flood of others leaves to them.
func (q *Queue) Put(frame []byte, urgent bool) error {
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
func (q *Queue) add(c *Chunk, frame []byte, urgent bool) {
	q.in++
	q.position++
	q.queuedBytes += len(frame)
	if c.frames == 0 {
		c.first = q.position
	}
	c.add(frame, urgent)
}

// PutOwn adds a frame of the handler's own, even to a queue that is closed.
func (q *Queue) PutOwn(frame []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.chunkFor(len(frame), true)
	if c == nil {
		return ErrFull
	}
	q.add(c, frame, true)
	return nil // the sender calls this, and need not be woken
}

// ring wakes the sender.
func (q *Queue) ring() { Signal(q.wake) }

// Signal sends to a channel of one element, unless that is full.
func Signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// append makes a chunk the last one.
func (q *Queue) append(c *Chunk) {
	c.next = nil
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

// chunkFor returns the chunk for a frame of n bytes, nil if there is no room.
func (q *Queue) chunkFor(n int, urgent bool) *Chunk {
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

func (q *Queue) newChunk(n, limit int) *Chunk {
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
	return &Chunk{data: make([]byte, 0, size)}
}

func (q *Queue) takeSpare() *Chunk {
	c := q.spare
	q.spare, c.next = c.next, nil
	q.spares--
	return c
}

// takeFirst takes the oldest chunk off the list of the filled ones.
func (q *Queue) takeFirst() *Chunk {
	c := q.first
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	return c
}

// Take returns the oldest chunk, for the sender alone until it calls done. It
// returns nil if there is none for it now, or if it should wait for as long as it
// says, because the only one gathers more frames or is on its way to the disk.
func (q *Queue) Take() (c *Chunk, gather time.Duration) {
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
func (q *Queue) handsFull() bool {
	size := 0
	for _, c := range q.hands {
		size += cap(c.data)
	}
	return size >= q.limit/2
}

// Sleep announces that the sender is about to wait for wake. It reports false
// if there is no need to: something has come, or nothing will.
func (q *Queue) Sleep() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle = q.none() && !q.closed
	return q.idle
}

// deliveredTo counts the frames of the sender's chunk up to an offset.
func (q *Queue) deliveredTo(c *Chunk, offset int) {
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
func (q *Queue) done(c *Chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hands = slices.DeleteFunc(q.hands, func(h *Chunk) bool { return h == c })
	if c.ofBlock == 0 {
		q.disk.delivered(c) // all of it was damaged
	}
	q.abandon(c)
	q.recycle(c)
}

// merge moves the frames of one of the sender's chunks to the end of another,
// and takes back the memory, if there is room. Chunks that are on disk, or on
// their way there, stay as they are.
func (q *Queue) merge(into, c *Chunk) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !into.takes(c) {
		return false
	}
	into.join(c)
	q.hands = slices.DeleteFunc(q.hands, func(h *Chunk) bool { return h == c })
	q.recycle(c)
	return true
}

// recycle keeps the memory of a chunk for another, or gives it back.
func (q *Queue) recycle(c *Chunk) {
	if q.room.Broadcast(); cap(c.data) != q.size || q.spares == maxSpare {
		q.memory -= cap(c.data)
		return
	}
	*c = Chunk{data: c.data[:0], urgent: c.urgent[:0], life: c.life + 1, next: q.spare}
	q.spare = c
	q.spares++
}

// Clear gives up all that is queued in memory, when the sender has ended.
func (q *Queue) Clear() {
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

func (q *Queue) abandon(c *Chunk) {
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

func (q *Queue) leave(frames, size int) {
	q.out += uint64(frames)
	q.queuedBytes -= size
	q.moved.Broadcast()
}

// Close refuses all further frames.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.idle = false
	q.room.Broadcast()
	q.mu.Unlock()
	q.ring()
}

// Empty reports whether there is nothing for the sender.
func (q *Queue) Empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.none()
}

// none reports whether there is nothing for the sender, in memory or on disk.
func (q *Queue) none() bool { return q.first == nil && !q.disk.first() && !q.disk.busy() }

// Over reports whether the queue is closed and has nothing for the sender.
func (q *Queue) Over() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && q.none()
}

// Dropped returns the number of records lost for want of room.
func (q *Queue) Dropped() (full, oldest uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full, q.oldest
}

// DiskErr returns why the spool cannot be used at present.
func (q *Queue) DiskErr() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.disk == nil {
		return nil
	}
	return q.disk.err()
}
