package handler

import "time"

// Overflow is what becomes of a record for which the queue has no room.
type Overflow int

const (
	// DropNewest drops the record.
	DropNewest Overflow = iota
	// DropOldest drops the oldest records below Warn to make room for it. If
	// there are none, the oldest of all make room for one from Warn on, and
	// others are dropped.
	DropOldest
	// Block has the call wait for room, for the BlockTimeout at most, and drops
	// the record after it.
	Block
	// Spool leaves it to SpoolDir, which has to be set, to make room in time, and
	// drops the record where the disk is too slow or full. With a SpoolDir
	// DropNewest is the same.
	Spool
)

// roomFor returns the chunk for a frame of n bytes, and makes room for it as
// the policy says. A frame that finds none is counted.
func (q *queue) roomFor(n int, urgent bool) (*chunk, error) {
	if q.closed {
		return nil, ErrClosed
	}
	c := q.chunkFor(n, urgent)
	if c == nil {
		switch q.overflow {
		case DropOldest:
			for c == nil && q.dropOldest(urgent) {
				c = q.chunkFor(n, urgent)
			}
		case Block:
			c = q.waitForRoom(n, urgent)
		}
	}
	if c != nil {
		return c, nil
	}
	if q.closed {
		return nil, ErrClosed
	}
	q.full++
	return nil, ErrQueueFull
}

// waitForRoom waits until there is room for a frame, for BlockTimeout at most. The
// context of the call has no part in it: as [log/slog.Handler] says, canceling it
// should not affect the processing of the record.
func (q *queue) waitForRoom(n int, urgent bool) *chunk {
	end := time.Now().Add(q.blockTimeout)
	timer := time.AfterFunc(q.blockTimeout, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.room.Broadcast()
	})
	defer timer.Stop()
	for !q.closed {
		if c := q.chunkFor(n, urgent); c != nil || !time.Now().Before(end) {
			return c
		}
		q.room.Wait()
	}
	return nil
}

// dropOldest gives up the oldest chunk that the sender does not have, but for
// its urgent frames. These go only if there are no others, and for an urgent one.
// It reports whether that made room.
func (q *queue) dropOldest(urgent bool) bool {
	for before := q.first; before != nil; before = before.next {
		kept, frames, size := before.urgentOnly()
		if frames == 0 {
			continue // nothing but urgent frames
		}
		q.oldest += uint64(frames)
		q.countDropped(before.first, frames)
		q.leave(frames, size)
		before.replace(kept)
		q.compact()
		return true
	}
	if q.first == nil || !urgent {
		return false
	}
	// All are urgent: the oldest go.
	c := q.takeFirst()
	q.oldest += uint64(c.frames)
	q.countDropped(c.first, c.frames)
	q.leave(c.frames, len(c.data))
	q.recycle(c)
	return true
}

// compact joins neighbours that have become small, and gives empty ones back.
func (q *queue) compact() {
	var list []*chunk
	for c := q.first; c != nil; c = c.next {
		list = append(list, c)
	}
	q.first, q.last = nil, nil
	for _, c := range list {
		if q.last != nil && q.last.takes(c) {
			q.last.join(c)
			q.recycle(c)
			continue
		}
		if len(c.data) == 0 {
			q.recycle(c)
			continue
		}
		q.append(c)
	}
}
