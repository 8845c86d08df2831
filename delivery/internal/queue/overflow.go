package queue

import "time"

// makeRoom returns a chunk for a frame of n bytes. If the queue is full, it drops older
// frames or waits, as configured, or else counts the frame as dropped.
func (q *Queue) makeRoom(n int, urgent bool) (*Chunk, error) {
	if q.closed {
		return nil, ErrClosed
	}
	c := q.chunkFor(n, urgent)
	if c == nil {
		switch {
		case q.dropsOldest:
			for c == nil && q.dropOldest(urgent) {
				c = q.chunkFor(n, urgent)
			}
		case q.blockTimeout > 0:
			c = q.waitUntilNotFull(n, urgent)
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

// waitUntilNotFull waits for at most blockTimeout until a frame fits. Canceling the
// context of the logging call does not end the wait; see [log/slog.Handler].
func (q *Queue) waitUntilNotFull(n int, urgent bool) *Chunk {
	end := time.Now().Add(q.blockTimeout)
	timer := time.AfterFunc(q.blockTimeout, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.notFull.Broadcast()
	})
	defer timer.Stop()
	for !q.closed {
		if c := q.chunkFor(n, urgent); c != nil || !time.Now().Before(end) {
			return c
		}
		q.notFull.Wait()
	}
	return nil
}

// dropOldest drops the frames of the oldest queued chunk that are not urgent. If all
// queued frames are urgent, it drops the oldest chunk in favor of an urgent frame. It
// reports whether it dropped frames.
func (q *Queue) dropOldest(urgent bool) bool {
	for before := q.first; before != nil; before = before.next {
		kept, frames, size := before.urgentOnly()
		if frames == 0 {
			continue
		}
		q.oldest += uint64(frames)
		q.countDropped(before.first, frames)
		q.countOut(frames, size)
		before.replace(kept)
		q.compact()
		return true
	}
	if q.first == nil || !urgent {
		return false
	}
	c := q.takeFirst()
	q.oldest += uint64(c.frames)
	q.countDropped(c.first, c.frames)
	q.countOut(c.frames, len(c.data))
	q.recycle(c)
	return true
}

// compact joins adjacent chunks that have become small, and frees empty ones.
func (q *Queue) compact() {
	var list []*Chunk
	for c := q.first; c != nil; c = c.next {
		list = append(list, c)
	}
	q.first, q.last = nil, nil
	for _, c := range list {
		if q.last != nil && q.last.canJoin(c) {
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
