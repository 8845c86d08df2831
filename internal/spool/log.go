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

// Defaults of [Config], in bytes.
const (
	defaultMaxBytes     = 1 << 30
	defaultSegmentBytes = 16 << 20
)

// blockSize is the largest size of a block of recovered frames, in bytes. A longer
// frame is a block alone.
const blockSize = 64 << 10

// Config configures a Log.
type Config struct {
	// Dir is the directory of the spool. It is created if it does not exist. It
	// must not be empty.
	Dir string
	// MaxBytes is the maximum size of all segments on disk. Each frame uses 12
	// additional bytes. Space is freed by whole segments. (Default: 1 GiB)
	MaxBytes int64
	// SegmentBytes is the maximum size of a segment. A longer block gets a segment
	// alone. (Default: 16 MiB, but at most an eighth of MaxBytes)
	SegmentBytes int64

	disk disk // nil for the operating system's
}

// Recovery describes what Open found in the directory.
type Recovery struct {
	Blocks, Frames int
	Bytes          int64  // of the frames
	Damage         Damage // before the last whole frame of each segment
	TornBytes      int64  // removed from the end of the newest segment: an incomplete write
	Foreign        int    // files that do not belong to the spool and were not changed
}

// Damage measures the damaged parts of a spool. Each range contained at least one
// frame.
type Damage struct {
	Bytes  int64
	Ranges int
}

// Stats counts what a Log contains and did since Open.
type Stats struct {
	Frames   int64 // not released
	Bytes    int64 // on disk
	Segments int

	Appended uint64 // frames
	Released uint64 // frames
	Full     uint64 // calls of Append that failed with ErrFull
	Damaged  uint64 // frames that Read left out, counted by each Read
	Failed   uint64 // operations on files that failed
}

// A Log is a bounded log of frames on disk. Its methods are safe for concurrent use.
// Blocks must be released in the order in which they were appended, recovered blocks
// first.
type Log struct {
	dir          string
	disk         disk
	maxBytes     int64
	segmentBytes int64
	errFull      error // ErrFull with the directory
	recovered    Recovery

	syncing sync.Mutex // held while files are synced; locked before mu

	mu         sync.Mutex
	closed     bool
	lock       *lock
	directory  directory
	segments   []*segment // oldest first; each has at least one block
	openFiles  int        // segments whose file is open
	lastNumber uint64     // the highest number of a file
	active     *segment   // the newest segment, if blocks are appended to it
	newNames   bool       // the directory has names that are not synced
	hasExcess  bool       // a segment has size > end
	undeleted  []*segment // released, but the disk has not removed them
	buf        []byte     // header and records of the block that is being appended

	cursor  cursor
	pending []Block
	scanner scanner

	stats     Stats // guarded by mu, which is held during operations of the disk
	publishMu sync.Mutex
	published Stats // a copy of stats
}

// Open creates and locks the directory, and reads all frames in it once. The error
// wraps [ErrLocked] if another Log uses the directory, and [ErrUnsafe] if other users
// can change it.
func Open(o Config) (*Log, error) {
	switch {
	case o.Dir == "":
		return nil, errors.New("spool: Dir is empty: set a directory")
	case o.MaxBytes < 0 || o.SegmentBytes < 0:
		return nil, fmt.Errorf("spool: MaxBytes %d, SegmentBytes %d: must not be negative", o.MaxBytes, o.SegmentBytes)
	}
	l := &Log{dir: o.Dir, disk: o.disk, maxBytes: cmp.Or(o.MaxBytes, defaultMaxBytes)}
	l.segmentBytes = cmp.Or(o.SegmentBytes, min(defaultSegmentBytes, l.maxBytes/8))
	l.errFull = fmt.Errorf("spool: %s: %w (%d bytes)", l.dir, ErrFull, l.maxBytes)
	if l.disk == nil {
		l.disk = osDisk{}
	}
	if err := l.lockDir(); err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		l.closeFiles()
		return nil, errors.Join(err, l.cursor.close(), l.lock.release())
	}
	l.publish()
	return l, nil
}

// lockDir creates the directory, unless it exists, and locks it.
func (l *Log) lockDir() error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("spool: %s: %w; name a directory that this process can create", l.dir, err)
	}
	// Ignored: the parent may be unreadable, and usually has no new names.
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
	l.lock, l.directory = taken, directory{info: info}
	return nil
}

// Recovered returns a description of what Open found.
func (l *Log) Recovered() Recovery { return l.recovered }

// Pending returns the recovered blocks that are not completely released, oldest
// first.
func (l *Log) Pending() []Block {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pending)
}

// Size returns the size of the segments on disk in bytes.
func (l *Log) Size() int64 { return l.Stats().Bytes }

// Stats returns the counters of the log. It does not wait for the disk.
func (l *Log) Stats() Stats {
	l.publishMu.Lock()
	defer l.publishMu.Unlock()
	return l.published
}

// publish makes the counters visible to Stats.
func (l *Log) publish() {
	l.publishMu.Lock()
	defer l.publishMu.Unlock()
	l.stats.Segments = len(l.segments)
	l.published = l.stats
}

// unlock publishes the counters and unlocks mu.
func (l *Log) unlock() {
	l.publish()
	l.mu.Unlock()
}

// diskError counts an error of the disk, and adds a hint to it.
func (l *Log) diskError(err error) error {
	if err == nil {
		return nil
	}
	l.stats.Failed++
	return fmt.Errorf("spool: %w; %s", err, hint(err))
}

// Sync makes all earlier calls of Append and Release durable. Other methods do not
// wait for it. After an error, the frames are still in the log and survive the
// process, but perhaps not a crash of the machine: operating systems discard data
// that they could not write, so a second Sync may succeed without writing it.
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

// sync is called with syncing locked and mu unlocked.
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
	defer l.unlock()
	for i, s := range dirty {
		s.syncing = false
		switch {
		case s.file == nil: // released during the sync
			files[i].Close()
			errs[i] = nil
		case errs[i] != nil && s == l.active:
			l.active = nil // the system may have discarded a part of it
		}
		errs[i] = l.diskError(errs[i])
	}
	l.newNames = l.newNames || dirErr != nil
	return errors.Join(errors.Join(errs...), l.diskError(dirErr), l.diskError(cursorErr))
}

// Close syncs the log and unlocks the directory. It waits for the disk. Further calls
// do nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.retryCleanup()
	l.mu.Unlock()

	l.syncing.Lock()
	defer l.syncing.Unlock()
	err := l.sync()
	l.mu.Lock()
	defer l.unlock()
	l.closeFiles()
	return errors.Join(err, l.diskError(l.cursor.close()), l.lock.release())
}
