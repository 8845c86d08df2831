package queue

import (
	"bytes"
	"time"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// A Chunk holds complete frames, each with its NUL.
type Chunk struct {
	next   *Chunk    // in a list of the queue
	uses   int       // how often the memory was reused
	room   *room     // the memory, or nil if the chunk is for one frame
	size   int       // bytes in the room when it was last closed
	data   []byte    // the frames; of an open chunk, those at the time when it was opened
	frames int       // in data[acked:]
	first  uint64    // position of the first of these frames, or lower
	urgent []int     // offsets of the urgent frames
	begun  time.Time // when the first frame was added

	copying bool // the frames are being written to the spool
	spooled bool // the frames are in the spool too
	block   spool.Block
	ofBlock int // frames of the block that were in this chunk

	// Offsets in data. Bytes before acked are delivered; acked is the end of a
	// frame. On the current link, bytes before written were written, and bytes
	// before reached were acknowledged by the server's kernel. Both may be in the
	// middle of a frame.
	acked, reached, written int

	// again is the end of the frames that were completely written on an earlier
	// link.
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

// await waits until all frames are copied into a closed chunk.
func (c *Chunk) await() {
	if c.size > 0 {
		c.room.await(c.size)
	}
}

// Unwritten returns the bytes that are to be written on the current link.
func (c *Chunk) Unwritten() []byte { return c.data[c.written:] }

// Wrote records that the first n of these bytes were written.
func (c *Chunk) Wrote(n int) { c.written += n }

// advance moves acked to an offset, which must be the end of a frame, and returns the
// number of frames in between.
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

// frameEnd returns the end of the last frame that ends at or before an offset.
func (c *Chunk) frameEnd(offset int) int {
	if offset == len(c.data) {
		return offset
	}
	return bytes.LastIndexByte(c.data[:offset], 0) + 1
}

// rewind prepares the chunk for a new link. It is written again from the end of the last
// complete frame before an offset.
func (c *Chunk) rewind(offset int) {
	c.again = max(c.again, c.frameEnd(c.written))
	offset = c.frameEnd(offset)
	c.reached, c.written = offset, offset
}

// urgentOnly returns a chunk with the urgent frames only, and the number and size of the
// other frames.
func (c *Chunk) urgentOnly() (kept Chunk, frames, size int) {
	for _, begin := range c.urgent {
		end := begin + bytes.IndexByte(c.data[begin:], 0) + 1
		kept.add(c.data[begin:end], true)
	}
	return kept, c.frames - kept.frames, len(c.data) - len(kept.data)
}

// replace replaces the frames of the chunk with those of another chunk.
func (c *Chunk) replace(by Chunk) {
	c.data, c.urgent, c.frames = append(c.data[:0], by.data...), by.urgent, by.frames
}

// canJoin reports whether the frames of another chunk can be appended to this one.
func (c *Chunk) canJoin(other *Chunk) bool {
	return !c.copying && !c.spooled && !other.copying && !other.spooled && len(c.data)+len(other.data) <= cap(c.data)
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
