package spool

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// recover finds the segments in the directory and the frames in them that are
// not released.
func (l *Log) recover() error {
	found, err := l.list()
	if err != nil {
		return err
	}
	l.cursor.path = filepath.Join(l.dir, "cursor")
	// Without a cursor frames come again, which is better than not at all.
	if err := l.failed(l.cursor.load(l.disk)); errors.Is(err, ErrUnsafe) {
		return err
	}
	for i, s := range found {
		if err := l.recoverSegment(s, i == len(found)-1); err != nil {
			return err
		}
	}
	return nil
}

// list returns the segments by their names, oldest first.
func (l *Log) list() ([]*segment, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, l.failed(err)
	}
	var found []*segment
	for _, e := range entries {
		if e.Name() == "lock" || e.Name() == "cursor" {
			continue
		}
		number, ok := parseName(e.Name())
		l.last = max(l.last, number)
		if !ok || !e.Type().IsRegular() {
			l.recovered.Foreign++
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, l.failed(err)
		}
		found = append(found, &segment{
			number: number, name: number, path: filepath.Join(l.dir, e.Name()), size: info.Size(),
		})
	}
	slices.SortFunc(found, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
	return found, nil
}

// recoverSegment reads a segment from its beginning to its end.
func (l *Log) recoverSegment(s *segment, newest bool) error {
	f, err := l.open(s)
	if err != nil {
		return err
	}
	header, err := l.readHeader(f, s)
	if err != nil {
		l.closeFile(s)
		return err
	}
	blocks := len(l.pending)
	sc := &l.scanner
	for sc.scan(f, s.start, s.size); sc.next(); {
		l.recoverFrame(s, blocks)
	}
	if sc.err != nil {
		l.closeFile(s)
		return l.failed(sc.err)
	}
	if len(l.pending) == blocks && s.id == 0 && !unwritten(header) {
		l.recovered.Foreign++
		l.closeFile(s)
		return nil
	}
	l.stats.Bytes += s.size
	l.count(s, newest)
	if len(l.pending) == blocks {
		_ = l.remove(s)
		return nil
	}
	l.segments = append(l.segments, s)
	s.end = sc.good
	if s.size > s.end && l.cut(s) != nil {
		l.wrecked = true
	}
	return nil
}

// readHeader sets id and start of a segment to what its header says. A damaged
// header is damage like any other, as long as records follow it.
func (l *Log) readHeader(f file, s *segment) ([]byte, error) {
	header := make([]byte, min(headerLen, s.size))
	if _, err := readAt(f, header, 0); err != nil {
		return nil, l.failed(err)
	}
	v, id, ok := parseHeader(header)
	switch {
	case !ok:
		return header, nil
	case v != version:
		return nil, fmt.Errorf("spool: %s has version %d of the format, and this program knows version %d: "+
			"run the newer program that wrote it, or move the file away", s.path, v, version)
	}
	s.id, s.start = id, headerLen
	if l.cursor.id == id {
		s.start = min(max(s.start, l.cursor.off), s.size)
	}
	return header, nil
}

// recoverFrame adds the frame that the scanner has found to the last block, or
// to a new one. Damage is within the block of the frame that follows it.
func (l *Log) recoverFrame(s *segment, blocks int) {
	size := len(l.scanner.frame)
	l.recovered.Frames++
	l.recovered.Bytes += int64(size)
	l.stats.Frames++
	if n := len(l.pending); n > blocks && l.pending[n-1].Bytes+size <= blockSize {
		b := &l.pending[n-1]
		b.Frames++
		b.Bytes += size
		b.end = l.scanner.good
		return
	}
	off := s.start
	if n := len(l.pending); n > blocks {
		off = l.pending[n-1].end
	}
	l.recovered.Blocks++
	l.pending = append(l.pending, Block{Frames: 1, Bytes: size, number: s.number, off: off, end: l.scanner.good})
}

// count counts the damage of a segment.
func (l *Log) count(s *segment, newest bool) {
	sc := &l.scanner
	l.recovered.Skipped.Bytes += sc.skipped
	l.recovered.Skipped.Places += sc.places
	switch tail := s.size - sc.good; {
	case tail == 0:
	case newest:
		l.recovered.TornBytes += tail
	default:
		l.recovered.Skipped.Bytes += tail
		l.recovered.Skipped.Places++
	}
}
