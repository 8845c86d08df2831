package gelftest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// A Server is a GELF server on the loopback interface.
type Server struct {
	t    testing.TB
	tls  *tls.Config // nil without TLS
	addr string

	store store

	mu       sync.Mutex
	stopped  bool
	stall    chan struct{} // closed by Resume; nil unless the server is stalled
	tcp      net.Listener
	udp      net.PacketConn
	quit     chan struct{} // closed by Stop
	conns    map[*conn]struct{}
	accepted int             // connections
	running  *sync.WaitGroup // goroutines since the last Start
}

// A conn is one accepted connection.
type conn struct {
	number int // in the order of Accept, from 1
	raw    *net.TCPConn
	frames net.Conn      // raw below a stallableConn and TLS
	quit   chan struct{} // closed by close
	done   chan struct{} // closed when the connection's goroutine ends
}

// close closes the connection and ends a Read that waits for Resume. It is called
// with the server's mutex held.
func (c *conn) close() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.raw.Close()
}

// NewServer returns a server that listens on a free port of 127.0.0.1, for TCP and
// UDP. The server is stopped when the test ends.
func NewServer(t testing.TB) *Server {
	t.Helper()
	return newServer(t, nil)
}

func newServer(t testing.TB, config *tls.Config) *Server {
	t.Helper()
	s := &Server{t: t, tls: config, stopped: true, conns: make(map[*conn]struct{})}
	var err error
	for range 20 { // the free TCP port may be in use for UDP
		var release func()
		if s.addr, release, err = reservePort(); err != nil {
			break
		}
		if err = s.listen(); err == nil {
			t.Cleanup(func() { s.Stop(); release() })
			return s
		}
		release()
	}
	t.Fatalf("gelftest: %v", err)
	return nil
}

// Addr returns the address of the server as host:port.
func (s *Server) Addr() string { return s.addr }

// URL returns the address of the server as tcp://host:port, or tls://host:port for
// a server with TLS.
func (s *Server) URL() string {
	if s.tls != nil {
		return "tls://" + s.addr
	}
	return "tcp://" + s.addr
}

// listen opens both ports and starts reading.
func (s *Server) listen() error {
	tcp, err := listenTCP(s.addr)
	if err != nil {
		return err
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		tcp.Close()
		return err
	}
	// Graylog's recv_buffer_size: 128 datagrams of one frame can arrive faster than
	// they are read. The kernel may grant less.
	udp.(*net.UDPConn).SetReadBuffer(256 << 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	if bound := tcp.Addr().String(); s.addr != bound { // only in NewServer, before other goroutines read it
		s.addr = bound
	}
	s.tcp, s.udp, s.quit, s.stopped = tcp, udp, make(chan struct{}), false
	if s.stall != nil {
		interrupt(udp)
	}
	quit := s.quit
	s.running = new(sync.WaitGroup)
	s.running.Go(func() { s.accept(tcp) })
	s.running.Go(func() { s.readPackets(udp, quit) })
	return nil
}

// accept accepts connections until the listener is closed.
func (s *Server) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.serve(c.(*net.TCPConn))
	}
}

func (s *Server) serve(raw *net.TCPConn) {
	c := &conn{raw: raw, quit: make(chan struct{}), done: make(chan struct{})}
	c.frames = stallableConn{raw, s, c.quit}
	if s.tls != nil {
		c.frames = tls.Server(c.frames, s.tls)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		raw.Close()
		return
	}
	if s.stall != nil {
		interrupt(raw)
	}
	s.accepted++
	c.number = s.accepted
	s.conns[c] = struct{}{}
	s.running.Go(func() {
		defer close(c.done)
		s.readStream(c)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		c.raw.Close()
	})
}

// readStream stores the frames of a connection until it is closed.
func (s *Server) readStream(c *conn) {
	r := gelf.NewReader(c.frames)
	var mem arena
	for {
		frame, err := r.Next()
		if err != nil {
			var fe *gelf.FrameError
			if errors.As(err, &fe) {
				s.store.addError(fmt.Errorf("connection from %s closed: %w", c.raw.RemoteAddr(), err))
			}
			return
		}
		s.store.add(mem.clone(frame), c.number)
	}
}

// readPackets stores the frames of datagrams until the socket is closed.
func (s *Server) readPackets(udp net.PacketConn, quit chan struct{}) {
	r := gelf.NewPacketReader(udp)
	var mem arena
	for bad := uint64(0); ; {
		frame, _, err := r.Next()
		if n := r.Stats().Bad; n > bad {
			s.store.addError(fmt.Errorf("%d datagrams that are not GELF", n-bad))
			bad = n
		}
		if !s.waitResume(quit) {
			return
		}
		if err == nil {
			s.store.add(mem.clone(frame), 0)
		} else if !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// A stallableConn is a connection whose Read blocks while the server is stalled.
// TLS uses it instead of the raw connection, so a stall does not end a handshake
// with an expired deadline.
type stallableConn struct {
	*net.TCPConn
	s    *Server
	quit chan struct{}
}

// Read waits after reading from the connection, not before: a pending read can
// return data that arrives just after Stall.
func (c stallableConn) Read(p []byte) (int, error) {
	for {
		n, err := c.TCPConn.Read(p)
		if !c.s.waitResume(c.quit) {
			return 0, net.ErrClosed
		}
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// waitResume waits while the server is stalled. It returns false if quit is closed
// first.
func (s *Server) waitResume(quit chan struct{}) bool {
	s.mu.Lock()
	stall := s.stall
	s.mu.Unlock()
	if stall == nil {
		return true
	}
	select {
	case <-stall:
		return true
	case <-quit:
		return false
	}
}

// openConns returns the open connections.
func (s *Server) openConns() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.conns))
}
