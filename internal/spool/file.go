package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// A file is what a Log needs of an [os.File].
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// A disk opens and removes files; tests give one that fails.
type disk interface {
	open(path string, flag int) (file, error)
	remove(path string) error
	syncDir(path string) error
}

// osDisk is the operating system's.
type osDisk struct{}

func (osDisk) open(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // without a nil *os.File in it
	}
	return f, nil
}

func (osDisk) remove(path string) error { return os.Remove(path) }

// syncDir makes the names of new files durable. Windows does so by itself and
// cannot open a directory for it.
func (osDisk) syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// hint says what to do about an error of the disk.
func hint(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "let this process write to the directory and its files"
	case errors.Is(err, fs.ErrNotExist):
		return "the directory has to stay while it is in use"
	default:
		return "see whether the disk is full, read-only or broken"
	}
}
