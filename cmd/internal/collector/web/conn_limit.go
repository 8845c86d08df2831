package web

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
)

// maxConns is the number of connections that the port has at once. It is larger than
// the number of requests that run or wait, so /healthz always gets a connection.
var maxConns = api.MaxRequests() + 61

// A limitListener limits the number of open connections. For a new connection, it
// closes the one that has been idle longest. If all connections have a request, it
// closes the new one.
type limitListener struct {
	net.Listener
	max  int
	full func(error) // is called for each new connection that was closed

	mu   sync.Mutex
	open map[*limitedConn]struct{}
}

func limitConns(l net.Listener, most int, full func(error)) *limitListener {
	return &limitListener{Listener: l, max: most, full: full, open: make(map[*limitedConn]struct{})}
}

// Accept returns the next connection that is admitted.
func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.admit(conn); c != nil {
			return c, nil
		}
		conn.Close()
		l.full(fmt.Errorf("collector: page: connection from %s closed: %d are open, each with a request",
			conn.RemoteAddr(), l.max))
	}
}

// admit adds a connection. It returns nil if all connections have a request.
func (l *limitListener) admit(conn net.Conn) *limitedConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.max {
		oldest := l.idlest()
		if oldest == nil {
			return nil
		}
		delete(l.open, oldest)
		oldest.Conn.Close()
	}
	c := &limitedConn{Conn: conn, l: l, since: time.Now()}
	l.open[c] = struct{}{}
	return c
}

// idlest returns the connection that has been idle longest, nil if all have a request.
func (l *limitListener) idlest() (oldest *limitedConn) {
	for c := range l.open {
		if !c.serving && (oldest == nil || c.since.Before(oldest.since)) {
			oldest = c
		}
	}
	return oldest
}

// A limitedConn is a connection of a limitListener. The lock of the listener guards
// its fields.
type limitedConn struct {
	net.Conn
	l       *limitListener
	serving bool      // a handler is running
	since   time.Time // when the connection was accepted, or its last handler returned
}

// Close closes the connection and removes it from the listener.
func (c *limitedConn) Close() error {
	c.l.mu.Lock()
	delete(c.l.open, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// SetLinger sets what Close does with unsent data, see [net.TCPConn.SetLinger].
func (c *limitedConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

func (c *limitedConn) serve(serving bool) {
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	c.serving, c.since = serving, time.Now()
}

// markServing marks the connections that have a request.
func markServing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := rest.ConnOf(r).(*limitedConn); ok {
			c.serve(true)
			defer c.serve(false)
		}
		next.ServeHTTP(w, r)
	})
}
