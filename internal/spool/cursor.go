package spool

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

const (
	cursorMagic = "SYNSPCUR"
	cursorLen   = 28
)

// A cursor is the file with the position up to which the oldest segment is released.
// It is written in place, in one sector.
type cursor struct {
	path     string
	id       uint64 // of the segment, when the file was loaded
	off      int64  // in the segment, when the file was loaded
	f        file
	info     os.FileInfo // of f
	unsynced bool
	buf      [cursorLen]byte
}

// parseCursor parses a cursor file. It returns zero values if the file is damaged.
func parseCursor(p []byte) (id uint64, off int64) {
	if len(p) != cursorLen || string(p[:8]) != cursorMagic || !hasSum(p) {
		return 0, 0
	}
	return binary.LittleEndian.Uint64(p[8:]), int64(binary.LittleEndian.Uint64(p[16:]))
}

// load opens and reads the file. It also gives the file its final size, so later
// writes succeed on a full disk.
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

// intact reports whether path still refers to the open file.
func (c *cursor) intact() bool { return c.f == nil || refersTo(c.path, c.info) }

// set writes the file. It takes a few microseconds, because it does not sync: a
// deleted segment needs no cursor.
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

// toSync returns the file if it must be synced, or nil.
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
