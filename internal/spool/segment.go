package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	suffix    = ".spool"
	digits    = 12 // of a segment's number in its name
	maxNumber = 999_999_999_999
)

// A segment is one file of the log.
type segment struct {
	number uint64 // in blocks
	name   uint64 // number of the file: the same, unless the segment was moved
	id     uint64 // 0 if unknown: the header is damaged
	path   string
	start  int64 // released up to here
	done   int   // frames released of the block that start is within
	end    int64 // of the last block
	size   int64 // on disk: more than end while a failed write is to be cut off

	file    file        // nil if it is not open
	info    os.FileInfo // of the file
	dirty   bool        // the file is open and has bytes that are not synced
	syncing bool        // the file is being synced
	lost    bool        // the file was removed while it was not open
}

// maxOpen is the number of segments whose files stay open: their frames can be
// read even if the files are removed.
const maxOpen = 64

// open returns the file of a segment, for reading.
func (l *Log) open(s *segment) (file, error) {
	if s.file != nil {
		return s.file, nil
	}
	f, err := l.disk.open(s.path, os.O_RDONLY)
	if err != nil {
		return nil, l.failed(err)
	}
	if err := l.attach(s, f); err != nil {
		return nil, l.failed(err)
	}
	l.limitOpen(s)
	return f, nil
}

// attach makes a file that was just opened that of a segment.
func (l *Log) attach(s *segment, f file) error {
	info, err := f.Stat()
	if err == nil && s.info != nil && !os.SameFile(info, s.info) {
		err = fmt.Errorf("%s was replaced", s.path)
	}
	if err != nil {
		f.Close()
		return err
	}
	s.file, s.info = f, info
	l.opened++
	return nil
}

// limitOpen closes the oldest files, except that of a segment, if too many are
// open. Those that have to be synced stay open.
func (l *Log) limitOpen(except *segment) {
	for _, s := range l.segments {
		if l.opened <= maxOpen {
			return
		}
		if s.file != nil && s != except && s != l.active && !s.dirty && !s.syncing {
			l.closeFile(s)
		}
	}
}

// closeFile closes the file of a segment, which has nothing that is not synced or
// need not be. A sync that is running closes it in the end.
func (l *Log) closeFile(s *segment) {
	if s.file == nil {
		return
	}
	if !s.syncing {
		s.file.Close()
	}
	s.file, s.dirty = nil, false
	l.opened--
}

func (l *Log) closeFiles() {
	for _, s := range l.segments {
		l.closeFile(s)
	}
}

func segmentName(number uint64) string { return fmt.Sprintf("%0*d%s", digits, number, suffix) }

// parseName returns the number of the segment with a name.
func parseName(name string) (number uint64, ok bool) {
	text, ok := strings.CutSuffix(name, suffix)
	if !ok || len(text) != digits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return number, err == nil
}

// begin makes a new segment the active one, with the records in buf.
func (l *Log) begin() error {
	s, err := l.create(len(l.segments) == 0)
	if err != nil {
		return err
	}
	if err := l.fill(s); err != nil {
		return err
	}
	l.active = s
	l.segments = append(l.segments, s)
	l.limitOpen(s)
	return nil
}

// fill writes a header and the records in buf to a new segment.
func (l *Log) fill(s *segment) error {
	appendHeader(l.buf[:0], s.id)
	if _, err := s.file.WriteAt(l.buf, 0); err != nil {
		err = l.failed(err)
		l.discard(s)
		return err
	}
	s.dirty = true
	l.grow(s, int64(len(l.buf)))
	return nil
}

// discard removes a new segment that could not be written.
func (l *Log) discard(s *segment) {
	// What cannot be removed should at least be empty.
	_ = l.failed(errors.Join(s.file.Truncate(0), l.disk.remove(s.path)))
	l.closeFile(s)
}

// headroom is how many numbers are left free before the first segment, for
// Prepend.
const headroom = 100

// create creates the file of the next segment.
func (l *Log) create(first bool) (*segment, error) {
	number := l.last + 1
	if first {
		number += headroom
	}
	for number = min(number, maxNumber); number <= maxNumber; number++ {
		s, err := l.createAs(number)
		if errors.Is(err, fs.ErrExist) {
			continue // it is a foreign file
		}
		return s, l.failed(err)
	}
	return nil, fmt.Errorf("spool: %s: no number is left after %s: move that file away and start anew",
		l.dir, segmentName(maxNumber))
}

// createAs creates the file with a number, which must not exist.
func (l *Log) createAs(number uint64) (*segment, error) {
	s := &segment{
		number: number, name: number, id: rand.Uint64() | 1, start: headerLen,
		path: filepath.Join(l.dir, segmentName(number)),
	}
	f, err := l.disk.open(s.path, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := l.attach(s, f); err != nil {
		return nil, err
	}
	l.newNames = true
	l.last = max(l.last, number)
	return s, nil
}

// remove deletes a segment that is released. A file of that name which is not the
// segment's stays.
func (l *Log) remove(s *segment) error {
	if l.active == s {
		l.active = nil
	}
	l.closeFile(s)
	if names(s.path, s.info) {
		err := l.disk.remove(s.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.stuck = append(l.stuck, s)
			return l.failed(err)
		}
	}
	l.stats.Bytes -= s.size
	return nil
}

// tidy tries again to cut off what a failed write has left, and to remove what
// is released.
func (l *Log) tidy() {
	if l.wrecked {
		l.wrecked = false
		for _, s := range l.segments {
			if s.size > s.end && l.cut(s) != nil {
				l.wrecked = true
			}
		}
	}
	stuck := l.stuck
	l.stuck = nil
	for _, s := range stuck {
		_ = l.remove(s) // counted, and kept if it fails again
	}
}

// cut cuts off what is behind the last block of a segment.
func (l *Log) cut(s *segment) error {
	if !names(s.path, s.info) {
		return nil // Check writes the segment again
	}
	f, err := l.disk.open(s.path, os.O_RDWR)
	if err != nil {
		return l.failed(err)
	}
	if err := errors.Join(f.Truncate(s.end), f.Close()); err != nil {
		return l.failed(err)
	}
	l.stats.Bytes -= s.size - s.end
	s.size = s.end
	return nil
}
