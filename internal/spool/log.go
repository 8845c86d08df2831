package spool

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Defaults of [Options].
const (
	defaultMaxBytes     = 1 << 30
	defaultSegmentBytes = 16 << 20
)

// blockSize is the most that recovered frames are grouped to, in bytes; a longer
// frame is a block of its own.
const blockSize = 64 << 10

// Options say where a Log is and how large it may become.
type Options struct {
	// Dir is the directory, which one Log uses at a time. It is created if it
	// is not there. It has to be given.
	Dir string
	// MaxBytes is the most that the segments may take on disk, 1 GiB if zero.
	// A frame takes 12 bytes more than its own. Room comes back by whole
	// segments.
	MaxBytes int64
	// SegmentBytes is the size of a segment, 16 MiB or an eighth of MaxBytes,
	// whichever is less, if zero. A block that is longer has a segment of its
	// own.
	SegmentBytes int64

	disk disk // the operating system's if nil
}

// A Block is a number of frames that were appended, or recovered, together. It
// is valid for the Log it came from, until that has released it.
type Block struct {
	Frames int
	Bytes  int // of the frames, with their NULs

	number   uint64 // of the segment
	off, end int64  // in the segment
}

// Recovery is what Open found in the directory.
type Recovery struct {
	Blocks, Frames int
	Bytes          int64   // of the frames
	Skipped        Skipped // damage before the last whole frame of a segment
	TornBytes      int64   // cut off the newest segment, where a write was cut short
	Foreign        int     // files that are not the spool's, left alone
}

// Skipped says how much of the spool is damaged. Each of its places cost one
// frame or more.
type Skipped struct {
	Bytes  int64
	Places int
}

// Stats counts what a Log did since Open.
type Stats struct {
	Frames   int64 // held: not released yet
	Bytes    int64 // on disk
	Segments int

	Appended uint64 // frames
	Released uint64 // frames
	Full     uint64 // calls of Append that were refused with ErrFull
	Damaged  uint64 // frames that Read left out, each time it did
	Failed   uint64 // operations on files that failed
}

// A Log is a bounded log of frames on disk. All its methods are safe for
// concurrent use; blocks are released in the order they were appended, the
// recovered ones first.
type Log struct {
	dir          string
	disk         disk
	maxBytes     int64
	segmentBytes int64
	full         error // ErrFull with what to do
	recovered    Recovery

	syncing sync.Mutex // held while the disk syncs, without mu; locked before mu

	mu       sync.Mutex
	closed   bool
	lock     *lock
	place    place
	segments []*segment // oldest first, none empty
	opened   int        // segments whose file is open
	last     uint64     // the highest number of a file
	active   *segment   // the newest one, if blocks are appended to it
	newNames bool       // the directory has names that are not synced
	wrecked  bool       // a segment has size > end
	stuck    []*segment // released, but the disk has not removed them
	buf      []byte     // header and records of the block that is appended

	cursor  cursor
	pending []Block
	scanner scanner

	stats  Stats
	viewMu sync.Mutex
	view   Stats // of stats, without waiting for the disk
}

// Open locks the directory, creates it if need be, and recovers what is there,
// which reads all of it once. The error wraps [ErrLocked] if the directory is in
// use. Other errors say what is wrong with the options or the directory.
func Open(o Options) (*Log, error) {
	switch {
	case o.Dir == "":
		return nil, errors.New("spool: no directory: set Dir")
	case o.MaxBytes < 0 || o.SegmentBytes < 0:
		return nil, fmt.Errorf("spool: MaxBytes %d, SegmentBytes %d: must not be negative", o.MaxBytes, o.SegmentBytes)
	}
	l := &Log{dir: o.Dir, disk: o.disk, maxBytes: cmp.Or(o.MaxBytes, defaultMaxBytes)}
	l.segmentBytes = cmp.Or(o.SegmentBytes, min(defaultSegmentBytes, l.maxBytes/8))
	l.full = fmt.Errorf("spool: %s: %w (%d bytes)", l.dir, ErrFull, l.maxBytes)
	if l.disk == nil {
		l.disk = osDisk{}
	}
	if err := l.occupy(); err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		l.closeFiles()
		return nil, errors.Join(err, l.cursor.close(), l.lock.release())
	}
	l.publish()
	return l, nil
}

