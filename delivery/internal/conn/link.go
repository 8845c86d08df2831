package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aimakerspace/synlogger/internal/panics"
)

// A stream is a link over TCP, or over TLS on TCP.
type stream struct {
	conn    net.Conn // tcp, or TLS on it
	tcp     *counted
	timeout time.Duration
	most    int // maximum size of one write in bytes
	trial   *trial

	closed chan struct{}
	// These fields are set before closed is.
	closedAt time.Time
	err      error  // why the connection was closed
	fault    error  // a panic of a callback, or nil
	answer   []byte // the first bytes that the server sent

	marks []mark
	plain int // bytes of frames written
	known int // of these, bytes that have reached the server
}

// A mark means that the first plain bytes of frames are in the first raw bytes of the
// connection.
type mark struct{ plain, raw int }

// A counted connection counts the bytes written to the kernel.
type counted struct {
	net.Conn
	written atomic.Int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

// CloseWrite shuts down the writing side of the connection.
func (c *counted) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return errors.ErrUnsupported
}

func newStream(conn net.Conn, tcp *counted, most int, timeout time.Duration, t *trial) *stream {
	s := &stream{conn: conn, tcp: tcp, most: most, timeout: timeout, trial: t, closed: make(chan struct{})}
	go s.watch()
	return s
}

// watch reads from the connection until it is closed. Graylog never sends anything, so
// watch reads only the end of the stream or an error. It notices a closed connection
// before the next write is lost on it.
func (s *stream) watch() {
	defer close(s.closed)
	defer func() { // a session ticket calls a callback of the tls.Config, which may panic
		if r := recover(); r != nil {
			s.fault = errors.New(panics.Describe("a callback of TLS.Config", r))
			s.closedAt, s.err = time.Now(), s.fault
		}
	}()
	const most = 64 // bytes of the answer
	buf := make([]byte, 512)
	for {
		n, err := s.conn.Read(buf)
		s.answer = append(s.answer, buf[:min(n, most-len(s.answer))]...)
		if err == nil {
			continue
		}
		s.closedAt, s.err = time.Now(), err
		if err == io.EOF {
			s.err = ErrClosed
		}
		return
	}
}

func (s *stream) Gone() <-chan struct{} { return s.closed }

func (s *stream) Cause() error {
	s.Reached()
	if s.fault != nil {
		return s.fault
	}
	return s.trial.explain(s.err, s.answer)
}

func (s *stream) Write(ctx context.Context, frames []byte) (int, error) {
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { s.conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	n, err := s.conn.Write(frames[:min(len(frames), s.most)])
	s.plain += n
	s.marks = append(s.marks, mark{s.plain, int(s.tcp.written.Load())})
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	// The broken connection ends watch too, which may know the reason.
	select {
	case <-s.closed:
		return n, s.Cause()
	case <-time.After(100 * time.Millisecond):
		return n, err
	}
}

// Reached returns 0 until the connection has passed its trial.
func (s *stream) Reached() int {
	now := time.Now()
	select {
	case <-s.closed:
		now = s.closedAt
	default:
	}
	arrived := s.arrived()
	if !s.trial.passed(arrived, now) {
		return 0
	}
	return arrived
}

// arrived returns the number of bytes of frames that have reached the server's kernel.
func (s *stream) arrived() int {
	raw, ok := ackedBytes(s.tcp.Conn)
	if !ok {
		s.marks = s.marks[:0]
		return s.plain
	}
	i := 0
	for ; i < len(s.marks) && s.marks[i].raw <= raw; i++ {
		s.known = s.marks[i].plain
	}
	s.marks = s.marks[:copy(s.marks, s.marks[i:])]
	if s.conn == s.tcp { // without TLS, each byte is part of a frame
		s.known = min(max(s.known, raw), s.plain)
	}
	return s.known
}

func (s *stream) TrialTime() time.Duration { return s.trial.maxTime() }

// Finish ends the stream of frames, and reports whether the server then closes the
// connection in order: its process has read all of them.
func (s *stream) Finish(ctx context.Context) bool {
	c, ok := s.conn.(interface{ CloseWrite() error })
	if !ok || c.CloseWrite() != nil {
		return false
	}
	select {
	case <-s.closed:
		return s.err == ErrClosed
	case <-ctx.Done():
		return false
	}
}

// CloseTimeout is how long TLS may take to send its closing message.
const CloseTimeout = 100 * time.Millisecond

// Close closes the connection. The kernel sends what it still has. It waits for
// the goroutine that watches the connection.
func (s *stream) Close() {
	force := time.AfterFunc(CloseTimeout, func() { s.tcp.Close() })
	defer force.Stop()
	s.conn.Close()
	<-s.closed
}

// dialTCPStream returns a dialer for TCP. Each call looks up the name of the host and tries
// its addresses in turn.
func dialTCPStream(addr Address, cfg *Config) Dialer {
	return func(ctx context.Context) (Link, error) {
		start := time.Now()
		tcp, err := dialTCP(ctx, addr, cfg)
		if err != nil {
			return nil, err
		}
		const most = 64 << 10
		return newStream(tcp, tcp, most, cfg.WriteTimeout, newTrial(cfg, time.Since(start))), nil
	}
}

func dialTCP(ctx context.Context, addr Address, cfg *Config) (*counted, error) {
	dial := cfg.Dial
	if dial == nil {
		dial = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
			Enable:   true,
			Idle:     cfg.DeadAfter,
			Interval: max(cfg.DeadAfter/4, time.Second),
			Count:    3,
		}}).DialContext
	}
	conn, err := dial(ctx, "tcp", addr.hostPort())
	if err != nil {
		return nil, refused(err)
	}
	setUserTimeout(conn, cfg.DeadAfter)
	return &counted{Conn: conn}, nil
}

// refused returns an error that is [ErrRefused] too if the connection was refused.
func refused(err error) error {
	const windows = syscall.Errno(10061) // WSAECONNREFUSED
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windows) {
		return refusedError{err}
	}
	return err
}

// A refusedError has the text of the error in it.
type refusedError struct{ error }

func (e refusedError) Unwrap() []error { return []error{e.error, ErrRefused} }
