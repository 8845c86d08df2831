package spool

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// A Block is a sequence of frames that were appended or recovered together. It
// belongs to one Log, and is valid until it is released.
type Block struct {
	Frames int
	Bytes  int // of the frames, with their NULs

	number   uint64 // of the segment
	off, end int64  // offsets in the segment
}

// Read appends the frames of a block to dst. It returns the extended slice, and the
// number of damaged frames, which it leaves out. After an error, the slice contains
// the frames before the error. To give up the other frames, release the block.
func (l *Log) Read(b Block, dst []byte) (frames []byte, damaged int, err error) {
	l.mu.Lock()
	defer l.unlock()
	if l.closed {
		return dst, 0, ErrClosed
	}
	if err := l.scan(b); err != nil {
		return dst, 0, err
	}
	n := 0
	for n < b.Frames && l.scanner.next() {
		dst = append(dst, l.scanner.frame...)
		n++
	}
	if err := l.diskError(l.scanner.err); err != nil {
		return dst, 0, err
	}
	l.stats.Damaged += uint64(b.Frames - n)
	return dst, b.Frames - n, nil
}

// scan points the scanner to a block.
func (l *Log) scan(b Block) error {
	s := l.segmentOf(b)
	if s == nil {
		return fmt.Errorf("spool: %s: read: the block is released, or belongs to another log", l.dir)
	}
	f, err := l.open(s)
	if err != nil {
		return err
	}
	l.scanner.scan(f, b.off, b.end)
	return nil
}

// segmentOf returns the segment of a block, or nil if the segment is released.
func (l *Log) segmentOf(b Block) *segment {
	i, ok := slices.BinarySearchFunc(l.segments, b.number, func(s *segment, n uint64) int {
		return cmp.Compare(s.number, n)
	})
	if !ok {
		return nil
	}
	return l.segments[i]
}

// Release marks the first n frames that [Log.Read] returns for a block as delivered.
// A smaller n than in an earlier call has no effect. The block is released if n is
// Frames, or if all other frames are damaged. A segment is deleted with its last
// block. Blocks must be released in order. Releasing a block again has no effect.
//
// Do not repeat a call because of an error of the disk: the frames are released, but
// may be returned again after a restart.
func (l *Log) Release(b Block, n int) error {
	l.mu.Lock()
	defer l.unlock()
	if l.closed {
		return ErrClosed
	}
	if len(l.segments) == 0 || b.number < l.segments[0].number {
		return nil
	}
	head := l.segments[0]
	switch {
	case b.number > head.number || b.off > head.start:
		return fmt.Errorf("spool: %s: release: older blocks are not released: release them first", l.dir)
	case b.end <= head.start || n <= 0:
		return nil
	}
	to, err := l.position(b, n)
	if err != nil {
		return err
	}
	l.retryCleanup()
	return l.advance(head, b, n, to)
}

// position returns the offset at which the first n frames of a block end.
func (l *Log) position(b Block, n int) (int64, error) {
	if n >= b.Frames {
		return b.end, nil
	}
	if err := l.scan(b); err != nil {
		return 0, err
	}
	for range n {
		if !l.scanner.next() {
			break
		}
	}
	to := l.scanner.validEnd
	if !l.scanner.next() {
		to = b.end
	}
	return to, l.diskError(l.scanner.err)
}

// advance releases the first n frames of the oldest block, which end at an offset.
func (l *Log) advance(head *segment, b Block, n int, to int64) error {
	if to <= head.start {
		return nil
	}
	if to == b.end {
		n = b.Frames
	}
	l.stats.Frames -= int64(n - head.released)
	l.stats.Released += uint64(n - head.released)
	head.start, head.released = to, n
	if to == b.end {
		head.released = 0
		for len(l.pending) > 0 && !l.pending[0].after(b.number, to) {
			l.pending = l.pending[1:]
		}
		if len(l.pending) == 0 {
			l.pending = nil // frees the array
		}
	}
	if to < head.end {
		return l.diskError(l.cursor.set(l.disk, head.id, to))
	}
	l.segments = l.segments[1:]
	// The cursor has no effect without the segment. If the segment cannot be
	// removed, the cursor keeps its frames from being sent again.
	if err := l.remove(head); err != nil {
		return errors.Join(err, l.diskError(l.cursor.set(l.disk, head.id, to)))
	}
	return nil
}

// after reports whether the block ends after an offset in a segment.
func (b *Block) after(number uint64, off int64) bool {
	return b.number > number || b.number == number && b.end > off
}
