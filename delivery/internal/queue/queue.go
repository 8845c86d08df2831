package queue

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of [Queue.Put].
var (
	// ErrFull means that the queue is full.
	ErrFull = errors.New("delivery: the queue is full")
	// ErrClosed means that the queue is closed.
	ErrClosed = errors.New("delivery: the client is closed")
)

// chunkSize is the size of most chunks in bytes.
const chunkSize = 64 << 10

// maxFree is how many empty chunks a queue keeps for reuse.
const maxFree = 32

// batchInterval is the minimum time between two chunks that are taken before they are
// full. A single frame is sent at once; many frames share a write.
const batchInterval = time.Millisecond

// A Queue holds the frames that wait for delivery, as a list of chunks. Callers add
// frames to the last chunk, and the sender takes the first chunk as a whole, so batches
// grow with the load. The memory of all chunks (queued, in flight and free) stays within
// the limit. One exception: while new frames fill the queue, frames that come back from
// the spool may exceed the limit by half.
//
// Methods are safe for concurrent use unless their comment says otherwise.
type Queue struct {
	limit        int  // bytes
	size         int  // of a chunk, in bytes
	dropsOldest  bool // drop the oldest frames
	blockTimeout time.Duration

	// open is the room of the last chunk, or nil. Frames are added to it without the
	// lock. Only the holder of the lock changes it.
	open atomic.Pointer[room]
	_    [56]byte // The fields below change often.

	mu         sync.Mutex
	first      *Chunk // oldest queued chunk
	last       *Chunk // frames are added to this one
	free       *Chunk // list of empty chunks
	freeChunks int
	memory     int // capacity of all chunks in bytes
	closed     bool
	ended      bool          // the sender has ended; queued frames remain in the spool
	inFlight   []*Chunk      // taken by the sender, oldest first
	spooler    *spooler      // nil without a spool
	lastTake   time.Time     // when the sender last took a chunk
	idle       bool          // the sender waits for wake
	wake       chan struct{} // holds one element
	progress   sync.Cond     // out has changed
	notFull    sync.Cond     // memory became free

	// The ledger: in = out + queued. Each accepted frame is counted in either in
	// or full. In, position and queuedBytes count the frames of the open chunk only
	// when it is closed.
	in, out     uint64 // frames added, and frames delivered or given up
	position    uint64 // of the last frame added by this process, from 1
	delivered   uint64 // frames
	bytes       uint64 // of the delivered frames
	queuedBytes int
	full        uint64 // frames dropped because the queue was full
	oldest      uint64 // frames dropped in favor of newer ones
	givenUp     uint64 // frames given up at the end
	damaged     uint64 // frames that were unreadable in the spool

	flushes       []*flush // in progress
	reportedDrops uint64   // dropped frames that a flush has reported
}

// Config configures a [Queue].
type Config struct {
	Bytes        int           // memory for frames
	KeepBytes    int           // part of Bytes for delivered frames that are sent again
	DropOldest   bool          // drop older frames to make room for a frame
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
		dropsOldest:  cfg.DropOldest,
		blockTimeout: cfg.BlockTimeout,
		spooler:      newSpooler(&cfg),
		wake:         make(chan struct{}, 1),
	}
	q.progress.L, q.notFull.L = &q.mu, &q.mu
	return q
}

// Wakes returns a channel that receives a value when there are frames for the sender.
func (q *Queue) Wakes() <-chan struct{} { return q.wake }

// Put adds a frame, including its NUL. Without a BlockTimeout it waits at most for the
// lock, and mostly takes none. The last quarter of the memory is reserved for urgent
// frames.
func (q *Queue) Put(frame []byte, urgent bool) error {
	if r := q.open.Load(); r != nil && !urgent {
		if _, ok := r.put(frame); ok {
			return nil // the sender is not idle while there are frames
		}
	}
	return q.putLocked(frame, urgent)
}

func (q *Queue) putLocked(frame []byte, urgent bool) error {
	q.mu.Lock()
	if err := q.addOrWait(frame, urgent); err != nil {
		q.mu.Unlock()
		return err
	}
	wake := q.idle
	q.idle = false
	pressed := q.spooler != nil && q.used() > q.limit/2
	q.mu.Unlock()
	if wake {
		q.wakeSender()
	}
	if pressed {
		q.spooler.spoolNow()
	}
	return nil
}

