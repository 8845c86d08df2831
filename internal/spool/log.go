package spool

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

var (
	// ErrLocked says that the directory is in use, by another process or by
	// another Log of this one.
	ErrLocked = errors.New("the directory is in use")
	// ErrFull says that the frames would exceed MaxBytes.
	ErrFull = errors.New("the spool is full")
	// ErrClosed says that the Log was closed.
	ErrClosed = errors.New("spool: closed")
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

// A segment is one file of the log.
type segment struct {
	number uint64
	id     uint64 // 0 if unknown: the header is damaged
	path   string
	start  int64 // of the first block
	end    int64 // of the last block
	size   int64 // on disk: more than end where a failed write is still to be cut off
}

// A Log is a bounded log of frames on disk. All its methods may be called from
// several goroutines; blocks are released in the order they were appended, the
// recovered ones first.
type Log struct {
	dir          string
	disk         disk
	maxBytes     int64
	segmentBytes int64
	full         error // ErrFull with what to do
	unlock       func() error
	recovered    Recovery

	mu       sync.Mutex
	closed   bool
	segments []*segment // oldest first, none empty
	last     uint64     // the highest number of a segment
	active   *segment   // the newest one, if it is appended to
	out      file       // of active
	unsynced bool       // out has what is not synced
	newNames bool       // so has the directory
	syncErr  error      // of a segment that is no longer active, for the next Sync
	wrecked  bool       // a segment has size > end
	stuck    []*segment // released, but the disk has not removed them
	buf      []byte     // header and records of the block that is appended

	off     int64 // released up to here, in segments[0]
	done    int   // frames released of the block that off is within
	cursor  cursor
	pending []Block

	scanner scanner
	in      file // of segment number inFrom
	inFrom  uint64

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
	l.full = fmt.Errorf("spool: %s: %w: raise MaxBytes (%d), or wait until blocks are released", l.dir, ErrFull, l.maxBytes)
	if l.disk == nil {
		l.disk = osDisk{}
	}
	if err := l.lock(); err != nil {
		return nil, err
	}
	if err := l.recover(); err != nil {
		return nil, errors.Join(err, l.cursor.close(), l.unlock())
	}
	l.publish()
	return l, nil
}

// lock creates and locks the directory.
func (l *Log) lock() error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("spool: %s: %w; name a directory that this process can create", l.dir, err)
	}
	// The parent may be closed to this process, and most often has nothing new.
	_ = l.disk.syncDir(filepath.Dir(l.dir))
	var err error
	l.unlock, err = lockFile(filepath.Join(l.dir, "lock"))
	switch {
	case errors.Is(err, ErrLocked):
		return fmt.Errorf("spool: %s: %w; give each process a directory of its own", l.dir, err)
	case err != nil:
		return fmt.Errorf("spool: %w; %s", err, hint(err))
	}
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

// Append writes whole frames, each with its NUL, as one block. It returns an
// error that wraps [ErrFull] when there is no room for them, and that of the
// disk if they cannot be written; then none of them is in the log, which goes on
// working as soon as the disk does. A block that begins a new segment waits for
// the disk to have the one before.
func (l *Log) Append(frames []byte) (Block, error) {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return Block{}, ErrClosed
	}
	n, err := l.encode(frames)
	if err != nil {
		return Block{}, err
	}
	l.tidy()
	records := l.buf[headerLen:]
	grow := l.active != nil && l.active.end+int64(len(records)) <= l.segmentBytes
	need := int64(len(l.buf))
	if grow {
		need = int64(len(records))
	}
	if l.stats.Bytes+need > l.maxBytes {
		l.stats.Full++
		return Block{}, l.full
	}
	if grow {
		err = l.extend(records)
	} else {
		err = l.begin()
	}
	if err != nil {
		return Block{}, err
	}
	l.unsynced = true
	l.stats.Frames += int64(n)
	l.stats.Appended += uint64(n)
	s := l.active
	return Block{Frames: n, Bytes: len(frames), number: s.number, off: s.end - int64(len(records)), end: s.end}, nil
}

// maxSpare is the largest buffer that is kept for the next block, in bytes.
const maxSpare = 1 << 20

// encode puts the records of frames into buf, behind room for a header.
func (l *Log) encode(frames []byte) (n int, err error) {
	if len(frames) == 0 || frames[len(frames)-1] != 0 {
		return 0, errors.New("spool: append: no whole frames: each ends with a NUL")
	}
	if cap(l.buf) > maxSpare {
		l.buf = nil
	}
	l.buf = append(l.buf[:0], make([]byte, headerLen)...)
	for len(frames) > 0 {
		size := bytes.IndexByte(frames, 0) + 1
		if size > maxFrame {
			return 0, fmt.Errorf("spool: append: a frame of %d bytes: at most %d are kept", size, maxFrame)
		}
		l.buf = appendRecord(l.buf, frames[:size])
		frames = frames[size:]
		n++
	}
	return n, nil
}

// extend writes records to the active segment.
func (l *Log) extend(records []byte) error {
	s := l.active
	_, err := l.out.WriteAt(records, s.end)
	if err == nil {
		l.grow(s, int64(len(records)))
		return nil
	}
	err = l.failed(err)
	// os.File does not count what it wrote before an error.
	if l.failed(l.out.Truncate(s.end)) != nil {
		// Nothing may follow what is left of the block, which may be all of it.
		s.size += int64(len(records))
		l.stats.Bytes += int64(len(records))
		l.wrecked = true
		l.retire()
	}
	return err
}

// grow counts n bytes that were written to the end of a segment.
func (l *Log) grow(s *segment, n int64) {
	s.end += n
	s.size += n
	l.stats.Bytes += n
}

// Sync makes what was appended and released before it durable. What an error
// concerns is in the log still, and outlives the process, but perhaps not the
// machine: systems forget what they could not write, so that a second Sync may
// succeed without it.
func (l *Log) Sync() error {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return ErrClosed
	}
	return l.sync()
}

func (l *Log) sync() error {
	if l.unsynced {
		l.unsynced = false
		if err := l.failed(l.out.Sync()); err != nil {
			l.syncErr = errors.Join(l.syncErr, err)
			l.retire()
		}
	}
	err := l.syncErr
	l.syncErr = nil
	if l.newNames {
		dirErr := l.failed(l.disk.syncDir(l.dir))
		l.newNames = dirErr != nil
		err = errors.Join(err, dirErr)
	}
	return errors.Join(err, l.failed(l.cursor.sync()))
}

// Close makes all that is in the log durable, as [Log.Sync] does, and unlocks
// the directory. Further calls do nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return nil
	}
	l.closed = true
	l.tidy()
	err := l.sync()
	l.retire()
	l.closeIn()
	return errors.Join(err, l.failed(l.cursor.close()), l.unlock())
}
