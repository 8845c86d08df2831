package queue

import "bytes"

// A Window holds the frames that the sender has taken from the queue, until they have
// reached the server: first the delivered frames that are kept to be sent again, then the
// chunks that are being sent, oldest first. It is used by one goroutine.
type Window struct {
	queue       *Queue
	keep        int    // bytes of delivered frames to keep
	kept        Chunk  // the newest delivered frames
	first, last *Chunk // with undelivered frames
	reached     int    // bytes that have reached the server on the current link
}

// NewWindow returns a window that keeps at least keep bytes of delivered frames.
func NewWindow(q *Queue, keep int) Window { return Window{queue: q, keep: keep} }

// Keeps reports whether there are kept frames.
func (w *Window) Keeps() bool { return len(w.kept.data) > 0 }

// Push adds a chunk. If its frames fit into the last chunk, it moves them there: a chunk
// with a single frame must not occupy the memory of hundreds until it is acknowledged.
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

// Unwritten returns the first chunk with bytes to write on the current link, or nil.
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

// Waiting reports whether there are undelivered frames, or kept frames that are being sent
// again and have not reached the server.
func (w *Window) Waiting() bool {
	for c := w.first; c != nil; c = c.next {
		if c.acked < len(c.data) { // the last chunk may be empty if its frames were damaged
			return true
		}
	}
	return w.kept.reached < len(w.kept.data)
}

// Settle records how many bytes have reached the server on the current link, and returns
// delivered chunks to the queue. It reports whether there are more bytes than before, and
// how many of the delivered frames had been completely written on an earlier link.
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

// reserve returns the size of a buffer for keep bytes of delivered frames. A part of it is
// free, so removing the oldest frames moves the others only now and then.
func reserve(keep int) int { return keep + keep/4 }

// retain keeps frames that were just delivered, and removes the oldest kept frames.
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

// Rewind prepares for a new link, on which the kept frames are written again, and then all
// undelivered frames.
func (w *Window) Rewind() {
	skip := max(len(w.kept.data)-w.keep, 0)
	w.kept.rewind(skip)
	for c := w.first; c != nil; c = c.next {
		c.rewind(c.acked)
	}
	w.reached = 0
}

// Again returns the kept frames that are sent again on the next link.
func (w *Window) Again() []byte {
	k := &w.kept
	return k.data[k.frameEnd(max(len(k.data)-w.keep, 0)):]
}

// Forget removes the kept frames.
func (w *Window) Forget() { w.kept = Chunk{data: w.kept.data[:0]} }

// Clear returns all chunks to the queue, which counts undelivered frames as given up.
func (w *Window) Clear() {
	w.Forget()
	for w.first != nil {
		w.drop()
	}
}
