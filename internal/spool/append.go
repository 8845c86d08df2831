package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Append writes whole frames, each with its NUL, as one block. It returns an error
// that wraps [ErrFull] if the frames do not fit, and the error of the disk if they
// cannot be written. Then none of the frames is in the log, and the log works again
// when the disk does. Append does not wait for a [Log.Sync].
func (l *Log) Append(frames []byte) (Block, error) {
	l.mu.Lock()
	defer l.unlock()
	if l.closed {
		return Block{}, ErrClosed
	}
	return l.append(frames)
}

func (l *Log) append(frames []byte) (Block, error) {
	if l.directory.lost != nil {
		return Block{}, l.directory.lost
	}
	n, err := l.encode(frames)
	if err != nil {
		return Block{}, err
	}
	l.retryCleanup()
	records := l.buf[headerLen:]
	fits := l.active != nil && l.active.end+int64(len(records)) <= l.segmentBytes
	need := int64(len(l.buf))
	if fits {
		need = int64(len(records))
	}
	if l.stats.Bytes+need > l.maxBytes {
		l.stats.Full++
		return Block{}, l.errFull
	}
	if fits {
		err = l.extend(records)
	} else {
		err = l.begin()
	}
	if err != nil {
		return Block{}, err
	}
	return l.newBlock(l.active, n, len(frames), l.active.end-int64(len(records))), nil
}

// newBlock returns the block of n frames at the end of a segment, and counts it.
func (l *Log) newBlock(s *segment, n, size int, off int64) Block {
	s.dirty = true
	l.stats.Frames += int64(n)
	l.stats.Appended += uint64(n)
	return Block{Frames: n, Bytes: size, number: s.number, off: off, end: s.end}
}

// Prepend writes frames like [Log.Append], but before all frames in the log, so they
// come first after a restart. Use it for a log that you are about to close: released
// parts of blocks may be returned again. If no number is free before the first
// segment, the frames are appended.
func (l *Log) Prepend(frames []byte) (Block, error) {
	l.mu.Lock()
	defer l.unlock()
	if l.closed {
		return Block{}, ErrClosed
	}
	if len(l.segments) == 0 || l.directory.lost != nil {
		return l.append(frames)
	}
	first := l.segments[0]
	if first.name < 2 || first.number < 1 {
		return l.append(frames)
	}
	n, err := l.encode(frames)
	if err != nil {
		return Block{}, err
	}
	if l.stats.Bytes+int64(len(l.buf)) > l.maxBytes {
		l.stats.Full++
		return Block{}, l.errFull
	}
	s, err := l.createAs(first.name - 1)
	if errors.Is(err, fs.ErrExist) {
		return l.append(frames)
	}
	if err != nil {
		return Block{}, l.diskError(err)
	}
	s.number = first.number - 1
	if err := l.fill(s); err != nil {
		return Block{}, err
	}
	l.segments = slices.Insert(l.segments, 0, s)
	return l.newBlock(s, n, len(frames), s.start), nil
}

// maxSpare is the size of the largest buffer that is reused for the next block, in
// bytes.
const maxSpare = 1 << 20

// encode writes the records of frames to buf, after room for a header.
func (l *Log) encode(frames []byte) (n int, err error) {
	if len(frames) == 0 || frames[len(frames)-1] != 0 {
		return 0, errors.New("spool: append: incomplete frames: each must end with a NUL")
	}
	if cap(l.buf) > maxSpare {
		l.buf = nil
	}
	l.buf = append(l.buf[:0], make([]byte, headerLen)...)
	for len(frames) > 0 {
		size := bytes.IndexByte(frames, 0) + 1
		if size > maxFrame {
			return 0, fmt.Errorf("spool: append: a frame has %d bytes, more than %d", size, maxFrame)
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
	_, err := s.file.WriteAt(records, s.end)
	if err == nil {
		l.addBytes(s, int64(len(records)))
		return nil
	}
	err = l.diskError(err)
	// os.File does not count the bytes that it wrote before an error.
	if l.diskError(s.file.Truncate(s.end)) != nil {
		// The file may contain a part of the block, or all of it. Nothing may
		// follow that.
		s.size += int64(len(records))
		l.stats.Bytes += int64(len(records))
		l.hasExcess = true
		l.active = nil
	}
	return err
}

// addBytes counts n bytes that were written to the end of a segment.
func (l *Log) addBytes(s *segment, n int64) {
	s.end += n
	s.size += n
	l.stats.Bytes += n
}
