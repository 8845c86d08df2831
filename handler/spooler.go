package handler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// A disk is the part of a queue that is in the spool. Frames go there when they
// have waited for half of the interval, so that a server that takes them in
// time costs no write, and when memory is half full. They come back in order:
// the sender takes nothing from memory while older frames are here.
//
// Its fields are guarded by the mutex of the queue; a nil disk is one without
// frames.
type disk struct {
	dir      string
	max      int64
	interval time.Duration
	report   func(error)

	log     *spool.Log    // nil until it is open
	blocks  []diskBlock   // the frames that are here alone, oldest first
	done    []release     // what the spool need not keep any longer
	moving  *chunk        // the frames on their way here, or nil
	opening bool          // the spool is being opened
	failed  error         // why frames cannot be written at present
	pressed chan struct{} // of one element
	ended   chan struct{} // closed when the spooler has ended

	releasing sync.Mutex // held while the spool is told of done
}

func newDisk(d *Delivery, report func(error)) *disk {
	if d.SpoolDir == "" {
		return nil
	}
	return &disk{
		dir: d.SpoolDir, max: d.SpoolBytes, interval: d.SpoolInterval, report: report, opening: true,
		pressed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

// A diskBlock is a block of the spool and the position of its first frame, 0 if a
// former process has logged it.
type diskBlock struct {
	spool.Block
	first uint64
}

// each calls a function with the frames that are here or on their way.
func (d *disk) each(f func(first uint64, frames int)) {
	if d == nil {
		return
	}
	for _, b := range d.blocks {
		f(b.first, b.Frames)
	}
	if d.moving != nil {
		f(d.moving.first, d.moving.frames)
	}
}

// first reports whether the oldest frames are here.
func (d *disk) first() bool { return d != nil && len(d.blocks) > 0 }

// busy reports whether frames come here that are older than those in memory.
func (d *disk) busy() bool { return d != nil && (d.moving != nil || d.opening) }

func (d *disk) hurry() {
	select {
	case d.pressed <- struct{}{}:
	default:
	}
}

// spool runs until the context ends: it opens the spool and moves frames there.
func (q *queue) spool(ctx context.Context) {
	d := q.disk
	defer close(d.ended)
	if !q.openDisk() {
		return
	}
	ticker := time.NewTicker(max(d.interval/4, time.Millisecond))
	defer ticker.Stop()
	for {
		age := d.interval / 2
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-d.pressed:
			age = 0
		}
		q.spoolOlder(age)
	}
}

// openDisk opens the spool. What it holds is sent first.
func (q *queue) openDisk() bool {
	d := q.disk
	log, err := spool.Open(spool.Options{Dir: d.dir, MaxBytes: d.max})
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.ring()
	d.opening = false
	if err != nil {
		q.diskFails(fmt.Errorf("handler: %w; records are kept in memory alone", err))
		return false
	}
	d.log = log
	for _, b := range log.Pending() {
		d.blocks = append(d.blocks, diskBlock{Block: b})
		q.in += uint64(b.Frames)
		q.queuedBytes += b.Bytes
	}
	if r := log.Recovered(); r.Skipped.Places > 0 {
		go d.report(fmt.Errorf("handler: the spool in %s is damaged in %d places; %d bytes are lost", d.dir, r.Skipped.Places, r.Skipped.Bytes))
	}
	return true
}

// diskFails notes a failure, and reports it if it is news.
func (q *queue) diskFails(err error) {
	if q.disk.failed == nil {
		go q.disk.report(err) // not with the lock held
	}
	q.disk.failed = err
}

// spoolOlder moves the frames that are older than an age to the disk, and makes
// them durable. Frames that the sender has in hand stay there as well.
func (q *queue) spoolOlder(age time.Duration) {
	limit := time.Now().Add(-age)
	var buf []byte
	wrote := false
	for more := true; more; {
		var wroteOne bool
		wroteOne, more = q.spoolOldest(limit, &buf)
		wrote = wrote || wroteOne
	}
	if wrote {
		if err := q.disk.log.Sync(); err != nil {
			q.mu.Lock()
			q.diskFails(fmt.Errorf("handler: %w", err))
			q.mu.Unlock()
		}
	}
	q.releaseDelivered()
	q.ring()
}

// spoolOldest writes the oldest chunk that is not on disk yet, if it was begun
// before a time, and reports whether it did and whether there may be more.
func (q *queue) spoolOldest(before time.Time, buf *[]byte) (wrote, more bool) {
	d := q.disk
	q.mu.Lock()
	c, inHand := q.oldestInMemory(before)
	if d.moving = nil; !inHand {
		d.moving = c
	}
	if c == nil {
		d.failed = nil // nothing waits for the disk any more
		q.mu.Unlock()
		return false, false
	}
	life, frames := c.life, c.data
	if inHand { // the sender may give the memory away meanwhile
		*buf = append((*buf)[:0], c.data[c.acked:]...)
		frames, c.copying = *buf, true
	}
	q.mu.Unlock()

	block, err := d.log.Append(frames)

	q.mu.Lock()
	defer q.mu.Unlock()
	d.moving = nil
	if c.life == life {
		c.copying = false
	}
	if err != nil {
		q.spoolFailed(err)
		if !inHand {
			q.putBack(c)
		}
		return false, false
	}
	d.failed = nil
	switch {
	case !inHand:
		d.blocks = append(d.blocks, diskBlock{block, c.first})
		q.recycle(c)
	case c.life == life && slices.Contains(q.hands, c):
		c.onDisk, c.block, c.ofBlock = true, block, block.Frames
		d.delivered(c)
	default: // delivered as a whole meanwhile
		d.done = append(d.done, release{block, block.Frames})
	}
	return true, true
}

// oldestInMemory returns the oldest chunk that is not on disk, if it was begun
// before a time. One that is not in the sender's hand is taken off the queue.
func (q *queue) oldestInMemory(before time.Time) (c *chunk, inHand bool) {
	for _, c := range q.hands {
		if c.onDisk || c.frames == 0 {
			continue
		}
		if c.born.After(before) {
			return nil, false
		}
		return c, true
	}
	if q.first == nil || q.first.born.After(before) {
		return nil, false
	}
	return q.takeFirst(), false
}

// putBack makes a chunk the oldest one in memory again.
func (q *queue) putBack(c *chunk) {
	c.next = q.first
	if q.first = c; q.last == nil {
		q.last = c
	}
}

func (q *queue) spoolFailed(err error) {
	what := "records are kept in memory alone"
	if errors.Is(err, spool.ErrFull) {
		what = "SpoolBytes is reached, and records are kept in memory"
	}
	q.diskFails(fmt.Errorf("handler: %w; %s", err, what))
}

// A release says that so many frames of a block need not be kept.
type release struct {
	block  spool.Block
	frames int
}

// delivered notes that fewer frames of a chunk than before are to be kept on
// disk.
func (d *disk) delivered(c *chunk) {
	if d == nil || !c.onDisk {
		return
	}
	n := c.ofBlock - c.frames
	if c.frames == 0 {
		n = c.block.Frames // those that are damaged too
	}
	d.done = append(d.done, release{c.block, n})
}

// releaseDelivered tells the spool what need not be kept.
func (q *queue) releaseDelivered() {
	d := q.disk
	if d == nil {
		return
	}
	d.releasing.Lock() // blocks are released in their order
	defer d.releasing.Unlock()
	q.mu.Lock()
	done := d.done
	d.done = nil
	q.mu.Unlock()
	for _, r := range done {
		// An error means that frames may come again after a restart.
		_ = d.log.Release(r.block, r.frames)
	}
}

// takeFromDisk returns the oldest frames for the sender, if they are on disk and
// its hands are not full.
func (q *queue) takeFromDisk() *chunk {
	q.mu.Lock()
	if !q.disk.first() {
		q.mu.Unlock()
		return nil
	}
	d := q.disk
	b := d.blocks[0]
	if q.handsFull() {
		q.mu.Unlock()
		return nil
	}
	d.blocks = d.blocks[1:]
	c := q.newChunk(b.Bytes, q.limit)
	if c == nil { // new records have the rest of the memory: it is exceeded by half at most
		size := max(b.Bytes, q.size)
		q.memory += size
		c = &chunk{data: make([]byte, 0, size)}
	}
	c.first, c.frames, c.onDisk, c.block = b.first, b.Frames, true, b.Block
	q.hands = append(q.hands, c)
	q.mu.Unlock()

	data, damaged, err := d.log.Read(b.Block, c.data[:0])

	q.mu.Lock()
	defer q.mu.Unlock()
	c.data = data
	c.frames = bytes.Count(data, []byte{0})
	c.ofBlock = c.frames
	if err != nil {
		q.diskFails(fmt.Errorf("handler: %w", err))
		damaged = b.Frames - c.frames
	}
	if damaged > 0 {
		q.damaged += uint64(damaged)
		q.countDropped(c.first, damaged)
		q.leave(damaged, b.Bytes-len(data))
	}
	if c.frames == 0 {
		d.delivered(c)
	}
	return c
}

// endSpool moves all that was not delivered to the disk, and closes it. The
// spooler has ended by then.
func (q *queue) endSpool() {
	d := q.disk
	if d == nil || d.log == nil {
		return
	}
	q.spoolOlder(0)
	if err := d.log.Close(); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.diskFails(fmt.Errorf("handler: %w", err))
	}
}

// kept reports whether all that was not delivered is on disk.
func (q *queue) kept() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.disk != nil && q.disk.log != nil && q.disk.failed == nil
}