// occupy creates the directory, unless it exists, and locks it.
func (l *Log) occupy() error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("spool: %s: %w; name a directory that this process can create", l.dir, err)
	}
	// The parent may be closed to this process, and most often has nothing new.
	_ = l.disk.syncDir(filepath.Dir(l.dir))
	info, err := os.Stat(l.dir)
	if err == nil {
		err = checkDir(l.dir, info)
	}
	if err != nil {
		return fmt.Errorf("spool: %w; %s", err, hint(err))
	}
	taken, err := takeLock(filepath.Join(l.dir, "lock"))
	switch {
	case errors.Is(err, ErrLocked):
		return fmt.Errorf("spool: %s: %w: use one directory per handler", l.dir, err)
	case err != nil:
		return fmt.Errorf("spool: %w; %s", err, hint(err))
	}
	l.lock, l.place = taken, place{dir: info}
	return nil
}

// Recovered returns what Open found.
func (l *Log) Recovered() Recovery { return l.recovered }

// Pending returns the blocks that were recovered and are not released as a
// whole, oldest first.
func (l *Log) Pending() []Block {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pending)
}

// Size returns how many bytes the segments take on disk.
func (l *Log) Size() int64 { return l.Stats().Bytes }

// Stats returns what the log did and holds. It does not wait for the disk.
func (l *Log) Stats() Stats {
	l.viewMu.Lock()
	defer l.viewMu.Unlock()
	return l.view
}

// publish makes the counters visible.
func (l *Log) publish() {
	l.viewMu.Lock()
	defer l.viewMu.Unlock()
	l.stats.Segments = len(l.segments)
	l.view = l.stats
}

// leave publishes the counters and unlocks mu.
func (l *Log) leave() {
	l.publish()
	l.mu.Unlock()
}

// failed counts an error of the disk and says what to do about it.
func (l *Log) failed(err error) error {
	if err == nil {
		return nil
	}
	l.stats.Failed++
	return fmt.Errorf("spool: %w; %s", err, hint(err))
}

// Sync makes what was appended and released before it durable. Other methods do
// not wait for it. The frames that an error concerns are still in the log, and
// outlive the process, but perhaps not the machine: systems forget what they
// could not write, so a second Sync may succeed without having written it.
func (l *Log) Sync() error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.mu.Unlock()
	return l.sync()
}

// sync is called with syncing held, and mu not.
func (l *Log) sync() error {
	l.mu.Lock()
	var dirty []*segment
	var files []file
	for _, s := range l.segments {
		if s.dirty {
			s.dirty, s.syncing = false, true
			dirty, files = append(dirty, s), append(files, s.file)
		}
	}
	newNames, cursor := l.newNames, l.cursor.toSync()
	l.newNames = false
	l.mu.Unlock()

	errs := make([]error, len(files))
	for i, f := range files {
		errs[i] = f.Sync()
	}
	var dirErr, cursorErr error
	if newNames {
		dirErr = l.disk.syncDir(l.dir)
	}
	if cursor != nil {
		cursorErr = cursor.Sync()
	}

	l.mu.Lock()
	defer l.leave()
	for i, s := range dirty {
		s.syncing = false
		switch {
		case s.file == nil: // released meanwhile
			files[i].Close()
			errs[i] = nil
		case errs[i] != nil && s == l.active:
			l.active = nil // the system may have forgotten a part of it
		}
		errs[i] = l.failed(errs[i])
	}
	l.newNames = l.newNames || dirErr != nil
	return errors.Join(errors.Join(errs...), l.failed(dirErr), l.failed(cursorErr))
}

// Close makes all that is in the log durable, as [Log.Sync] does, and unlocks
// the directory. It waits for the disk. Further calls do nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.tidy()
	l.mu.Unlock()

	l.syncing.Lock()
	defer l.syncing.Unlock()
	err := l.sync()
	l.mu.Lock()
	defer l.leave()
	l.closeFiles()
	return errors.Join(err, l.failed(l.cursor.close()), l.lock.release())
}
