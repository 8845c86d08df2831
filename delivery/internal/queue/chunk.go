package queue

import (
	"bytes"
	"time"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// A Chunk holds whole frames, each with its NUL.
type Chunk struct {
	next   *Chunk // in the list it is in
	life   int    // how often its memory was used before
	data   []byte
	frames int       // in data[acked:]
	first  uint64    // position of the first of these, or a lower one
	urgent []int     // offsets of the urgent frames
	born   time.Time // when it was begun

	// With a spool: whether the frames are on disk too, where, and how many of
	// the block's frames these were.
	copying bool // the frames are on their way there
	onDisk  bool
	block   spool.Block
	ofBlock int

	// Offsets in data, for the sender. What lies before acked is delivered, and
	// acked is the end of a frame. On the present link, what lies before written
	// was written, and of that what lies before reached has reached the peer's
	// kernel; both may be anywhere in a frame.
	acked, reached, written int

	// again is the end of the frames that were written whole on a former link.
	again int
}

// add adds a frame.
func (c *Chunk) add(frame []byte, urgent bool) {
	if urgent {
		c.urgent = append(c.urgent, len(c.data))
	}
	c.data = append(c.data, frame...)
	c.frames++
}

// Unwritten returns the bytes that are to be written on the current link.
func (c *Chunk) Unwritten() []byte { return c.data[c.written:] }

// Wrote records that the first n of these bytes were written.
func (c *Chunk) Wrote(n int) { c.written += n }

// advance moves acked to the offset, the end of a frame, and returns how many
// frames that were.
func (c *Chunk) advance(offset int) (frames int) {
	frames = c.frames
	if offset < len(c.data) {
		frames = bytes.Count(c.data[c.acked:offset], []byte{0})
	}
	c.acked = offset
	c.frames -= frames
	c.first += uint64(frames)
	return frames
}

// frameEnd returns the end of the last frame that lies wholly before the
// offset.
func (c *Chunk) frameEnd(offset int) int {
	if offset == len(c.data) {
		return offset
	}
	return bytes.LastIndexByte(c.data[:offset], 0) + 1
}

// rewind prepares the chunk to be written on a new link, from the end of the last
// frame before the offset on.
func (c *Chunk) rewind(offset int) {
	c.again = max(c.again, c.frameEnd(c.written))
	offset = c.frameEnd(offset)
	c.reached, c.written = offset, offset
}

// urgentOnly returns the urgent frames of a chunk, and the number of the other
// frames and of their bytes.
func (c *Chunk) urgentOnly() (kept Chunk, frames, size int) {
	for _, begin := range c.urgent {
		end := begin + bytes.IndexByte(c.data[begin:], 0) + 1
		kept.add(c.data[begin:end], true)
	}
	return kept, c.frames - kept.frames, len(c.data) - len(kept.data)
}

// replace gives a chunk the frames of another one.
func (c *Chunk) replace(by Chunk) {
	c.data, c.urgent, c.frames = append(c.data[:0], by.data...), by.urgent, by.frames
}

// takes reports whether the frames of another chunk can join those of this one.
func (c *Chunk) takes(other *Chunk) bool {
	return !c.copying && !c.onDisk && !other.copying && !other.onDisk && len(c.data)+len(other.data) <= cap(c.data)
}

// join appends the frames of another chunk.
func (c *Chunk) join(other *Chunk) {
	for _, begin := range other.urgent {
		c.urgent = append(c.urgent, len(c.data)+begin)
	}
	if c.frames == 0 {
		c.first = other.first
	}
	c.data = append(c.data, other.data...)
	c.frames += other.frames
}
