package handler

import (
	"errors"
	"io"
	"net"
)

// errGone is why a connection is given up on which the server has hung up.
var errGone = errors.New("the server has closed the connection")

// watch reads from a connection until that fails, and closes it. Graylog never
// sends anything, so that the end of its stream, or an error, is all that there
// is to be read: it tells before the next write that nobody would read it.
func watch(conn net.Conn, broken chan<- struct{}) {
	io.Copy(io.Discard, conn)
	close(broken)
	conn.Close()
}
