package spool

import (
	"cmp"
	"fmt"
	"os"
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
	if err := l.open(b); err != nil {
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

// open makes the scanner begin with a block.
func (l *Log) open(b Block) error {
	if l.active != nil && l.active.number == b.number {
		l.scanner.scan(l.out, b.off, b.end)
		return nil
	}
	i, ok := slices.BinarySearchFunc(l.segments, b.number, func(s *segment, n uint64) int {
		return cmp.Compare(s.number, n)
	})
	if !ok {
		return fmt.Errorf("spool: %s: read of a block that is released, or of another log", l.dir)
	}
	if l.in == nil || l.inFrom != b.number {
		l.closeIn()
		f, err := l.disk.open(l.segments[i].path, os.O_RDONLY)
		if err != nil {
			return l.failed(err)
		}
		l.in, l.inFrom = f, b.number
	}
	l.scanner.scan(l.in, b.off, b.end)
	return nil
}

// closeIn closes the segment that is read.
func (l *Log) closeIn() {
	if l.in != nil {
		_ = l.in.Close() // nothing was written to it
		l.in = nil
	}
}