// add adds a frame, or returns false if the queue is full.
func (q *Queue) add(frame []byte, urgent bool) bool {
	if r := q.open.Load(); r != nil {
		if begin, ok := r.put(frame); ok {
			if urgent {
				q.last.urgent = append(q.last.urgent, begin)
			}
			return true
		}
		q.closeOpen()
	}
	c := q.chunkFor(len(frame), urgent)
	if c == nil {
		return false
	}
	q.in++
	q.position++
	q.queuedBytes += len(frame)
	if c.frames == 0 {
		c.first = q.position
	}
	c.add(frame, urgent)
	if c.room != nil && len(c.data) < cap(c.data) && !q.closed {
		c.room.open(c.frames, len(c.data))
		q.open.Store(c.room)
	}
	return true
}

// closeOpen closes the open chunk, if there is one.
func (q *Queue) closeOpen() {
	r := q.open.Load()
	if r == nil {
		return
	}
	q.open.Store(nil)
	frames, size := r.close()
	q.in += uint64(frames - q.last.frames)
	q.position += uint64(frames - q.last.frames)
	q.queuedBytes += size - len(q.last.data)
	q.last.frames, q.last.data, q.last.size = frames, r.buf[:size], size
}

// uncounted returns the frames and bytes of the open chunk that in, position and
// queuedBytes do not count yet.
func (q *Queue) uncounted() (frames, size int) {
	r := q.open.Load()
	if r == nil {
		return 0, 0
	}
	frames, size = r.used()
	return frames - q.last.frames, size - len(q.last.data)
}

// framesOf returns the number of frames in a chunk of the list.
func (q *Queue) framesOf(c *Chunk) int {
	if c != q.last {
		return c.frames
	}
	frames, _ := q.uncounted()
	return c.frames + frames
}

// lastPosition returns the position of the last frame.
func (q *Queue) lastPosition() uint64 {
	frames, _ := q.uncounted()
	return q.position + uint64(frames)
}

// PutOwn adds a frame of the sender, even to a closed queue. Only the sender may call it.
func (q *Queue) PutOwn(frame []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.add(frame, true) {
		return ErrFull
	}
	return nil
}

// wakeSender wakes the sender.
func (q *Queue) wakeSender() { Signal(q.wake) }

// Signal sends to a channel that holds one element, unless it is full.
func Signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// append appends a chunk to the list.
func (q *Queue) append(c *Chunk) {
	c.next = nil
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

// chunkFor returns a chunk for a frame of n bytes, or nil if the queue is full. No chunk
// may be open.
func (q *Queue) chunkFor(n int, urgent bool) *Chunk {
	if c := q.last; c != nil && len(c.data)+n <= cap(c.data) {
		c.await()
		return c
	}
	limit := q.limit
	if !urgent {
		limit -= limit / 4
	}
	c := q.newChunk(n, limit)
	if c != nil {
		if q.spooler != nil {
			c.begun = time.Now()
		}
		q.append(c)
	}
	return c
}

// newChunk returns an empty chunk for a frame of n bytes, or nil if all chunks would need
// more than limit bytes.
func (q *Queue) newChunk(n, limit int) *Chunk {
	size := max(n, q.size)
	if q.used()+size > limit {
		return nil
	}
	if size == q.size && q.free != nil {
		return q.takeFree()
	}
	for q.memory+size > q.limit && q.free != nil {
		q.memory -= cap(q.takeFree().data)
	}
	q.memory += size
	c := &Chunk{data: make([]byte, 0, size)}
	if size == q.size {
		c.room = &room{buf: c.data[:size]}
	}
	return c
}

// takeFree removes a chunk from the list of free ones.
func (q *Queue) takeFree() *Chunk {
	c := q.free
	q.free, c.next = c.next, nil
	q.freeChunks--
	return c
}

// takeFirst removes the oldest chunk from the list and closes it. It may contain frames
// that are still being copied.
func (q *Queue) takeFirst() *Chunk {
	if q.first == q.last {
		q.closeOpen()
	}
	c := q.first
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	return c
}

// Take returns the oldest chunk, which the sender owns until it is done with it. It
// returns nil without a chunk for the sender, and a time to wait if the only chunk
// collects more frames or is being written to the spool.
func (q *Queue) Take() (c *Chunk, gather time.Duration) {
	if c, gather = q.take(); c != nil {
		c.await()
	}
	return c, gather
}

func (q *Queue) take() (c *Chunk, gather time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spooler.busy() {
		return nil, batchInterval
	}
	if q.first == nil || q.spooler.first() || q.inFlightFull() {
		return nil, 0
	}
	now := time.Now()
	if gather = batchInterval - now.Sub(q.lastTake); gather > 0 && q.first == q.last && !q.closed {
		return nil, gather
	}
	q.lastTake = now
	c = q.takeFirst()
	q.inFlight = append(q.inFlight, c)
	return c, 0
}

// inFlightFull reports whether the sender must deliver chunks before it takes more: half
// of the memory is reserved for new frames.
func (q *Queue) inFlightFull() bool {
	size := 0
	for _, c := range q.inFlight {
		size += cap(c.data)
	}
	return size >= q.limit/2
}

// Sleep announces that the sender is about to wait for [Queue.Wakes]. It returns false if
// there are frames already, or the queue is closed.
func (q *Queue) Sleep() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle = q.nothingToSend() && !q.closed
	return q.idle
}

