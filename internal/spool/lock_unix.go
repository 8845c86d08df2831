//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package spool

import (
	"errors"
	"os"
	"syscall"
)

// takeLock locks the file at path. The system unlocks it when the process dies.
func takeLock(path string) (*lock, error) {
	for {
		f, err := openFile(path, os.O_CREATE|os.O_RDWR)
		if err != nil {
			return nil, err
		}
		if err := flock(f); err != nil {
			f.Close()
			return nil, err
		}
		l := &lock{path: path, release: f.Close}
		if l.info, err = f.Stat(); err != nil {
			f.Close()
			return nil, err
		}
		if l.held() {
			return l, nil
		}
		f.Close() // the file was removed before it was locked
	}
}

func flock(f *os.File) error {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		default:
			return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}
