package spool

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// recover finds the segments in the directory, and the frames in them that are not
// released.
func (l *Log) recover() error {
	found, err := l.list()
	if err != nil {
		return err
	}
	l.cursor.path = filepath.Join(l.dir, "cursor")
	// Without the cursor, released frames are sent again. That is better than not
	// opening the spool.
	if err := l.diskError(l.cursor.load(l.disk)); errors.Is(err, ErrUnsafe) {
		return err
	}
	for i, s := range found {
		if err := l.recoverSegment(s, i == len(found)-1); err != nil {
			return err
		}
	}
	return nil
}

// list returns the segments in the directory, oldest first.
func (l *Log) list() ([]*segment, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, l.diskError(err)
	}
	var found []*segment
	for _, e := range entries {
		if e.Name() == "lock" || e.Name() == "cursor" {
			continue
		}
		number, ok := parseName(e.Name())
		l.lastNumber = max(l.lastNumber, number)
		if !ok || !e.Type().IsRegular() {
			l.recovered.Foreign++
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, l.diskError(err)
		}
		found = append(found, &segment{
			number: number, name: number, path: filepath.Join(l.dir, e.Name()), size: info.Size(),
		})
	}
	slices.SortFunc(found, func(a, b *segment) int { return cmp.Compare(a.number, b.number) })
	return found, nil
}

// recoverSegment reads a segment from start to end.
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
		return l.diskError(sc.err)
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
	s.end = sc.validEnd
	if s.size > s.end && l.truncate(s) != nil {
		l.hasExcess = true
	}
	return nil
}

// readHeader sets id and start of a segment from its header. A damaged header is
// treated like other damage if records follow it.
func (l *Log) readHeader(f file, s *segment) ([]byte, error) {
	header := make([]byte, min(headerLen, s.size))
	if _, err := readAt(f, header, 0); err != nil {
		return nil, l.diskError(err)
	}
	v, id, ok := parseHeader(header)
	switch {
	case !ok:
		return header, nil
	case v != version:
		return nil, fmt.Errorf("spool: %s has version %d of the format, and this program reads version %d: "+
			"run the newer program that wrote the file, or move the file away", s.path, v, version)
	}
	s.id, s.start = id, headerLen
	if l.cursor.id == id {
		s.start = min(max(s.start, l.cursor.off), s.size)
	}
	return header, nil
}

// recoverFrame adds the frame that the scanner has found to the last block or to a
// new block. Damage belongs to the block of the next frame.
func (l *Log) recoverFrame(s *segment, blocks int) {
	size := len(l.scanner.frame)
	l.recovered.Frames++
	l.recovered.Bytes += int64(size)
	l.stats.Frames++
	if n := len(l.pending); n > blocks && l.pending[n-1].Bytes+size <= blockSize {
		b := &l.pending[n-1]
		b.Frames++
		b.Bytes += size
		b.end = l.scanner.validEnd
		return
	}
	off := s.start
	if n := len(l.pending); n > blocks {
		off = l.pending[n-1].end
	}
	l.recovered.Blocks++
	l.pending = append(l.pending, Block{Frames: 1, Bytes: size, number: s.number, off: off, end: l.scanner.validEnd})
}

// count adds the damage of a segment to the counters.
func (l *Log) count(s *segment, newest bool) {
	sc := &l.scanner
	l.recovered.Damage.Bytes += sc.damagedBytes
	l.recovered.Damage.Ranges += sc.damagedRanges
	switch tail := s.size - sc.validEnd; {
	case tail == 0:
	case newest:
		l.recovered.TornBytes += tail
	default:
		l.recovered.Damage.Bytes += tail
		l.recovered.Damage.Ranges++
	}
}
