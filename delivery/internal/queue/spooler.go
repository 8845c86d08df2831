package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// Spool opens the spool and writes frames to it until the context ends. Then it writes
// all frames, and closes the spool.
func (q *Queue) Spool(ctx context.Context) {
	s := q.spooler
	defer close(s.ended)
	if !q.openSpool(ctx) {
		return
	}
	var syncer sync.WaitGroup
	syncer.Go(q.syncSpool)
	ticker := time.NewTicker(max(min(s.interval/4, time.Second), time.Millisecond))
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			q.checkSpool()
			q.spoolOlder(s.interval / 2)
		case <-s.pressure:
			q.checkSpool()
			q.spoolOlder(0)
		}
	}
	q.spoolOlder(0)
	q.spoolKept()
	q.checkSpool()
	close(s.unsynced)
	syncer.Wait()
	if err := s.log.Close(); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.spoolFails(fmt.Errorf("delivery: %w", err))
	}
}

// syncSpool makes written frames durable. A busy disk may take seconds for a sync, which
// must not delay the writes that protect against a killed process.
func (q *Queue) syncSpool() {
	for range q.spooler.unsynced {
		if err := q.spooler.log.Sync(); err != nil {
			q.mu.Lock()
			q.spoolFails(fmt.Errorf("delivery: %w", err))
			q.mu.Unlock()
		}
	}
}

// The pause between attempts to open the spool doubles from minOpenPause to maxOpenPause.
// For a locked directory the maximum is lower, because the process that uses it may be
// about to end.
const (
	minOpenPause   = 50 * time.Millisecond
	maxLockedPause = time.Second
	maxOpenPause   = 10 * time.Second
)

// openSpool opens the spool, with several attempts if necessary. It returns false if the
// context ends first.
func (q *Queue) openSpool(ctx context.Context) bool {
	s := q.spooler
	for pause := minOpenPause; ; pause *= 2 {
		log, err := spool.Open(spool.Config{Dir: s.dir, MaxBytes: s.max})
		q.spoolOpened(log, err)
		if err == nil {
			return true
		}
		most := maxOpenPause
		if errors.Is(err, spool.ErrLocked) {
			most = maxLockedPause
		}
		pause = min(pause, most)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

// spoolOpened handles the result of an attempt to open the spool. The frames in the spool
// are sent first.
func (q *Queue) spoolOpened(log *spool.Log, err error) {
	s := q.spooler
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.wakeSender()
	s.opening = false
	if err != nil {
		q.spoolFails(fmt.Errorf("delivery: %w; records are kept in memory only until it can be opened", err))
		return
	}
	s.log, s.failed = log, nil
	for _, b := range log.Pending() {
		s.blocks = append(s.blocks, spooledBlock{Block: b})
		q.in += uint64(b.Frames)
		q.queuedBytes += b.Bytes
	}
	if r := log.Recovered(); r.Damage.Ranges > 0 {
		s.report(fmt.Errorf("delivery: the spool in %s is %w in %d places; %d bytes are lost",
			s.dir, spool.ErrDamaged, r.Damage.Ranges, r.Damage.Bytes))
	}
}

// spoolFails records a failure, and reports it unless it is the same as before.
func (q *Queue) spoolFails(err error) {
	if s := q.spooler; s.failed == nil || s.failed.Error() != err.Error() {
		s.report(err)
	}
	q.spooler.failed = err
}

// checkSpool checks that the directory and the written segments still exist.
func (q *Queue) checkSpool() {
	s := q.spooler
	restored, err := s.log.Check()
	q.mu.Lock()
	defer q.mu.Unlock()
	before := s.displaced
	s.displaced = nil
	switch {
	case err != nil:
		s.displaced = fmt.Errorf("delivery: %w", err)
		if before == nil || before.Error() != s.displaced.Error() {
			s.report(s.displaced)
		}
	case restored:
		Signal(s.unsynced)
		s.report(fmt.Errorf("delivery: the spool %s was removed or replaced, at least in part, while in use: "+
			"it was written again", s.dir))
	}
}

// spoolOlder writes frames that are older than an age. Frames in flight stay with the
// sender too.
func (q *Queue) spoolOlder(age time.Duration) {
	limit := time.Now().Add(-age)
	var buf []byte
	wrote := false
	for more := true; more; {
		var wroteOne bool
		wroteOne, more = q.spoolOldest(limit, &buf)
		wrote = wrote || wroteOne
	}
	if wrote {
		Signal(q.spooler.unsynced)
	}
	q.ReleaseDelivered()
	q.wakeSender()
}

// spoolKept writes the delivered frames that are sent again after a restart, before all
// other frames.
func (q *Queue) spoolKept() {
	s := q.spooler
	q.mu.Lock()
	kept := s.kept
	q.mu.Unlock()
	if len(kept) == 0 {
		return
	}
	if _, err := s.log.Prepend(kept); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.spoolFails(fmt.Errorf(
			"delivery: %w; the records that RedeliverBytes keeps are not sent again after a restart",
			err,
		))
	}
}

// spoolOldest writes the oldest chunk that is in memory only, if it was begun before a
// time. It reports whether it wrote a chunk, and whether there may be more.
func (q *Queue) spoolOldest(before time.Time, buf *[]byte) (wrote, more bool) {
	s := q.spooler
	q.mu.Lock()
	c, inFlight := q.oldestInMemory(before)
	if c == nil {
		s.failed = nil // no frames need the spool
		q.mu.Unlock()
		return false, false
	}
	uses, frames := c.uses, c.data
	if inFlight { // the sender may free the memory in the meantime
		c.await()
		*buf = append((*buf)[:0], c.data[c.acked:]...)
		frames, c.copying = *buf, true
	} else {
		s.moving = c
	}
	q.mu.Unlock()

	if !inFlight {
		c.await()
	}
	block, err := s.log.Append(frames)

	q.mu.Lock()
	defer q.mu.Unlock()
	s.moving = nil
	if c.uses == uses {
		c.copying = false
	}
	if err != nil {
		q.spoolFailed(err)
		if !inFlight {
			q.putBack(c)
		}
		return false, false
	}
	s.failed = nil
	switch {
	case !inFlight:
		s.blocks = append(s.blocks, spooledBlock{block, c.first})
		q.recycle(c)
	case c.uses == uses && slices.Contains(q.inFlight, c):
		c.spooled, c.block, c.ofBlock = true, block, block.Frames
		s.delivered(c)
	default: // completely delivered in the meantime
		s.done = append(s.done, release{block, block.Frames})
	}
	return true, true
}

// oldestInMemory returns the oldest chunk that is in memory only, if it was begun before a
// time. If the chunk is not in flight, it is removed from the list.
func (q *Queue) oldestInMemory(before time.Time) (c *Chunk, inFlight bool) {
	for _, c := range q.inFlight {
		if c.spooled || c.frames == 0 {
			continue
		}
		if c.begun.After(before) {
			return nil, false
		}
		return c, true
	}
	if q.first == nil || q.first.begun.After(before) {
		return nil, false
	}
	return q.takeFirst(), false
}

// putBack inserts a chunk at the front of the list.
func (q *Queue) putBack(c *Chunk) {
	c.next = q.first
	if q.first = c; q.last == nil {
		q.last = c
	}
}

// spoolFailed handles an error of a write.
func (q *Queue) spoolFailed(err error) {
	what := "records are kept in memory only"
	if errors.Is(err, spool.ErrFull) {
		what = "records are kept in memory until there is room; raise SpoolBytes"
	}
	q.spoolFails(fmt.Errorf("delivery: %w; %s", err, what))
}
