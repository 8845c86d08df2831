package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Append writes whole frames, each with its NUL, as one block. It returns an
// error that wraps [ErrFull] if there is no room for them, and that of the disk
// if they cannot be written. Then none of them is in the log, which works again
// as soon as the disk does. Append does not wait for a [Log.Sync].
func (l *Log) Append(frames []byte) (Block, error) {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return Block{}, ErrClosed
	}
	return l.append(frames)
}

func (l *Log) append(frames []byte) (Block, error) {
	if l.place.lost != nil {
		return Block{}, l.place.lost
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
	return l.appended(l.active, n, len(frames), l.active.end-int64(len(records))), nil
}

// appended counts the block of n frames that was written to the end of a segment.
func (l *Log) appended(s *segment, n, size int, off int64) Block {
	s.dirty = true
	l.stats.Frames += int64(n)
	l.stats.Appended += uint64(n)
	return Block{Frames: n, Bytes: size, number: s.number, off: off, end: s.end}
}

// Prepend writes frames as [Log.Append] does, but before all that are in the log
// already, so that they come first after a restart. It is for a log that is about
// to be closed: parts of blocks that were released may come again. If the file
// names leave no room before the first segment, the frames are appended.
func (l *Log) Prepend(frames []byte) (Block, error) {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return Block{}, ErrClosed
	}
	if len(l.segments) == 0 || l.place.lost != nil {
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
		return Block{}, l.full
	}
	s, err := l.createAs(first.name - 1)
	if errors.Is(err, fs.ErrExist) {
		return l.append(frames)
	}
	if err != nil {
		return Block{}, l.failed(err)
	}
	s.number = first.number - 1
	if err := l.fill(s); err != nil {
		return Block{}, err
	}
	l.segments = slices.Insert(l.segments, 0, s)
	return l.appended(s, n, len(frames), s.start), nil
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
	_, err := s.file.WriteAt(records, s.end)
	if err == nil {
		l.grow(s, int64(len(records)))
		return nil
	}
	err = l.failed(err)
	// os.File does not count what it wrote before an error.
	if l.failed(s.file.Truncate(s.end)) != nil {
		// Nothing may follow what is left of the block, which may be all of it.
		s.size += int64(len(records))
		l.stats.Bytes += int64(len(records))
		l.wrecked = true
		l.active = nil
	}
	return err
}

// grow counts n bytes that were written to the end of a segment.
func (l *Log) grow(s *segment, n int64) {
	s.end += n
	s.size += n
	l.stats.Bytes += n
}
