package queue

import "bytes"

// A window holds the frames that the sender has taken from the queue until they
// have reached the server: first delivered frames that are kept to be sent
// again, then the chunks that are being sent, oldest first.
type Window struct {
	queue       *Queue
	keep        int    // bytes of delivered frames to keep
	kept        Chunk  // the newest delivered frames, at least keep bytes if there were so many
	first, last *Chunk // not delivered as a whole
	reached     int    // bytes that have reached the server on the present link
}

// newWindow returns a window that keeps so many bytes of delivered frames.
func NewWindow(q *Queue, keep int) Window { return Window{queue: q, keep: keep} }

// keeps reports whether there are kept frames.
func (w *Window) Keeps() bool { return len(w.kept.data) > 0 }

// push adds a chunk, or moves its frames into the free memory of the last one: a
// chunk with a single record must not hold the memory of hundreds until it is
// acknowledged.
func (w *Window) Push(c *Chunk) {
	if w.last != nil && w.queue.merge(w.last, c) {
		return
	}
	c.next = nil
	if w.last == nil {
		w.first = c
	} else {
		w.last.next = c
	}
	w.last = c
}

// unwritten returns the first chunk that has bytes to be written on the present
// link, or nil.
func (w *Window) Unwritten() *Chunk {
	if w.kept.written < len(w.kept.data) {
		return &w.kept
	}
	for c := w.first; c != nil; c = c.next {
		if c.written < len(c.data) {
			return c
		}
	}
	return nil
}

// waiting reports whether there are frames that have not been delivered, or kept
// ones that are to be sent again and have not reached the server.
func (w *Window) Waiting() bool {
	for c := w.first; c != nil; c = c.next {
		if c.acked < len(c.data) { // the last one may be empty: damaged on disk
			return true
		}
	}
	return w.kept.reached < len(w.kept.data)
}

// settle records how many bytes have reached the server on the present link, and
// releases the chunks that are delivered by that. It reports whether there are
// more bytes than before, and how many frames were delivered that had been
// written whole on a former link.
func (w *Window) Settle(reached int) (progress bool, redelivered int) {
	more := reached - w.reached
	progress = more > 0
	w.reached = reached
	if n := min(more, w.kept.written-w.kept.reached); n > 0 {
		redelivered = bytes.Count(w.kept.data[w.kept.reached:w.kept.reached+n], []byte{0})
		w.kept.reached += n
		more -= n
	}
	for c := w.first; c != nil && more > 0; c = c.next {
		n := min(more, c.written-c.reached)
		c.reached += n
		more -= n
		end := c.frameEnd(c.reached)
		if end <= c.acked {
			continue
		}
		if again := min(end, c.again); again > c.acked {
			redelivered += bytes.Count(c.data[c.acked:again], []byte{0})
		}
		w.retain(c.data[c.acked:end])
		w.queue.deliveredTo(c, end)
	}
	for w.first != nil && w.first.acked == len(w.first.data) {
		w.drop()
	}
	return progress, redelivered
}

// reserve returns the memory, in bytes, that a window needs to keep so many bytes
// of delivered frames: a part of it is free, so that few frames have to move when
// the oldest are removed.
func reserve(keep int) int { return keep + keep/4 }

// retain keeps frames that were just delivered, and removes the oldest ones that
// need not be kept any longer.
func (w *Window) retain(frames []byte) {
	if w.keep == 0 {
		return
	}
	k := &w.kept
	if excess := len(k.data) + len(frames) - w.keep; len(k.data)+len(frames) > reserve(w.keep) {
		if excess < len(k.data) {
			k.data = append(k.data[:0], k.data[k.frameEnd(excess):]...)
		} else {
			whole := Chunk{data: frames}
			k.data, frames = k.data[:0], frames[whole.frameEnd(excess-len(k.data)):]
		}
	}
	if k.data == nil {
		k.data = make([]byte, 0, reserve(w.keep))
	}
	k.data = append(k.data, frames...)
	k.written, k.reached = len(k.data), len(k.data)
}

// drop returns the first chunk to the queue.
func (w *Window) drop() {
	c := w.first
	w.first = c.next
	if w.first == nil {
		w.last = nil
	}
	w.queue.done(c)
}

// rewind prepares for a new link: the kept frames are to be written again, and
// then all that were not delivered.
func (w *Window) Rewind() {
	skip := max(len(w.kept.data)-w.keep, 0)
	w.kept.rewind(skip)
	for c := w.first; c != nil; c = c.next {
		c.rewind(c.acked)
	}
	w.reached = 0
}

// again returns the kept frames that are sent again on the next link.
func (w *Window) Again() []byte {
	k := &w.kept
	return k.data[k.frameEnd(max(len(k.data)-w.keep, 0)):]
}

// forget removes the kept frames.
func (w *Window) Forget() { w.kept = Chunk{data: w.kept.data[:0]} }

// clear returns all chunks to the queue, which counts the frames that were not
// delivered as given up.
func (w *Window) Clear() {
	w.Forget()
	for w.first != nil {
		w.drop()
	}
}
