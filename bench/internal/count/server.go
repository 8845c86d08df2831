package count

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A Server reads GELF and JSON lines from TCP, and GELF from UDP, on one port.
type Server struct {
	addr  string
	stall bool
	udp   net.PacketConn

	mu       sync.Mutex
	tally    Tally
	lastRead time.Time
	listener net.Listener
	conns    map[net.Conn]bool
	readers  sync.WaitGroup
}

// Listen starts a server at an unused port of 127.0.0.1. If stall is true, it accepts
// connections and reads nothing.
func Listen(stall bool) (*Server, error) {
	var errs []error
	for range 10 { // the port may be in use for one of the two protocols
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		udp, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			errs = append(errs, err)
			l.Close()
			continue
		}
		udp.(*net.UDPConn).SetReadBuffer(4 << 20)
		s := &Server{addr: l.Addr().String(), stall: stall, udp: udp, conns: map[net.Conn]bool{}}
		s.serve(l)
		if !stall {
			s.readers.Go(s.readUDP)
		}
		return s, nil
	}
	return nil, errors.Join(errs...)
}

// Addr returns the address of both protocols.
func (s *Server) Addr() string { return s.addr }

func (s *Server) serve(l net.Listener) {
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	s.readers.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			current := s.listener == l
			if current {
				s.conns[conn] = true
			}
			s.mu.Unlock()
			if !current {
				conn.Close()
			} else if !s.stall {
				s.readers.Go(func() { s.readTCP(conn) })
			}
		}
	})
}

// Down closes the TCP listener and all connections. Frames that the server has not read
// are lost, as they are if a server crashes.
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		s.listener.Close()
		s.listener = nil
	}
	for conn := range s.conns {
		conn.Close()
		delete(s.conns, conn)
	}
}

// Up listens again after Down, on the same port.
func (s *Server) Up() error {
	l, err := net.Listen("tcp", s.addr)
	if err == nil {
		s.serve(l)
	}
	return err
}

// Close stops the server and returns the counts and the time of the last read.
func (s *Server) Close() (Tally, time.Time) {
	s.Down()
	s.udp.Close()
	s.readers.Wait()
	return s.tally, s.lastRead
}

// Records returns how many distinct records the server has counted.
func (s *Server) Records() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tally.Records
}

// Idle returns how long ago the server last read something.
func (s *Server) Idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.lastRead)
}

func (s *Server) readTCP(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 1<<20)
	kept := 0 // bytes of an incomplete frame
	for {
		n, err := conn.Read(buf[kept:])
		if n > 0 {
			s.mu.Lock()
			s.lastRead = time.Now()
			s.tally.Bytes += uint64(n)
			rest := s.split(buf[:kept+n])
			s.mu.Unlock()
			kept = copy(buf, rest)
		}
		if err != nil || kept == len(buf) {
			return
		}
	}
}

// split counts the complete frames in data and returns the remaining bytes. A frame ends
// with a NUL byte if data contains one, or with a line feed. JSON escapes both.
func (s *Server) split(data []byte) []byte {
	separator := byte(0)
	if bytes.IndexByte(data, 0) < 0 {
		separator = '\n'
	}
	for {
		end := bytes.IndexByte(data, separator)
		if end < 0 {
			return data
		}
		s.tally.Add(data[:end])
		data = data[end+1:]
	}
}

func (s *Server) readUDP() {
	buf := make([]byte, 1<<16)
	var unzip gzip.Reader
	for {
		n, _, err := s.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		frame := buf[:n]
		if bytes.HasPrefix(frame, []byte{0x1f, 0x8b}) && unzip.Reset(bytes.NewReader(frame)) == nil {
			frame, _ = io.ReadAll(&unzip)
		}
		s.mu.Lock()
		s.lastRead = time.Now()
		s.tally.Bytes += uint64(n)
		s.tally.Add(frame)
		s.mu.Unlock()
	}
}
