package spool

import "os"

// A lock is a locked file. It keeps other Logs out of the directory.
type lock struct {
	path    string
	info    os.FileInfo // nil where a locked file cannot be removed or replaced
	release func() error
}

// held reports whether path still names the file that is locked. If it does not,
// another Log can lock the directory as well.
func (l *lock) held() bool { return l.info == nil || names(l.path, l.info) }

// names reports whether path names the file.
func names(path string, file os.FileInfo) bool {
	info, err := os.Lstat(path)
	return err == nil && os.SameFile(info, file)
}
