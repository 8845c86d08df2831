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
	s, f, err := l.create()
	if err != nil {
		return err
	}
	appendHeader(l.buf[:0], s.id)
	if _, err := f.WriteAt(l.buf, 0); err != nil {
		err = l.failed(err)
		// What cannot be removed should at least be empty.
		_ = l.failed(errors.Join(f.Truncate(0), f.Close(), l.disk.remove(s.path)))
		return err
	}
	l.retire()
	l.active, l.out = s, f
	l.newNames = true
	l.segments = append(l.segments, s)
	if len(l.segments) == 1 {
		l.off = s.start
	}
	l.grow(s, int64(len(l.buf)))
	return nil
}

// create creates the file of the next segment.
func (l *Log) create() (*segment, file, error) {
	for {
		if l.last >= maxNumber {
			return nil, nil, fmt.Errorf("spool: %s: no number is left after %s; move that file away and start anew", l.dir, segmentName(l.last))
		}
		l.last++
		s := &segment{number: l.last, id: rand.Uint64() | 1, path: filepath.Join(l.dir, segmentName(l.last)), start: headerLen}
		f, err := l.disk.open(s.path, os.O_CREATE|os.O_EXCL|os.O_RDWR)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue // it is not ours
		case err != nil:
			l.last--
			return nil, nil, l.failed(err)
		}
		return s, f, nil
	}
}

// retire ends the active segment, if there is one. The next block begins
// another.
func (l *Log) retire() {
	if l.active == nil {
		return
	}
	if l.unsynced {
		l.unsynced = false
		if err := l.failed(l.out.Sync()); err != nil {
			l.syncErr = errors.Join(l.syncErr, err)
		}
	}
	if err := l.failed(l.out.Close()); err != nil {
		l.syncErr = errors.Join(l.syncErr, err)
	}
	l.active, l.out = nil, nil
}

// remove deletes a segment that is released.
func (l *Log) remove(s *segment) error {
	if l.active == s {
		l.unsynced = false
		l.retire()
	}
	if l.inFrom == s.number {
		l.closeIn()
	}
	err := l.disk.remove(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.stuck = append(l.stuck, s)
		return l.failed(err)
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
