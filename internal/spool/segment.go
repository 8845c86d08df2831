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
	number   uint64 // in blocks
	name     uint64 // number in the file name: differs from number after copySegment
	id       uint64 // 0 if the header is damaged
	path     string
	start    int64 // released up to this offset
	released int   // released frames of the block that contains start
	end      int64 // of the last block
	size     int64 // on disk: more than end if a failed write must be truncated

	file    file        // nil if not open
	info    os.FileInfo // of the file
	dirty   bool        // the file is open and has bytes that are not synced
	syncing bool        // the file is being synced
	lost    bool        // the file was removed while it was not open
}

// maxOpen is the number of segments whose files stay open. Their frames can be read
// even if the files are removed.
const maxOpen = 64

// open returns the file of a segment for reading.
func (l *Log) open(s *segment) (file, error) {
	if s.file != nil {
		return s.file, nil
	}
	f, err := l.disk.open(s.path, os.O_RDONLY)
	if err != nil {
		return nil, l.diskError(err)
	}
	if err := l.attach(s, f); err != nil {
		return nil, l.diskError(err)
	}
	l.limitOpen(s)
	return f, nil
}

// attach sets the file of a segment to a file that was just opened.
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
	l.openFiles++
	return nil
}

// limitOpen closes the files of the oldest segments, except one, if too many files
// are open. Files that must be synced stay open.
func (l *Log) limitOpen(except *segment) {
	for _, s := range l.segments {
		if l.openFiles <= maxOpen {
			return
		}
		if s.file != nil && s != except && s != l.active && !s.dirty && !s.syncing {
			l.closeFile(s)
		}
	}
}

// closeFile closes the file of a segment without a sync. If the file is being synced,
// the sync closes it.
func (l *Log) closeFile(s *segment) {
	if s.file == nil {
		return
	}
	if !s.syncing {
		s.file.Close()
	}
	s.file, s.dirty = nil, false
	l.openFiles--
}

func (l *Log) closeFiles() {
	for _, s := range l.segments {
		l.closeFile(s)
	}
}

func segmentName(number uint64) string { return fmt.Sprintf("%0*d%s", digits, number, suffix) }

// parseName returns the number of a segment with this file name.
func parseName(name string) (number uint64, ok bool) {
	text, ok := strings.CutSuffix(name, suffix)
	if !ok || len(text) != digits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return number, err == nil
}

// begin creates a segment with the records in buf, and makes it active.
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
		err = l.diskError(err)
		l.discard(s)
		return err
	}
	s.dirty = true
	l.addBytes(s, int64(len(l.buf)))
	return nil
}

// discard removes a segment that could not be written.
func (l *Log) discard(s *segment) {
	// If the file cannot be removed, it should at least be empty.
	_ = l.diskError(errors.Join(s.file.Truncate(0), l.disk.remove(s.path)))
	l.closeFile(s)
}

// reservedNumbers is how many numbers before the first segment are reserved for
// Prepend.
const reservedNumbers = 100

// create creates the file of the next segment.
func (l *Log) create(first bool) (*segment, error) {
	number := l.lastNumber + 1
	if first {
		number += reservedNumbers
	}
	for number = min(number, maxNumber); number <= maxNumber; number++ {
		s, err := l.createAs(number)
		if errors.Is(err, fs.ErrExist) {
			continue // a foreign file
		}
		return s, l.diskError(err)
	}
	return nil, fmt.Errorf("spool: %s: %s has the last possible number: move that file away and restart",
		l.dir, segmentName(maxNumber))
}

// createAs creates the file with this number. The file must not exist.
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
	l.lastNumber = max(l.lastNumber, number)
	return s, nil
}

// remove deletes a released segment. It does not delete another file with the same
// name.
func (l *Log) remove(s *segment) error {
	if l.active == s {
		l.active = nil
	}
	l.closeFile(s)
	if refersTo(s.path, s.info) {
		err := l.disk.remove(s.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.undeleted = append(l.undeleted, s)
			return l.diskError(err)
		}
	}
	l.stats.Bytes -= s.size
	return nil
}

// retryCleanup tries again to truncate segments after failed writes, and to delete
// released segments.
func (l *Log) retryCleanup() {
	if l.hasExcess {
		l.hasExcess = false
		for _, s := range l.segments {
			if s.size > s.end && l.truncate(s) != nil {
				l.hasExcess = true
			}
		}
	}
	undeleted := l.undeleted
	l.undeleted = nil
	for _, s := range undeleted {
		_ = l.remove(s) // on failure, counted and kept in undeleted
	}
}

// truncate removes the bytes after the last block of a segment.
func (l *Log) truncate(s *segment) error {
	if !refersTo(s.path, s.info) {
		return nil // the file was replaced; Check will write the segment again
	}
	f, err := l.disk.open(s.path, os.O_RDWR)
	if err != nil {
		return l.diskError(err)
	}
	if err := errors.Join(f.Truncate(s.end), f.Close()); err != nil {
		return l.diskError(err)
	}
	l.stats.Bytes -= s.size - s.end
	s.size = s.end
	return nil
}
