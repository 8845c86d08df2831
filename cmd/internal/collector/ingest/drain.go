package ingest

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// At the end of Run a connection is read until it was silent for quietTime.
// One whose sender goes on is given up after it was waited for drainWait
// altogether, or had drainBytes to say, which is more than the kernel holds of
// a connection on both of its sides. So all that arrived before the end is
// read, however slow the store is, within reason: drainTime.
const (
	quietTime  = 100 * time.Millisecond
	drainWait  = time.Second
	drainBytes = 32 << 20
	drainTime  = 10 * time.Second
)

// A drain is the end of an input. Its zero value has not begun.
type drain struct{ end atomic.Pointer[time.Time] }

// begin begins the drain and returns the deadline of the reads that are under
// way.
func (d *drain) begin() time.Time {
	now := time.Now()
	end := now.Add(drainTime)
	d.end.Store(&end)
	return now.Add(quietTime)
}

func (d *drain) begun() bool { return d.end.Load() != nil }

var errDrained = errors.New("collector: read out")

// A drainage is what one reader spends of its bounds during a drain.
type drainage struct {
	stop   *drain
	waited time.Duration
	bytes  int
}

// read reads, under a deadline once the drain has begun.
func (d *drainage) read(setDeadline func(time.Time) error, read func() (int, error)) (int, error) {
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
	drainage
}

func (r *drainingReader) Read(p []byte) (int, error) {
	return r.read(r.conn.SetReadDeadline, func() (int, error) { return r.conn.Read(p) })
}

// drainingPackets is the same for datagrams.
type drainingPackets struct {
	*net.UDPConn
	drainage
}

func (p *drainingPackets) ReadFrom(b []byte) (n int, from net.Addr, err error) {
	n, err = p.read(p.SetReadDeadline, func() (n int, err error) {
		n, from, err = p.UDPConn.ReadFrom(b)
		return n, err
	})
	return n, from, err
}
