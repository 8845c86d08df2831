//go:build unix

package storedir

import (
	"io/fs"
	"os"
	"syscall"
)

// ownDir reports whether a directory belongs to the user of this process, and only
// this user can write to it.
func ownDir(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
