package handler

// A window holds the chunks that the sender has taken from the queue, oldest
// first, until what is in them has reached the server: first those that were
// delivered and are kept to be sent again, then those that were written, then
// at most one that is not yet wholly written.
type window struct {
	queue       *queue
	keep        int // bytes that are kept after they were delivered
	first, last *chunk
	held        int // delivered bytes in the window
	reached     int // bytes that have reached the server on the present link
}

// push adds a chunk, or puts its frames into the last one's free memory: a chunk
// that was taken with a single record in it must not hold the room of hundreds
// until that is acknowledged. It returns the chunk that has the frames now.
func (w *window) push(c *chunk) *chunk {
	if w.last != nil && w.queue.merge(w.last, c) {
		return w.last
	}
	c.next = nil
	if w.last == nil {
		w.first = c
	} else {
		w.last.next = c
	}
	w.last = c
	return c
}

// unwritten returns the first chunk that is not wholly written, nil if there is
// none.
func (w *window) unwritten() *chunk {
	for c := w.first; c != nil; c = c.next {
		if c.written < len(c.data) {
			return c
		}
	}
	return nil
}

// waiting reports whether there are frames that have not been delivered.
func (w *window) waiting() bool { return w.last != nil && w.last.acked < len(w.last.data) }

// settle takes note of how many bytes have reached the server on the present
// link, and lets go of what is delivered by that. It reports whether that is
// more than before.
func (w *window) settle(reached int) bool {
	more := reached - w.reached
	progress := more > 0
	w.reached = reached
	for c := w.first; c != nil && more > 0; c = c.next {
		n := min(more, c.written-c.reached)
		c.reached += n
		more -= n
		if end := c.frameEnd(c.reached); end > c.acked {
			w.held += end - c.acked
			w.queue.deliveredTo(c, end)
		}
	}
	for w.first != nil && w.first.acked == len(w.first.data) && w.held-len(w.first.data) >= w.keep {
		w.drop()
	}
	return progress
}

// drop gives the first chunk back to the queue.
func (w *window) drop() {
	c := w.first
	w.held -= c.acked
	w.first = c.next
	if w.first == nil {
		w.last = nil
	}
	w.queue.done(c)
}

// rewind prepares for a new link: what was not delivered is to be written
// again, and before it the kept bytes. It returns the number of frames that are
// sent a second time.
func (w *window) rewind() (again int) {
	skip := max(w.held-w.keep, 0)
	for c := w.first; c != nil; c = c.next {
		n := min(skip, c.acked)
		skip -= n
		again += c.rewind(n)
	}
	w.reached = 0
	return again
}

// forget drops what is kept although it was delivered.
func (w *window) forget() {
	for w.first != nil && w.first.acked == len(w.first.data) {
		w.drop()
	}
}

// clear gives all chunks back; what was not delivered is given up.
func (w *window) clear() {
	for w.first != nil {
		w.drop()
	}
}
