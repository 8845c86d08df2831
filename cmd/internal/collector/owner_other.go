//go:build !unix

package collector

import "io/fs"

// ownDir reports true: temporary directories are those of the user here.
func ownDir(fs.FileInfo) bool { return true }
