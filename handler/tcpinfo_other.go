//go:build !linux

package handler

import (
	"net"
	"time"
)

// defaultRedeliver is for systems that do not tell what has arrived.
const defaultRedeliver = 256 << 10

// ackedBytes is known on Linux only.
func ackedBytes(net.Conn) (int, bool) { return 0, false }

func setUserTimeout(net.Conn, time.Duration) {}