// deliveredTo counts the frames of a chunk up to an offset as delivered.
func (q *Queue) deliveredTo(c *Chunk, offset int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.spooler.delivered(c)
	size := offset - c.acked
	frames := c.advance(offset)
	q.delivered += uint64(frames)
	q.bytes += uint64(size)
	q.countOut(frames, size)
}

// done returns a chunk of the sender. Undelivered frames are given up.
func (q *Queue) done(c *Chunk) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inFlight = slices.DeleteFunc(q.inFlight, func(h *Chunk) bool { return h == c })
	if c.ofBlock == 0 {
		q.spooler.delivered(c) // all of its frames were damaged
	}
	q.giveUp(c)
	q.recycle(c)
}

// merge moves the frames of a chunk in flight to the end of another one, if they fit. It
// does not move frames of chunks that are in the spool or on the way there.
func (q *Queue) merge(into, c *Chunk) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !into.canJoin(c) {
		return false
	}
	into.join(c)
	q.inFlight = slices.DeleteFunc(q.inFlight, func(h *Chunk) bool { return h == c })
	q.recycle(c)
	return true
}

// recycle frees a chunk, or keeps it for reuse.
func (q *Queue) recycle(c *Chunk) {
	q.notFull.Broadcast()
	if cap(c.data) != q.size || q.freeChunks == maxFree {
		q.memory -= cap(c.data)
		return
	}
	*c = Chunk{room: c.room, data: c.room.buf[:0], urgent: c.urgent[:0], uses: c.uses + 1, next: q.free}
	q.free = c
	q.freeChunks++
}

// used returns the memory of the chunks that are not free.
func (q *Queue) used() int { return q.memory - q.freeChunks*q.size }

// Clear gives up all frames in memory. The sender calls it when it ends.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.progress.Broadcast()
	for q.first != nil {
		c := q.takeFirst()
		c.await()
		q.giveUp(c)
		q.recycle(c)
	}
}

// giveUp counts the undelivered frames of a chunk as given up, unless they are in the
// spool.
func (q *Queue) giveUp(c *Chunk) {
	if c.frames == 0 {
		return
	}
	if c.spooled { // the frames stay queued there
		c.block.Frames = c.frames
		q.spooler.blocks = append(q.spooler.blocks, spooledBlock{c.block, c.first})
		return
	}
	q.countGivenUp(c.first, c.frames)
	q.givenUp += uint64(c.frames)
	q.countOut(c.frames, len(c.data)-c.acked)
}

// countOut counts frames that leave the queue.
func (q *Queue) countOut(frames, size int) {
	q.out += uint64(frames)
	q.queuedBytes -= size
	q.progress.Broadcast()
}

// Close makes Put return [ErrClosed].
func (q *Queue) Close() {
	q.mu.Lock()
	q.closeOpen()
	q.closed = true
	q.idle = false
	q.notFull.Broadcast()
	q.mu.Unlock()
	q.wakeSender()
}

// Empty reports whether there are no frames for the sender.
func (q *Queue) Empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.nothingToSend()
}

// nothingToSend reports whether there are no frames for the sender, in memory or in the
// spool.
func (q *Queue) nothingToSend() bool {
	return q.first == nil && !q.spooler.first() && !q.spooler.busy()
}

// Drained reports whether the queue is closed and there are no frames for the sender.
func (q *Queue) Drained() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed && q.nothingToSend()
}

// Dropped returns how many frames were dropped because the queue was full.
func (q *Queue) Dropped() (full, oldest uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full, q.oldest
}

// SpoolErr returns why the spool cannot be used, or nil.
func (q *Queue) SpoolErr() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spooler == nil {
		return nil
	}
	return q.spooler.err()
}
