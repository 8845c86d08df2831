//go:build !linux || mips || mipsle || mips64 || mips64le

package gelftest

import "net"

// reservePort reserves nothing: the first listenTCP chooses a port.
func reservePort() (addr string, release func(), err error) {
	return "127.0.0.1:0", func() {}, nil
}

func listenTCP(addr string) (net.Listener, error) { return net.Listen("tcp", addr) }
