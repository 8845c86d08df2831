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

// A spooler is the part of a queue that is in the spool. It writes frames that have waited
// for half of the interval, or when memory is half full; while the server keeps up, it
// writes nothing. The sender reads the frames back in order, and takes no frames from
// memory while older ones are in the spool.
//
// The mutex of the queue guards its fields. A nil spooler has no frames.
type spooler struct {
	dir      string
	max      int64 // bytes
	interval time.Duration
	report   func(error)

	log       *spool.Log     // nil until it is open
	blocks    []spooledBlock // frames that are only in the spool, oldest first
	done      []release      // frames that the spool can delete
	moving    *Chunk         // is being written; in no list
	opening   bool           // the first attempt to open the spool is in progress
	failed    error          // why frames cannot be written, or nil
	displaced error          // why written frames may be missing after a restart, or nil
	kept      []byte         // delivered frames to send again after a restart
	pressure  chan struct{}  // holds one element: write all frames now
	unsynced  chan struct{}  // holds one element: frames were written
	ended     chan struct{}  // closed when Spool has returned

	releasing sync.Mutex // held while done is released in the spool
}

// newSpooler returns the spooler of a configuration, or nil without a SpoolDir.
func newSpooler(cfg *Config) *spooler {
	if cfg.SpoolDir == "" {
		return nil
	}
	return &spooler{
		dir: cfg.SpoolDir, max: cfg.SpoolBytes, interval: cfg.SpoolInterval, report: cfg.Report, opening: true,
		pressure: make(chan struct{}, 1), unsynced: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

// Spools reports whether there is a spool.
func (q *Queue) Spools() bool { return q.spooler != nil }

// SpoolEnded returns a channel that is closed when Spool has returned.
func (q *Queue) SpoolEnded() <-chan struct{} { return q.spooler.ended }

// SpoolNow makes the spooler write all frames now.
func (q *Queue) SpoolNow() { q.spooler.spoolNow() }

// Keep sets the delivered frames to send again after a restart.
func (q *Queue) Keep(frames []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spooler.kept = frames
}

// A spooledBlock is a block of the spool and the position of its first frame, or 0 if an
// earlier process has written it.
type spooledBlock struct {
	spool.Block
	first uint64
}

// each calls f for the frames of each block, and for those that are being written.
func (s *spooler) each(f func(first uint64, frames int)) {
	if s == nil {
		return
	}
	for _, b := range s.blocks {
		f(b.first, b.Frames)
	}
	if s.moving != nil {
		f(s.moving.first, s.moving.frames)
	}
}

// first reports whether the oldest queued frames are in the spool.
func (s *spooler) first() bool { return s != nil && len(s.blocks) > 0 }

// busy reports whether frames that are older than those in memory are being written or
// may be found in the spool.
func (s *spooler) busy() bool { return s != nil && (s.moving != nil || s.opening) }

// spoolNow makes the spooler write all frames now.
func (s *spooler) spoolNow() { Signal(s.pressure) }

// err returns why frames cannot be written, or may be missing after a restart, or nil.
func (s *spooler) err() error { return errors.Join(s.displaced, s.failed) }

// A release is a number of frames that the spool can delete from a block.
type release struct {
	block  spool.Block
	frames int
}

// delivered releases the frames of a chunk that were delivered.
func (s *spooler) delivered(c *Chunk) {
	if s == nil || !c.spooled {
		return
	}
	n := c.ofBlock - c.frames
	if c.frames == 0 {
		n = c.block.Frames // including damaged ones
	}
	s.done = append(s.done, release{c.block, n})
}

// ReleaseDelivered deletes delivered frames from the spool.
func (q *Queue) ReleaseDelivered() {
	s := q.spooler
	if s == nil {
		return
	}
	s.releasing.Lock() // releases blocks in order
	defer s.releasing.Unlock()
	q.mu.Lock()
	done := s.done
	s.done = nil
	q.mu.Unlock()
	for _, r := range done {
		// After an error, frames may be sent again after a restart.
		_ = s.log.Release(r.block, r.frames)
	}
}

// TakeSpooled returns the oldest frames if they are in the spool, or nil. It returns nil
// too if the sender must deliver other chunks first.
func (q *Queue) TakeSpooled() *Chunk {
	q.mu.Lock()
	if !q.spooler.first() {
		q.mu.Unlock()
		return nil
	}
	s := q.spooler
	b := s.blocks[0]
	if q.inFlightFull() {
		q.mu.Unlock()
		return nil
	}
	s.blocks = s.blocks[1:]
	c := q.newChunk(b.Bytes, q.limit)
	if c == nil { // new frames fill the memory: exceed it, by half at most
		size := max(b.Bytes, q.size)
		q.memory += size
		c = &Chunk{data: make([]byte, 0, size)}
	}
	c.first, c.frames, c.spooled, c.block = b.first, b.Frames, true, b.Block
	q.inFlight = append(q.inFlight, c)
	q.mu.Unlock()

	data, damaged, err := s.log.Read(b.Block, c.data[:0])

	q.mu.Lock()
	defer q.mu.Unlock()
	if errors.Is(err, spool.ErrClosed) { // the next process sends the block
		s.blocks = slices.Insert(s.blocks, 0, b)
		q.inFlight = slices.DeleteFunc(q.inFlight, func(h *Chunk) bool { return h == c })
		q.recycle(c)
		return nil
	}
	c.data = data
	c.frames = bytes.Count(data, []byte{0})
	c.ofBlock = c.frames
	if err != nil {
		q.spoolFails(fmt.Errorf("delivery: %w", err))
		damaged = b.Frames - c.frames
	}
	if damaged > 0 {
		q.damaged += uint64(damaged)
		q.countDropped(c.first, damaged)
		q.countOut(damaged, b.Bytes-len(data))
		s.report(fmt.Errorf("delivery: the spool in %s is %w: %d records are lost",
			s.dir, spool.ErrDamaged, damaged))
	}
	return c // if it has no frames, done releases it later, in order
}

// AllSpooled reports whether all undelivered frames are in the spool.
func (q *Queue) AllSpooled() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.spooler.log != nil && q.spooler.err() == nil && q.inMemory() == 0
}

// inMemory returns the number of frames that are in memory only.
func (q *Queue) inMemory() (frames int) {
	for _, c := range q.inFlight {
		if !c.spooled {
			frames += c.frames
		}
	}
	if c := q.spooler.moving; c != nil {
		frames += c.frames
	}
	for c := q.first; c != nil; c = c.next {
		frames += q.framesOf(c)
	}
	return frames
}

// AtRisk returns the number of frames that are neither delivered nor in the spool,
// including those given up, and why.
func (q *Queue) AtRisk() (records int, why error) {
	s := q.spooler
	q.mu.Lock()
	log, blocks, why := s.log, slices.Clone(s.blocks), s.err()
	records = q.inMemory() + int(q.givenUp)
	open, _ := q.uncounted()
	queued := int(q.in-q.out) + open
	displaced := s.displaced != nil
	if displaced { // written frames are at risk too
		records = queued + int(q.givenUp)
	}
	if records == 0 && queued == 0 && len(s.kept) == 0 {
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
