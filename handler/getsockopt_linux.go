//go:build linux && !386 && !s390x

package handler

import "syscall"

const getsockopt = syscall.SYS_GETSOCKOPT
