// Package ingest receives GELF over TCP and UDP and queues the records.
package ingest

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/gelf"
)

// A Listener receives GELF over TCP and UDP at one address.
type Listener struct {
	Input
	tcp       *net.TCPListener
	udp       *net.UDPConn
	datagrams *gelf.PacketReader

	maxConns     int
	frameTimeout time.Duration
	longFrames   chan struct{} // has an element for each connection with a long frame

	stop    drain
	running atomic.Int32 // number of its loops, two if all is well
	mu      sync.Mutex
	conns   map[*net.TCPConn]struct{}

	// Counters since the start. A frame is refused if Graylog would store nothing of
	// it. A connection is rejected if maxConns are open.
	records, refused, bytes, connections, rejected atomic.Int64
}

// Listen binds an input. Port 0 takes a port that is free for TCP and UDP.
func Listen(in Input) (*Listener, error) {
	fail := func(network string, err error) (*Listener, error) {
		return nil, &ListenError{Title: in.Title, Network: network, Addr: in.Addr, Err: err}
	}
	_, port, err := net.SplitHostPort(in.Addr)
	if err != nil {
		return fail("tcp", err)
	}
	const attempts = 20 // with a port that is free for TCP but not for UDP
	for try := 1; ; try++ {
		l, err := net.Listen("tcp", in.Addr)
		if err != nil {
			return fail("tcp", err)
		}
		bound := l.Addr().(*net.TCPAddr)
		host, _, _ := net.SplitHostPort(in.Addr)
		addr := net.JoinHostPort(host, strconv.Itoa(bound.Port))
		p, err := net.ListenPacket("udp", addr)
		if err == nil {
			udp := p.(*net.UDPConn)
			udp.SetReadBuffer(4 << 20) // for bursts; the kernel may grant less
			made := &Listener{
				Input: Input{in.Title, bound.String()},
				tcp:   l.(*net.TCPListener), udp: udp,
				maxConns: maxInputConns, frameTimeout: frameTimeout, longFrames: make(chan struct{}, maxLongFrames),
				conns: make(map[*net.TCPConn]struct{}),
			}
			made.datagrams = gelf.NewPacketReader(&drainingPackets{udp, drainBudget{stop: &made.stop}})
			return made, nil
		}
		l.Close()
		if port != "0" || try == attempts {
			return fail("udp", err)
		}
	}
}

// Close closes both sockets.
func (in *Listener) Close() {
	in.tcp.Close()
	in.udp.Close()
}

// A Sink takes what the inputs receive.
type Sink struct {
	Queue    *Queue    // of records
	Refusals *Refusals // frames of which Graylog would store nothing

	// Report is called with each error, and with a name that errors of the same cause
	// share.
	Report func(cause string, err error)
}

// Serve receives until Drain is called and everything is read.
func (in *Listener) Serve(to Sink) {
	var receivers sync.WaitGroup
	in.running.Add(2)
	receivers.Go(func() { defer in.running.Add(-1); in.accept(to, &receivers) })
	receivers.Go(func() { defer in.running.Add(-1); in.packets(to) })
	receivers.Wait()
	in.Close()
}

// Drain ends Serve. It closes its half of each connection, so peers that watch for it,
// as package delivery does, stop sending.
func (in *Listener) Drain() {
	soon := in.stop.begin()
	in.tcp.SetDeadline(soon) // accepts the connections in the backlog
	in.udp.SetReadDeadline(soon)
	in.mu.Lock()
	defer in.mu.Unlock()
	for conn := range in.conns {
		conn.CloseWrite()
		conn.SetReadDeadline(soon)
	}
}

func (in *Listener) accept(to Sink, receivers *sync.WaitGroup) {
	for {
		conn, err := in.tcp.AcceptTCP()
		if err == nil {
			in.connections.Add(1)
			if in.open() >= in.maxConns {
				in.reject(to, conn)
				continue
			}
			in.track(conn)
			receivers.Go(func() { defer in.untrack(conn); in.frames(to, conn) })
			continue
		}
		if in.stop.begun() || errors.Is(err, net.ErrClosed) {
			return
		}
		to.Report(in.Title, fmt.Errorf("collector: %s: %w", in.Title, err))
		time.Sleep(quietTime) // usually there are no file descriptors left
	}
}

