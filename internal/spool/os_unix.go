//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package spool

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// openFlags are the flags for files that must not be symbolic links.
const openFlags = syscall.O_NOFOLLOW

// checkOwner returns an error unless this user or root owns the file.
func checkOwner(path string, info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%w: user %d owns %s, and this process runs as user %d: "+
		"change the owner, or use another directory", ErrUnsafe, stat.Uid, path, os.Geteuid())
}

// takeLock locks the file at path. The system unlocks it when the process ends.
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
