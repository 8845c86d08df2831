package web

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
)

// maxConns is how many connections the page's port has at once: more than requests
// run or wait, so that /healthz always gets a connection.
var maxConns = api.MaxRequests() + 61

// A limitListener bounds the connections that are open at once. To make room for
// a new one, it closes the one that has waited longest for a request. If a
// request is served on each, it closes the new one.
type limitListener struct {
	net.Listener
	max  int
	full func(error) // is called with each new connection that was closed

	mu   sync.Mutex
	open map[*limitedConn]struct{}
}

func limitConns(l net.Listener, most int, full func(error)) *limitListener {
	return &limitListener{Listener: l, max: most, full: full, open: make(map[*limitedConn]struct{})}
}

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

// admit counts a connection. It returns nil if there is no room.
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

// idlest returns the connection that has been without a request for longest, nil
// if each has one.
func (l *limitListener) idlest() (oldest *limitedConn) {
	for c := range l.open {
		if !c.serving && (oldest == nil || c.since.Before(oldest.since)) {
			oldest = c
		}
	}
	return oldest
}

// A limitedConn is a connection of a limitListener, whose lock guards its fields.
type limitedConn struct {
	net.Conn
	l       *limitListener
	serving bool      // a handler runs
	since   time.Time // of the accept, or of the end of the last handler
}

func (c *limitedConn) Close() error {
	c.l.mu.Lock()
	delete(c.l.open, c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// SetLinger decides what Close does with data that is not sent yet, see
// [net.TCPConn.SetLinger].
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

// markServing tells the limitListener which connections have a request.
func markServing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := api.ConnOf(r).(*limitedConn); ok {
			c.serve(true)
			defer c.serve(false)
		}
		next.ServeHTTP(w, r)
	})
}