// reject closes a connection at once. If data is unread, the peer gets a reset.
func (in *Listener) reject(to Sink, conn *net.TCPConn) {
	in.rejected.Add(1)
	conn.Close()
	to.Report(in.Title+" full", fmt.Errorf("collector: %s: connection from %s closed: %d are open",
		in.Title, conn.RemoteAddr(), in.maxConns))
}

func (in *Listener) track(conn *net.TCPConn) {
	in.mu.Lock()
	in.conns[conn] = struct{}{}
	in.mu.Unlock()
	if in.stop.begun() { // the connection waited in the backlog
		conn.CloseWrite()
	}
}

func (in *Listener) untrack(conn *net.TCPConn) {
	in.mu.Lock()
	delete(in.conns, conn)
	in.mu.Unlock()
	conn.Close()
}

// open returns the number of open connections.
func (in *Listener) open() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.conns)
}

// frames receives the frames of one connection.
func (in *Listener) frames(to Sink, conn *net.TCPConn) {
	remote := conn.RemoteAddr().(*net.TCPAddr)
	ip, port := remote.IP.String(), remote.Port
	limited := newFrameReader(in, conn)
	defer limited.release()
	r := gelf.NewReader(limited)
	for first := true; ; first = false {
		frame, err := r.Next()
		switch bad := (*gelf.FrameError)(nil); {
		case err == nil && first && requestLine.Match(frame):
			in.refuse(to, frame, ip, port, errRequest.Error())
			return
		case err == nil:
			in.receive(to, frame, ip, port)
			continue
		case errors.As(err, &bad):
			in.refuse(to, nil, ip, port, "connection closed: a frame is "+bad.Reason)
		case err == errFrameTimeout, err == errFrameMemory:
			in.refuse(to, nil, ip, port, err.Error())
		}
		return // the connection ended
	}
}

// packets receives datagrams.
func (in *Listener) packets(to Sink) {
	for {
		frame, from, err := in.datagrams.Next()
		switch {
		case err == nil:
			udp := from.(*net.UDPAddr)
			in.receive(to, frame, udp.IP.String(), udp.Port)
		case in.stop.begun(), errors.Is(err, net.ErrClosed):
			return
		default:
			to.Report(in.Title, fmt.Errorf("collector: %s: %w", in.Title, err))
			time.Sleep(time.Millisecond)
		}
	}
}

// receive decodes a frame and queues the record. It waits while the queue is full.
func (in *Listener) receive(to Sink, frame []byte, ip string, port int) {
	m, findings, err := gelf.Decode(frame)
	if err != nil {
		in.refuse(to, frame, ip, port, strings.TrimPrefix(err.Error(), "gelf: "))
		return
	}
	in.records.Add(1)
	in.bytes.Add(int64(len(frame)))
	to.Queue.enqueue(record.NewRow(m, findings, time.Now(), ip, port, in.Title))
}

func (in *Listener) refuse(to Sink, frame []byte, ip string, port int, reason string) {
	in.refused.Add(1)
	in.bytes.Add(int64(len(frame)))
	to.Refusals.add(Refused{
		Time: time.Now().UTC(), Reason: reason, Input: in.Title, RemoteIP: ip, RemotePort: port,
		Bytes: len(frame), Snippet: snippet(frame),
	})
}

// Stats returns the counters as they are now.
func (in *Listener) Stats() InputStats {
	d := in.datagrams.Stats()
	return InputStats{
		Input:       in.Input,
		Running:     in.IsRunning(),
		Records:     in.records.Load(),
		Refused:     in.refused.Load(),
		Bytes:       in.bytes.Load(),
		Skipped:     int64(d.Bad + d.Expired + d.Evicted),
		Connections: in.connections.Load(),
		Rejected:    in.rejected.Load(),
		Open:        in.open(),
	}
}

// IsRunning reports whether the input receives over both TCP and UDP.
func (in *Listener) IsRunning() bool { return in.running.Load() == 2 }
