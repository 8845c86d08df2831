package queue

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// A disk is the part of a queue that is in the spool. Frames go there when they
// have waited for half of the interval, so a server that takes them in time costs
// no write, and when memory is half full. They come back in order: the sender
// takes nothing from memory while older frames are here.
//
// Its fields are guarded by the mutex of the queue; a nil disk is one without
// frames.
type disk struct {
	dir      string
	max      int64
	interval time.Duration
	report   func(error)

	log       *spool.Log    // nil until it is open
	blocks    []diskBlock   // the frames that are here alone, oldest first
	done      []release     // what the spool need not keep any longer
	moving    *Chunk        // on its way here, in no list
	opening   bool          // the first attempt to open the spool is under way
	failed    error         // why frames cannot be written at present
	displaced error         // why written frames may be missing after a restart
	kept      []byte        // delivered frames that are to be sent again after a restart
	pressed   chan struct{} // of one element
	unsynced  chan struct{} // of one element: frames were written
	ended     chan struct{} // closed when the spooler has ended

	releasing sync.Mutex // held while the spool is told of done
}

func newDisk(cfg *Config) *disk {
	if cfg.SpoolDir == "" {
		return nil
	}
	return &disk{
		dir: cfg.SpoolDir, max: cfg.SpoolBytes, interval: cfg.SpoolInterval, report: cfg.Report, opening: true,
		pressed: make(chan struct{}, 1), unsynced: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

// Spools reports whether there is a spool.
func (q *Queue) Spools() bool { return q.disk != nil }

// SpoolEnded returns a channel that is closed when Spool has returned.
func (q *Queue) SpoolEnded() <-chan struct{} { return q.disk.ended }

// SpoolNow has all frames written to the spool now.
func (q *Queue) SpoolNow() { q.disk.hurry() }

// Keep sets the delivered frames that the spool has to send again after a restart.
func (q *Queue) Keep(frames []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.disk.kept = frames
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

// hurry has all frames written now.
func (d *disk) hurry() { Signal(d.pressed) }

// err returns why the spool is not what it should be, or nil.
func (d *disk) err() error { return errors.Join(d.displaced, d.failed) }

// A release says that so many frames of a block need not be kept.
type release struct {
	block  spool.Block
	frames int
}

// delivered notes that fewer frames of a chunk than before are to be kept on
// disk.
func (d *disk) delivered(c *Chunk) {
	if d == nil || !c.onDisk {
		return
	}
	n := c.ofBlock - c.frames
	if c.frames == 0 {
		n = c.block.Frames // those that are damaged too
	}
	d.done = append(d.done, release{c.block, n})
}

// ReleaseDelivered tells the spool what need not be kept.
func (q *Queue) ReleaseDelivered() {
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

// TakeFromDisk returns the oldest frames for the sender, if they are on disk and
// its hands are not full.
func (q *Queue) TakeFromDisk() *Chunk {
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
		c = &Chunk{data: make([]byte, 0, size)}
	}
	c.first, c.frames, c.onDisk, c.block = b.first, b.Frames, true, b.Block
	q.hands = append(q.hands, c)
	q.mu.Unlock()

	data, damaged, err := d.log.Read(b.Block, c.data[:0])

	q.mu.Lock()
	defer q.mu.Unlock()
	if errors.Is(err, spool.ErrClosed) { // the next process sends the block
		d.blocks = slices.Insert(d.blocks, 0, b)
		q.hands = slices.DeleteFunc(q.hands, func(h *Chunk) bool { return h == c })
		q.recycle(c)
		return nil
	}
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
		d.report(fmt.Errorf("handler: the spool in %s is %w: %d records are lost",
			d.dir, spool.ErrDamaged, damaged))
	}
	return c // done releases one without frames, when its turn has come
}

// AllOnDisk reports whether all that was not delivered is on disk.
func (q *Queue) AllOnDisk() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.disk.log != nil && q.disk.err() == nil && q.inMemory() == 0
}

// inMemory returns how many frames are in memory alone.
func (q *Queue) inMemory() (frames int) {
	for _, c := range q.hands {
		if !c.onDisk {
			frames += c.frames
		}
	}
	if c := q.disk.moving; c != nil {
		frames += c.frames
	}
	for c := q.first; c != nil; c = c.next {
		frames += c.frames
	}
	return frames
}

// AtRisk returns how many records are neither delivered nor on disk, those that
// were given up included, and why.
func (q *Queue) AtRisk() (records int, why error) {
	d := q.disk
	q.mu.Lock()
	log, blocks, why := d.log, slices.Clone(d.blocks), d.err()
	records = q.inMemory() + int(q.abandoned)
	displaced := d.displaced != nil
	if displaced { // neither is what was written
		records = int(q.in-q.out) + int(q.abandoned)
	}
	if records == 0 && q.in == q.out && len(d.kept) == 0 {
		why = nil // nothing needs the spool
	}
	q.mu.Unlock()
	for _, b := range blocks {
		if !displaced && log.Lost(b.Block) {
			records += b.Frames
		}
	}
	return records, why
}
