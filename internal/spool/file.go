package spool

import (
	"errors"
	"fmt"
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
	Stat() (os.FileInfo, error)
	Truncate(size int64) error
	Sync() error
}

// A disk opens and removes files; tests have one that fails.
type disk interface {
	open(path string, flag int) (file, error)
	remove(path string) error
	syncDir(path string) error
}

// osDisk is the operating system's.
type osDisk struct{}

func (osDisk) open(path string, flag int) (file, error) {
	f, err := openFile(path, flag)
	if err != nil {
		return nil, err // without a nil *os.File in it
	}
	return f, nil
}

// openFile opens a regular file of this user or of root, and follows no symbolic
// link.
func openFile(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|openFlags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if info, statErr := os.Lstat(path); statErr == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s is not a regular file (%v): remove it", ErrUnsafe, path, info.Mode())
	}
	if err == nil {
		var info os.FileInfo
		if info, err = f.Stat(); err == nil {
			err = checkOwner(path, info)
		}
	}
	if err != nil {
		f.Close() // which a nil *os.File allows
		return nil, err
	}
	return f, nil
}

// checkDir returns an error if any user can remove or replace the files in the
// directory. With the sticky bit, as /tmp has it, only their owners can.
func checkDir(path string, info os.FileInfo) error {
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 && info.Mode()&os.ModeSticky == 0 {
		return fmt.Errorf("%w: any user can write to %s (%v): run chmod o-w, or name a directory in it",
			ErrUnsafe, path, info.Mode())
	}
	return checkOwner(path, info)
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
