//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package spool

import (
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
		"change the owner, or name another directory", ErrUnsafe, stat.Uid, path, os.Geteuid())
}
