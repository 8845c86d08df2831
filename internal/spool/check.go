package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A directory is the state of the directory that a Log has locked.
type directory struct {
	info     os.FileInfo
	modified time.Time // when a name in the directory last changed
	checked  time.Time // when all files were last found intact
	lost     error     // why blocks cannot be appended: the directory is not locked any more
}

// Check writes the segments again if the directory or its files were removed or
// replaced while in use, and reports whether it did. After an error, frames may be
// missing after a restart; those of a block for which [Log.Lost] returns true are
// lost already, and the error wraps [ErrDamaged]. While the directory cannot be
// restored, Append returns the same error, and the next Check tries again.
func (l *Log) Check() (restored bool, err error) {
	if ok, err := l.intact(); ok || err != nil {
		return false, err
	}
	l.syncing.Lock() // rewrite replaces files
	defer l.syncing.Unlock()
	l.mu.Lock()
	defer l.unlock()
	if l.closed {
		return false, ErrClosed
	}
	if l.directory.lost = l.relock(); l.directory.lost != nil {
		return false, l.directory.lost
	}
	if err := l.rewrite(); err != nil {
		return true, err
	}
	return true, nil
}

// intact reports whether the directory and all files are where the next Open will
// look for them.
func (l *Log) intact() (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false, ErrClosed
	}
	info, err := os.Stat(l.dir)
	if err != nil || !os.SameFile(info, l.directory.info) || !l.lock.held() || l.directory.lost != nil {
		return false, nil
	}
	// Removing a file changes the time of the directory. File systems have coarse
	// clocks, so a recent change may hide another one.
	modified, now := info.ModTime(), time.Now()
	if modified.Equal(l.directory.modified) && l.directory.checked.Sub(modified) > time.Second {
		return true, nil
	}
	if l.firstMissing() < len(l.segments) || !l.cursor.intact() {
		return false, nil
	}
	l.directory.modified, l.directory.checked = modified, now
	return true, nil
}

// firstMissing returns the index of the first segment whose file was removed or
// replaced, or the number of segments.
func (l *Log) firstMissing() int {
	for i, s := range l.segments {
		if !s.lost && !refersTo(s.path, s.info) {
			return i
		}
	}
	return len(l.segments)
}

// relock creates and locks the directory again, unless the Log still has it locked.
func (l *Log) relock() error {
	info, err := os.Stat(l.dir)
	if err == nil && os.SameFile(info, l.directory.info) && l.lock.held() {
		return nil
	}
	old := l.lock
	if err := l.lockDir(); err != nil {
		return fmt.Errorf("%w; the directory was removed or replaced while in use", err)
	}
	_ = old.release()
	entries, err := os.ReadDir(l.dir)
	for _, e := range entries { // segments of another Log, which the next Open reads
		number, _ := parseName(e.Name())
		l.lastNumber = max(l.lastNumber, number)
	}
	return l.diskError(err)
}

// rewrite writes the first missing segment and all later ones again, which keeps
// their order.
func (l *Log) rewrite() error {
	var errs []error
	lost := 0
	for i := l.firstMissing(); i < len(l.segments); i++ {
		s := l.segments[i]
		if s.lost {
			continue
		}
		if s.file == nil && !refersTo(s.path, s.info) {
			s.lost = true
			lost++
			continue
		}
		if err := l.copySegment(s, i == 0); err != nil {
			l.directory.lost = err // later segments must not come before this one
			errs = append(errs, err)
			break
		}
	}
	if lost > 0 {
		errs = append(errs, fmt.Errorf("spool: %s: %w: %d segments were removed while in use",
			l.dir, ErrDamaged, lost))
	}
	if !l.cursor.intact() {
		_ = l.cursor.close()
		l.cursor.f = nil
	}
	if len(l.segments) > 0 {
		head := l.segments[0]
		errs = append(errs, l.diskError(l.cursor.set(l.disk, head.id, head.start)))
	}
	return errors.Join(errs...)
}

// copySegment copies a segment to a new file. Offsets stay the same.
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
		err = l.diskError(err)
		l.discard(to)
		return err
	}
	if refersTo(s.path, s.info) {
		_ = l.diskError(l.disk.remove(s.path)) // otherwise its frames are sent twice
	}
	l.closeFile(s)
	l.stats.Bytes -= s.size - s.end
	s.name, s.path, s.size = to.name, to.path, s.end
	s.file, s.info, s.dirty = to.file, to.info, true
	return nil
}

// Lost reports whether the frames of a block are lost because its file was removed.
func (l *Log) Lost(b Block) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.segmentOf(b)
	return s == nil || s.lost
}
