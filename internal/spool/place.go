package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A place is the directory as the Log has it open.
type place struct {
	dir      os.FileInfo
	modified time.Time // when a name in the directory last changed
	checked  time.Time // when everything was last found in its place
	lost     error     // why blocks cannot be appended: the directory is not the Log's
}

// Check reports whether the directory, or files in it, were removed or replaced
// while they are in use, and then writes the segments again. An error means that
// frames may be missing after a restart; those of a block that [Log.Lost] reports
// are. As long as the directory cannot be restored, Append returns the same
// error, and the next Check tries again.
func (l *Log) Check() (restored bool, err error) {
	if ok, err := l.inPlace(); ok || err != nil {
		return false, err
	}
	l.syncing.Lock() // the files are about to be exchanged
	defer l.syncing.Unlock()
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return false, ErrClosed
	}
	if l.place.lost = l.reoccupy(); l.place.lost != nil {
		return false, l.place.lost
	}
	if err := l.rewrite(); err != nil {
		return true, err
	}
	return true, nil
}

// inPlace reports whether everything is where the next Open finds it.
func (l *Log) inPlace() (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false, ErrClosed
	}
	info, err := os.Stat(l.dir)
	if err != nil || !os.SameFile(info, l.place.dir) || !l.lock.held() || l.place.lost != nil {
		return false, nil
	}
	// Without a change of names nothing was removed. Clocks of file systems are
	// coarse, so a recent change may hide another one.
	modified, now := info.ModTime(), time.Now()
	if modified.Equal(l.place.modified) && l.place.checked.Sub(modified) > time.Second {
		return true, nil
	}
	if l.misplaced() < len(l.segments) || !l.cursor.inPlace() {
		return false, nil
	}
	l.place.modified, l.place.checked = modified, now
	return true, nil
}

// misplaced returns the index of the first segment that is not where the next
// Open finds it, or the number of segments.
func (l *Log) misplaced() int {
	for i, s := range l.segments {
		if !s.lost && !names(s.path, s.info) {
			return i
		}
	}
	return len(l.segments)
}

// reoccupy creates and locks the directory again, unless it is still the one that
// the Log has locked.
func (l *Log) reoccupy() error {
	info, err := os.Stat(l.dir)
	if err == nil && os.SameFile(info, l.place.dir) && l.lock.held() {
		return nil
	}
	old := l.lock
	if err := l.occupy(); err != nil {
		return fmt.Errorf("%w; the directory was removed or replaced while it was in use", err)
	}
	_ = old.release()
	entries, err := os.ReadDir(l.dir)
	for _, e := range entries { // what another Log has left is for the next Open
		number, _ := parseName(e.Name())
		l.last = max(l.last, number)
	}
	return l.failed(err)
}

// rewrite writes the segments again, from the first misplaced one on, which keeps
// their order.
func (l *Log) rewrite() error {
	var errs []error
	lost := 0
	for i := l.misplaced(); i < len(l.segments); i++ {
		s := l.segments[i]
		if s.lost {
			continue
		}
		if s.file == nil && !names(s.path, s.info) {
			s.lost = true
			lost++
			continue
		}
		if err := l.copySegment(s, i == 0); err != nil {
			l.place.lost = err // later ones must not come before this one
			errs = append(errs, err)
			break
		}
	}
	if lost > 0 {
		errs = append(errs, fmt.Errorf("spool: %s: %w: %d segments were removed while they were in use",
			l.dir, ErrDamaged, lost))
	}
	if !l.cursor.inPlace() {
		_ = l.cursor.close()
		l.cursor.f = nil
	}
	if len(l.segments) > 0 {
		head := l.segments[0]
		errs = append(errs, l.failed(l.cursor.set(l.disk, head.id, head.start)))
	}
	return errors.Join(errs...)
}

// copySegment writes a segment to a new file, with the same offsets.
func (l *Log) copySegment(s *segment, first bool) error {
	from, err := l.open(s)
	if err != nil {
		return err
	}
	to, err := l.create(first)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.NewOffsetWriter(to.file, 0), io.NewSectionReader(from, 0, s.end)); err != nil {
		err = l.failed(err)
		l.discard(to)
		return err
	}
	if names(s.path, s.info) {
		_ = l.failed(l.disk.remove(s.path)) // else its frames come twice
	}
	l.closeFile(s)
	l.stats.Bytes -= s.size - s.end
	s.name, s.path, s.size = to.name, to.path, s.end
	s.file, s.info, s.dirty = to.file, to.info, true
	return nil
}

// Lost reports whether the frames of a block are lost, because its file was
// removed.
func (l *Log) Lost(b Block) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.segmentOf(b)
	return s == nil || s.lost
}
