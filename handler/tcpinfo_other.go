//go:build !linux || 386 || s390x

package handler

import (
	"net"
	"time"
)

// defaultRedeliver stands in for what cannot be asked here.
const defaultRedeliver = 256 << 10

// ackedBytes is known on Linux alone, and not on two
// of its oldest machines.
func ackedBytes(net.Conn) (int, bool) { return 0, false }

func setUserTimeout(net.Conn, time.Duration) {}
