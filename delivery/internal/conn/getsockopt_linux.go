//go:build linux && !386 && !s390x

package conn

import "syscall"

const getsockopt = syscall.SYS_GETSOCKOPT
