package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// A file is the part of [os.File] that a Log uses.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (os.FileInfo, error)
	Truncate(size int64) error
	Sync() error
}

// A disk opens and removes files. Tests use one that fails.
type disk interface {
	open(path string, flag int) (file, error)
	remove(path string) error
	syncDir(path string) error
}

// osDisk is the disk of the operating system.
type osDisk struct{}

func (osDisk) open(path string, flag int) (file, error) {
	f, err := openFile(path, flag)
	if err != nil {
		return nil, err // not a file that contains a nil *os.File
	}
	return f, nil
}

// openFile opens a regular file that belongs to this user or root. It does not
// follow symbolic links.
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
		f.Close() // f may be nil
		return nil, err
	}
	return f, nil
}

// checkDir returns an error if other users can remove or replace files in the
// directory. In a directory with the sticky bit, such as /tmp, only owners can.
func checkDir(path string, info os.FileInfo) error {
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 && info.Mode()&os.ModeSticky == 0 {
		return fmt.Errorf("%w: any user can write to %s (%v): run chmod o-w, or use a directory in it",
			ErrUnsafe, path, info.Mode())
	}
	return checkOwner(path, info)
}

func (osDisk) remove(path string) error { return os.Remove(path) }

// syncDir makes the names of new files durable. Windows does this itself, and cannot
// open a directory.
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

// A lock is a locked file that keeps other Logs out of the directory.
type lock struct {
	path    string
	info    os.FileInfo // nil if the system prevents removal of a locked file
	release func() error
}

// held reports whether path still refers to the locked file. Otherwise another Log
// can lock the directory too.
func (l *lock) held() bool { return l.info == nil || refersTo(l.path, l.info) }

// refersTo reports whether path refers to the file.
func refersTo(path string, file os.FileInfo) bool {
	info, err := os.Lstat(path)
	return err == nil && os.SameFile(info, file)
}
