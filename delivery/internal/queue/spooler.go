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

// Spool opens the spool and moves frames there until the context ends. Then it
// moves all frames there, and closes the spool.
func (q *Queue) Spool(ctx context.Context) {
	d := q.disk
	defer close(d.ended)
	if !q.openDisk(ctx) {
		return
	}
	var syncer sync.WaitGroup
	syncer.Go(q.syncDisk)
	ticker := time.NewTicker(max(min(d.interval/4, time.Second), time.Millisecond))
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			q.checkDisk()
			q.spoolOlder(d.interval / 2)
		case <-d.pressed:
			q.checkDisk()
			q.spoolOlder(0)
		}
	}
	q.spoolOlder(0)
	q.spoolKept()
	q.checkDisk()
	close(d.unsynced)
	syncer.Wait()
	if err := d.log.Close(); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.diskFails(fmt.Errorf("handler: %w", err))
	}
}

// syncDisk makes what was written durable. A disk that is busy may take seconds
// for that, which must not hold up what a killed process would lose.
func (q *Queue) syncDisk() {
	for range q.disk.unsynced {
		if err := q.disk.log.Sync(); err != nil {
			q.mu.Lock()
			q.diskFails(fmt.Errorf("handler: %w", err))
			q.mu.Unlock()
		}
	}
}

// The bounds of the pause between attempts to open the spool, which doubles from
// one to the other. A directory that another handler uses is tried more often:
// the handler may be that of a process that is about to end.
const (
	minOpenPause   = 50 * time.Millisecond
	maxLockedPause = time.Second
	maxOpenPause   = 10 * time.Second
)

// openDisk opens the spool, if need be after several attempts. What it holds is
// sent first. It returns false if the context ends before.
func (q *Queue) openDisk(ctx context.Context) bool {
	d := q.disk
	for pause := minOpenPause; ; pause *= 2 {
		log, err := spool.Open(spool.Options{Dir: d.dir, MaxBytes: d.max})
		q.adopt(log, err)
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

// adopt takes over what an attempt to open the spool returned.
func (q *Queue) adopt(log *spool.Log, err error) {
	d := q.disk
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.ring()
	d.opening = false
	if err != nil {
		q.diskFails(fmt.Errorf("handler: %w; records are kept in memory alone until it can be opened", err))
		return
	}
	d.log, d.failed = log, nil
	for _, b := range log.Pending() {
		d.blocks = append(d.blocks, diskBlock{Block: b})
		q.in += uint64(b.Frames)
		q.queuedBytes += b.Bytes
	}
	if r := log.Recovered(); r.Damage.Ranges > 0 {
		d.report(fmt.Errorf("handler: the spool in %s is %w in %d places; %d bytes are lost",
			d.dir, spool.ErrDamaged, r.Damage.Ranges, r.Damage.Bytes))
	}
}

// diskFails notes a failure, and reports it if it is news.
func (q *Queue) diskFails(err error) {
	if d := q.disk; d.failed == nil || d.failed.Error() != err.Error() {
		d.report(err)
	}
	q.disk.failed = err
}

// checkDisk finds out whether the directory is still there, and what was written
// in it.
func (q *Queue) checkDisk() {
	d := q.disk
	restored, err := d.log.Check()
	q.mu.Lock()
	defer q.mu.Unlock()
	before := d.displaced
	d.displaced = nil
	switch {
	case err != nil:
		d.displaced = fmt.Errorf("handler: %w", err)
		if before == nil || before.Error() != d.displaced.Error() {
			d.report(d.displaced)
		}
	case restored:
		Signal(d.unsynced)
		d.report(fmt.Errorf("handler: the spool %s, or a part of it, was removed or replaced while in use: "+
			"it was written again", d.dir))
	}
}

// spoolOlder moves the frames that are older than an age to the disk. Frames that
// the sender has in hand stay there as well.
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
		Signal(q.disk.unsynced)
	}
	q.ReleaseDelivered()
	q.ring()
}

// spoolKept writes the delivered frames that are to be sent again to the disk,
// before all others.
func (q *Queue) spoolKept() {
	d := q.disk
	q.mu.Lock()
	kept := d.kept
	q.mu.Unlock()
	if len(kept) == 0 {
		return
	}
	if _, err := d.log.Prepend(kept); err != nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.diskFails(fmt.Errorf("handler: %w; the records that Redeliver keeps are not sent again after a restart", err))
	}
}

// spoolOldest writes the oldest chunk that is not on disk yet, if it was begun
// before a time, and reports whether it did and whether there may be more.
func (q *Queue) spoolOldest(before time.Time, buf *[]byte) (wrote, more bool) {
	d := q.disk
	q.mu.Lock()
	c, inHand := q.oldestInMemory(before)
	if c == nil {
		d.failed = nil // nothing waits for the disk any more
		q.mu.Unlock()
		return false, false
	}
	life, frames := c.life, c.data
	if inHand { // the sender may give the memory away meanwhile
		*buf = append((*buf)[:0], c.data[c.acked:]...)
		frames, c.copying = *buf, true
	} else {
		d.moving = c
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
func (q *Queue) oldestInMemory(before time.Time) (c *Chunk, inHand bool) {
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
func (q *Queue) putBack(c *Chunk) {
	c.next = q.first
	if q.first = c; q.last == nil {
		q.last = c
	}
}

func (q *Queue) spoolFailed(err error) {
	what := "records are kept in memory alone"
	if errors.Is(err, spool.ErrFull) {
		what = "records are kept in memory until there is room; raise SpoolBytes"
	}
	q.diskFails(fmt.Errorf("handler: %w; %s", err, what))
}
