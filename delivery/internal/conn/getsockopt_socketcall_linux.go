//go:build linux && (386 || s390x)

package conn

// getsockopt is the number of the system call, which these machines have since
// Linux 4.3 and package syscall does not know: it uses socketcall there.
const getsockopt = 365
