//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package spool

import "os"

const openFlags = 0 // openFile looks for symbolic links itself

// checkOwner returns nil: the system has no owners that could be compared.
func checkOwner(string, os.FileInfo) error { return nil }
