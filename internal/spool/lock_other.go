//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lockFile creates the file at path, which must not be there, and returns what
// removes it. A process that is killed leaves it behind; nothing here can tell.
func lockFile(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%w, or %s is left of one that was killed: then remove it", ErrLocked, path)
	case err != nil:
		return nil, err
	}
	f.Close()
	return func() error { return os.Remove(path) }, nil
}
