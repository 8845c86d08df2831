//go:build !linux

package conn

import (
	"net"
	"time"
)

// DefaultRedeliver is for systems that do not tell what has arrived.
const DefaultRedeliver = 256 << 10

// ackedBytes is known on Linux only.
func ackedBytes(net.Conn) (int, bool) { return 0, false }

func setUserTimeout(net.Conn, time.Duration) {}
