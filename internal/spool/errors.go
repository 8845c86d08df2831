package spool

import (
	"errors"
	"io/fs"
)

// Errors that the methods of a [Log] and [Open] wrap.
var (
	// ErrLocked means that another Log uses the directory, in this process or
	// in another.
	ErrLocked = errors.New("another handler uses the directory")
	// ErrFull means that the frames would exceed MaxBytes.
	ErrFull = errors.New("the spool is full")
	// ErrDamaged means that frames are lost because files of the spool were
	// damaged, or removed while they were in use.
	ErrDamaged = errors.New("damaged")
	// ErrUnsafe means that another user can read or change the spool, or can
	// redirect its writes to a file outside the directory.
	ErrUnsafe = errors.New("unsafe")
	// ErrClosed means that the Log was closed.
	ErrClosed = errors.New("spool: closed")
)

// hint returns what the user can do about an error of the disk.
func hint(err error) string {
	switch {
	case errors.Is(err, ErrUnsafe):
		return "only this user and root may own or change the spool"
	case errors.Is(err, fs.ErrPermission):
		return "let this process write to the directory and its files"
	case errors.Is(err, fs.ErrNotExist):
		return "do not remove the directory while it is in use"
	default:
		return "check whether the disk is full, read-only or broken"
	}
}
