//go:build !linux

package conn

import (
	"net"
	"time"
)

// DefaultRedeliver is for systems where ackedBytes does not work.
const DefaultRedeliver = 256 << 10

// ackedBytes works on Linux only.
func ackedBytes(net.Conn) (int, bool) { return 0, false }

func setUserTimeout(net.Conn, time.Duration) {}
