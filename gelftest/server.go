package gelftest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// A Server is a GELF server on the loopback interface.
type Server struct {
	t    testing.TB
	tls  *tls.Config // of the server, nil without TLS
	addr string

	store store

	mu       sync.Mutex
	stopped  bool
	stall    chan struct{} // open while the server reads nothing, nil otherwise
	tcp      net.Listener
	udp      net.PacketConn
	quit     chan struct{} // closed by Stop
	conns    map[*conn]struct{}
	accepted int             // connections so far
	running  *sync.WaitGroup // goroutines since the last Start
}

// A conn is one accepted connection.
type conn struct {
	n      int // of those accepted, from 1
	raw    *net.TCPConn
	frames net.Conn // above raw: through the gate, and through TLS
	quit   chan struct{}
	done   chan struct{}
}

// cut closes the connection, also for a reader that waits at the gate. The
// server's mutex is held.
func (c *conn) cut() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.raw.Close()
}

// NewServer returns a server that listens on a free port of 127.0.0.1, for TCP
// and for UDP. It is stopped when the test ends.
func NewServer(t testing.TB) *Server {
	t.Helper()
	return newServer(t, nil)
}

func newServer(t testing.TB, config *tls.Config) *Server {
	t.Helper()
	s := &Server{t: t, tls: config, addr: "127.0.0.1:0", stopped: true, conns: make(map[*conn]struct{})}
	var err error
	for range 20 { // the port of the one may be taken for the other
		if err = s.listen(); err == nil {
			t.Cleanup(s.Stop)
			return s
		}
	}
	t.Fatalf("gelftest: %v", err)
	return nil
}

// Addr returns the address of the server, host:port.
func (s *Server) Addr() string { return s.addr }

// URL returns the address with its scheme: tcp://host:port, or tls:// for a
// server under TLS.
func (s *Server) URL() string {
	if s.tls != nil {
		return "tls://" + s.addr
	}
	return "tcp://" + s.addr
}

// listen opens both ports and starts to read.
func (s *Server) listen() error {
	tcp, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		tcp.Close()
		return err
	}
	// As much as Graylog asks for (recv_buffer_size): a frame of 128 datagrams
	// comes faster than it is read. The kernel may give less.
	udp.(*net.UDPConn).SetReadBuffer(256 << 10)
	s.mu.Lock()
	defer s.mu.Unlock()
	if bound := tcp.Addr().String(); s.addr != bound { // at the first time, when nobody else reads it
		s.addr = bound
	}
	s.tcp, s.udp, s.quit, s.stopped = tcp, udp, make(chan struct{}), false
	if s.stall != nil {
		interrupt(udp)
	}
	quit := s.quit
	s.running = new(sync.WaitGroup)
	s.running.Go(func() { s.accept(tcp) })
	s.running.Go(func() { s.packets(udp, quit) })
	return nil
}

// accept takes connections until the listener is closed.
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
	c.frames = gate{raw, s, c.quit}
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
	c.n = s.accepted
	s.conns[c] = struct{}{}
	s.running.Go(func() {
		defer close(c.done)
		s.stream(c)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
		c.raw.Close()
	})
}

// stream keeps the frames of a connection until it ends.
func (s *Server) stream(c *conn) {
	r := gelf.NewReader(c.frames)
	var mem arena
	for {
		frame, err := r.Next()
		if err != nil {
			var fe *gelf.FrameError
			if errors.As(err, &fe) {
				s.store.fail(fmt.Errorf("connection from %s closed: %w", c.raw.RemoteAddr(), err))
			}
			return
		}
		s.store.add(mem.keep(frame), c.n)
	}
}

// packets keeps the frames of datagrams until the socket is closed.
func (s *Server) packets(udp net.PacketConn, quit chan struct{}) {
	r := gelf.NewPacketReader(udp)
	var mem arena
	for bad := uint64(0); ; {
		frame, _, err := r.Next()
		if n := r.Stats().Bad; n > bad {
			s.store.fail(fmt.Errorf("%d datagrams that are no GELF", n-bad))
			bad = n
		}
		if !s.pass(quit) {
			return
		}
		if err == nil {
			s.store.add(mem.keep(frame), 0)
		} else if !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// A gate is a connection that is read as long as the server does not stall. TLS
// is above it, and so sees no deadline, which would end a handshake.
type gate struct {
	*net.TCPConn
	s    *Server
	quit chan struct{}
}

// Read waits behind the read, not before it: one that is under way when the
// server stalls may still get what arrives just then.
func (g gate) Read(p []byte) (int, error) {
	for {
		n, err := g.TCPConn.Read(p)
		if !g.s.pass(g.quit) {
			return 0, net.ErrClosed
		}
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
}

// pass waits while the server stalls. It reports false if quit is closed before
// that ends.
func (s *Server) pass(quit chan struct{}) bool {
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

// open returns the connections that are open.
func (s *Server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	return all
}
