package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Release says that the first n frames of a block, of those that [Log.Read]
// returns, are delivered; n is not less than in an earlier call for the block.
// If no frame is left, because n is Frames or the others are damaged, the block
// is released as a whole, and its segment deleted with its last block. Blocks
// are released in order, and a block that is released already is no error.
//
// An error of the disk is no reason to call it again: the frames are released,
// and may come again after a restart.
func (l *Log) Release(b Block, n int) error {
	l.mu.Lock()
	defer l.leave()
	if l.closed {
		return ErrClosed
	}
	if len(l.segments) == 0 || b.number < l.segments[0].number {
		return nil
	}
	head := l.segments[0]
	switch {
	case b.number > head.number || b.off > head.start:
		return fmt.Errorf("spool: %s: release of a block before older ones are: keep their order", l.dir)
	case b.end <= head.start || n <= 0:
		return nil
	}
	to, err := l.position(b, n)
	if err != nil {
		return err
	}
	l.tidy()
	return l.advance(head, b, n, to)
}

// position returns where the first n frames of a block end.
func (l *Log) position(b Block, n int) (int64, error) {
	if n >= b.Frames {
		return b.end, nil
	}
	if err := l.scan(b); err != nil {
		return 0, err
	}
	for range n {
		if !l.scanner.next() {
			break
		}
	}
	to := l.scanner.good
	if !l.scanner.next() {
		to = b.end
	}
	return to, l.failed(l.scanner.err)
}

// advance releases the oldest block up to a position.
func (l *Log) advance(head *segment, b Block, n int, to int64) error {
	if to <= head.start {
		return nil
	}
	if to == b.end {
		n = b.Frames
	}
	l.stats.Frames -= int64(n - head.done)
	l.stats.Released += uint64(n - head.done)
	head.start, head.done = to, n
	if to == b.end {
		head.done = 0
		for len(l.pending) > 0 && !l.pending[0].after(b.number, to) {
			l.pending = l.pending[1:]
		}
		if len(l.pending) == 0 {
			l.pending = nil // with what is behind it
		}
	}
	if to < head.end {
		return l.failed(l.cursor.set(l.disk, head.id, to))
	}
	l.segments = l.segments[1:]
	// The cursor is of no effect without its segment; if that stays, it is to
	// be sent no more.
	if err := l.remove(head); err != nil {
		return errors.Join(err, l.failed(l.cursor.set(l.disk, head.id, to)))
	}
	return nil
}

// after reports whether the block ends after an offset in the segment with a
// number.
func (b *Block) after(number uint64, off int64) bool {
	return b.number > number || b.number == number && b.end > off
}

const (
	cursorMagic = "SYNSPCUR"
	cursorLen   = 28
)

// A cursor is the file that says up to where the oldest segment is released. It
// is written in place, in one sector.
type cursor struct {
	path     string
	id       uint64 // of the segment, when it was opened
	off      int64  // likewise
	f        file
	info     os.FileInfo // of f
	unsynced bool
	buf      [cursorLen]byte
}

// parseCursor returns what a cursor file says, zero values if it is damaged.
func parseCursor(p []byte) (id uint64, off int64) {
	if len(p) != cursorLen || string(p[:8]) != cursorMagic || !hasSum(p) {
		return 0, 0
	}
	return binary.LittleEndian.Uint64(p[8:]), int64(binary.LittleEndian.Uint64(p[16:]))
}

// load opens the file and reads it. It has its size from then on: progress needs
// no room on a disk that is full.
func (c *cursor) load(d disk) error {
	if err := c.open(d); err != nil {
		return err
	}
	n, err := c.f.ReadAt(c.buf[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	c.id, c.off = parseCursor(c.buf[:n])
	if n == cursorLen {
		return nil
	}
	return c.set(d, 0, 0)
}

func (c *cursor) open(d disk) error {
	if c.f != nil {
		return nil
	}
	f, err := d.open(c.path, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	if c.info, err = f.Stat(); err != nil {
		f.Close()
		return err
	}
	c.f = f
	return nil
}

// inPlace reports whether path names the file that is open, if one is.
func (c *cursor) inPlace() bool { return c.f == nil || names(c.path, c.info) }

// set writes the file. This takes a few microseconds: the system brings it to
// the disk when it likes to, and a segment that is deleted needs no cursor.
func (c *cursor) set(d disk, id uint64, off int64) error {
	if err := c.open(d); err != nil {
		return err
	}
	p := append(c.buf[:0], cursorMagic...)
	p = binary.LittleEndian.AppendUint64(p, id)
	p = binary.LittleEndian.AppendUint64(p, uint64(off))
	p = appendSum(p, 0)
	_, err := c.f.WriteAt(p, 0)
	c.unsynced = true
	return err
}

// toSync returns the file if it has to be synced, or nil.
func (c *cursor) toSync() file {
	if !c.unsynced {
		return nil
	}
	c.unsynced = false
	return c.f
}

func (c *cursor) close() error {
	if c.f == nil {
		return nil
	}
	return c.f.Close()
}
