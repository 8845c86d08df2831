package ingest

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// When the collector stops, it reads each connection until the connection was silent
// for quietTime. If a sender keeps sending, reading ends after drainWait of waiting,
// or after drainBytes, which is more than the kernel buffers of both sides hold.
// drainTime limits the whole drain. So everything that arrived before the stop is
// read, even if the store is slow.
const (
	quietTime  = 100 * time.Millisecond
	drainWait  = time.Second
	drainBytes = 32 << 20
	drainTime  = 10 * time.Second
)

// A drain is the last phase of an input, in which it reads what has arrived. The zero
// drain has not begun.
type drain struct{ end atomic.Pointer[time.Time] }

// begin begins the drain and returns the deadline of the reads in progress.
func (d *drain) begin() time.Time {
	now := time.Now()
	end := now.Add(drainTime)
	d.end.Store(&end)
	return now.Add(quietTime)
}

func (d *drain) begun() bool { return d.end.Load() != nil }

var errDrained = errors.New("collector: connection drained")

// A drainBudget is the part of its bounds that one reader has used during a drain.
type drainBudget struct {
	stop   *drain
	waited time.Duration
	bytes  int
}

// read reads, with a deadline once the drain has begun.
func (d *drainBudget) read(setDeadline func(time.Time) error, read func() (int, error)) (int, error) {
	end := d.stop.end.Load()
	if end == nil {
		return read()
	}
	began := time.Now()
	if d.waited >= drainWait || d.bytes >= drainBytes || began.After(*end) {
		return 0, errDrained
	}
	if err := setDeadline(began.Add(quietTime)); err != nil {
		return 0, err
	}
	n, err := read()
	d.waited += time.Since(began)
	d.bytes += n
	return n, err
}

// A drainingReader reads from a connection within the bounds of the drain.
type drainingReader struct {
	conn *net.TCPConn
	drainBudget
}

// Read reads from the connection.
func (r *drainingReader) Read(p []byte) (int, error) {
	return r.read(r.conn.SetReadDeadline, func() (int, error) { return r.conn.Read(p) })
}

// drainingPackets reads datagrams within the bounds of the drain.
type drainingPackets struct {
	*net.UDPConn
	drainBudget
}

// ReadFrom reads a datagram.
func (p *drainingPackets) ReadFrom(b []byte) (n int, from net.Addr, err error) {
	n, err = p.read(p.SetReadDeadline, func() (n int, err error) {
		n, from, err = p.UDPConn.ReadFrom(b)
		return n, err
	})
	return n, from, err
}
