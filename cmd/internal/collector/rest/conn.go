package rest

import (
	"context"
	"net"
	"net/http"
)

// BreakOff ends an incomplete answer whose status has been sent. All clients notice:
// over HTTP/1.1 the last chunk is missing, and over HTTP/1.0 the connection is reset.
func BreakOff(r *http.Request) {
	if conn, ok := ConnOf(r).(interface{ SetLinger(seconds int) error }); ok && !r.ProtoAtLeast(1, 1) {
		_ = conn.SetLinger(0)
	}
	panic(http.ErrAbortHandler)
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// ConnContext is the ConnContext of a server, which BreakOff and ConnOf need.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// ConnOf returns the connection of a request, nil if it is unknown.
func ConnOf(r *http.Request) net.Conn {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	return conn
}
