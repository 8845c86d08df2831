//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// takeLock creates the file at path, which must not exist. A process that is killed
// does not remove it.
func takeLock(path string) (*lock, error) {
	f, err := openFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%w, or did so when it was killed: then remove %s", ErrLocked, path)
	case err != nil:
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	l := &lock{path: path, info: info}
	l.release = func() error {
		if !l.held() {
			return nil // it belongs to another Log
		}
		return os.Remove(path)
	}
	return l, nil
}

const openFlags = 0 // openFile checks for symbolic links

// checkOwner returns nil: files have no owner that could be compared.
func checkOwner(string, os.FileInfo) error { return nil }
