package spool

import (
	"cmp"
	"fmt"
	"slices"
)

// Read appends the frames of a block to dst and returns it, and how many frames
// of the block are damaged and left out. After an error dst has the frames
// before it; whoever gives the others up releases the block as a whole.
func (l *Log) Read(b Block, dst []byte) (frames []byte, damaged int, err error) {
	l.mu.Lock()
	defer l.leave()
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
	if err := l.failed(l.scanner.err); err != nil {
		return dst, 0, err
	}
	l.stats.Damaged += uint64(b.Frames - n)
	return dst, b.Frames - n, nil
}

// scan makes the scanner begin with a block.
func (l *Log) scan(b Block) error {
	s := l.segmentOf(b)
	if s == nil {
		return fmt.Errorf("spool: %s: read of a block that is released, or of another log", l.dir)
	}
	f, err := l.open(s)
	if err != nil {
		return err
	}
	l.scanner.scan(f, b.off, b.end)
	return nil
}

// segmentOf returns the segment that a block is in, or nil if that is released.
func (l *Log) segmentOf(b Block) *segment {
	i, ok := slices.BinarySearchFunc(l.segments, b.number, func(s *segment, n uint64) int {
		return cmp.Compare(s.number, n)
	})
	if !ok {
		return nil
	}
	return l.segments[i]
}
