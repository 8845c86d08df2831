package queue

import "time"

// addOrWait adds a frame. If the queue is full, it drops older frames or waits, as
// configured, or else counts the frame as dropped.
func (q *Queue) addOrWait(frame []byte, urgent bool) error {
	if q.closed {
		return ErrClosed
	}
	added := q.add(frame, urgent)
	if !added && q.dropsOldest {
		for !added && q.dropOldest(urgent) {
			added = q.add(frame, urgent)
		}
	} else if !added && q.blockTimeout > 0 {
		added = q.addWhenNotFull(frame, urgent)
	}
	switch {
	case added:
		return nil
	case q.closed:
		return ErrClosed
	}
	q.full++
	return ErrFull
}

// addWhenNotFull waits for at most blockTimeout until a frame fits. Canceling the
// context of the logging call does not end the wait; see [log/slog.Handler].
func (q *Queue) addWhenNotFull(frame []byte, urgent bool) bool {
	end := time.Now().Add(q.blockTimeout)
	timer := time.AfterFunc(q.blockTimeout, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.notFull.Broadcast()
	})
	defer timer.Stop()
	for !q.closed {
		if q.add(frame, urgent) {
			return true
		}
		if !time.Now().Before(end) {
			return false
		}
		q.notFull.Wait()
	}
	return false
}

// dropOldest drops the frames of the oldest queued chunk that are not urgent. If all
// queued frames are urgent, it drops the oldest chunk in favor of an urgent frame. It
// reports whether it dropped frames. No chunk may be open.
func (q *Queue) dropOldest(urgent bool) bool {
	for before := q.first; before != nil; before = before.next {
		before.await()
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
		c.await()
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
