package queue

import "time"

// roomFor returns the chunk for a frame of n bytes, and makes room for it as
// the policy says. A frame that finds none is counted.
func (q *Queue) roomFor(n int, urgent bool) (*Chunk, error) {
	if q.closed {
		return nil, ErrClosed
	}
	c := q.chunkFor(n, urgent)
	if c == nil {
		switch {
		case q.oldestFirst:
			for c == nil && q.dropOldest(urgent) {
				c = q.chunkFor(n, urgent)
			}
		case q.blockTimeout > 0:
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
	return nil, ErrFull
}

// waitForRoom waits until there is room for a frame, for BlockTimeout at most. The
// context of the call has no part in it: as [log/slog.Handler] says, canceling it
// should not affect the processing of the record.
func (q *Queue) waitForRoom(n int, urgent bool) *Chunk {
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
func (q *Queue) dropOldest(urgent bool) bool {
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
func (q *Queue) compact() {
	var list []*Chunk
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
