package conn

import (
	"encoding/binary"
	"net"
	"syscall"
	"time"
	"unsafe"
)

// DefaultRedeliver is 0, because ackedBytes returns what has arrived.
const DefaultRedeliver = 0

// Constants of linux/tcp.h that package syscall does not have.
const (
	tcpUserTimeout = 18
	// tcpi_bytes_acked, a u64, is in struct tcp_info since Linux 4.1, at the same
	// offset on all machines.
	bytesAckedOffset = 120
	bytesAckedEnd    = bytesAckedOffset + 8
)

// ackedBytes returns how many bytes written to a TCP connection the kernel at
// the other end has acknowledged. It works until the connection is closed here, even
// after a reset. It returns false if the kernel does not provide the number.
func ackedBytes(conn net.Conn) (int, bool) {
	raw, ok := rawConn(conn)
	if !ok {
		return 0, false
	}
	var info [256]byte
	size := uint32(len(info))
	var errno syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall6(getsockopt, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err != nil || errno != 0 || size < bytesAckedEnd {
		return 0, false
	}
	acked := binary.NativeEndian.Uint64(info[bytesAckedOffset:])
	return int(max(acked, 1) - 1), true // the SYN counts as a byte
}

// setUserTimeout limits how long written data may remain unacknowledged before
// the kernel closes the connection (RFC 5482).
func setUserTimeout(conn net.Conn, d time.Duration) {
	if raw, ok := rawConn(conn); ok {
		// If it cannot be set, the sender checks the
		// acknowledgments itself.
		_ = raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
		})
	}
}

func rawConn(conn net.Conn) (syscall.RawConn, bool) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := sc.SyscallConn()
	return raw, err == nil
}
