package collector

import (
	"net"
	"sync"
)

// maxConns is how many connections the page's port has at once.
const maxConns = 256

// A limitListener closes connections beyond a limit at once.
type limitListener struct {
	net.Listener
	places chan struct{}
}

func limitConns(l net.Listener, n int) net.Listener {
	return &limitListener{l, make(chan struct{}, n)}
}

func (l *limitListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.places <- struct{}{}:
			return &limitedConn{Conn: conn, leave: func() { <-l.places }}, nil
		default:
			conn.Close()
		}
	}
}

type limitedConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}
