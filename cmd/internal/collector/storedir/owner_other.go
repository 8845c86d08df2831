//go:build !unix

package storedir

import "io/fs"

// ownDir returns true: here, temporary directories belong to one user.
func ownDir(fs.FileInfo) bool { return true }
