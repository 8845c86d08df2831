package ingest

import (
	"bytes"
	"errors"
	"net"
	"os"
	"regexp"
	"time"
)

// Bounds of what one input keeps for its TCP connections. A connection takes up to 64
// KiB; a connection with a frame of more than longFrame bytes takes up to
// [gelf.MaxFrame]. Further long frames wait in the kernel and at their senders.
const (
	maxInputConns = 1000
	longFrame     = 32 << 10
	maxLongFrames = 16
	frameTimeout  = 30 * time.Second // from the first byte of a frame to its last
)

// Errors of an incomplete frame. Their texts are the reasons that the statistics show.
var (
	errFrameTimeout = errors.New("connection closed: its frame was not complete after 30 s")
	errFrameMemory  = errors.New("connection closed: too many long frames were incomplete for 30 s")
)

// A frameReader reads from a connection within the bounds of its input.
type frameReader struct {
	in *Listener
	drainingReader
	pending int           // bytes of the incomplete frame
	left    time.Duration // time left to complete the frame
	long    bool          // holds an element of in.longFrames
	armed   bool          // the connection has a deadline
}

func newFrameReader(in *Listener, conn *net.TCPConn) *frameReader {
	return &frameReader{in: in, drainingReader: drainingReader{conn, drainBudget{stop: &in.stop}}}
}

// Read is called when all complete frames are handled. Only the time in Read counts
// against a frame, because the store may keep the sender waiting.
func (r *frameReader) Read(p []byte) (int, error) {
	if r.pending < longFrame {
		r.release()
	} else if err := r.reserve(); err != nil {
		return 0, err
	}
	if !r.long && len(p) >= longFrame {
		p = p[:len(p)-1] // otherwise the full buffer grows before reserve
	}
	began := time.Now()
	if err := r.arm(began); err != nil {
		return 0, err
	}
	n, err := r.drainingReader.Read(p)
	if last := bytes.LastIndexByte(p[:n], 0); last >= 0 {
		r.begin(n - last - 1)
	} else if r.pending == 0 {
		r.begin(n)
	} else {
		r.pending += n
		r.left -= time.Since(began)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && !r.in.stop.begun() {
		err = errFrameTimeout
	}
	return n, err
}

// begin notes the first bytes of a frame.
func (r *frameReader) begin(n int) { r.pending, r.left = n, r.in.frameTimeout }

// arm sets the connection's deadline for the incomplete frame, or removes it. During a
// drain, drainBudget sets the deadlines.
func (r *frameReader) arm(now time.Time) error {
	switch {
	case r.in.stop.begun():
		return nil
	case r.pending > 0:
		r.armed = true
		return r.conn.SetReadDeadline(now.Add(r.left))
	case r.armed:
		r.armed = false
		return r.conn.SetReadDeadline(time.Time{})
	}
	return nil
}

// reserve waits until the connection may have a long frame.
func (r *frameReader) reserve() error {
	if r.long {
		return nil
	}
	tick := time.NewTicker(quietTime)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case r.in.longFrames <- struct{}{}:
			r.long = true
			r.left = r.in.frameTimeout // because the sender had to wait
			return nil
		case now := <-tick.C:
			if end := r.in.stop.end.Load(); end != nil && now.After(*end) {
				return errDrained
			}
			if now.Sub(began) > r.left {
				return errFrameMemory
			}
		}
	}
}

// release lets another connection have a long frame.
func (r *frameReader) release() {
	if r.long {
		<-r.in.longFrames
		r.long = false
	}
}

// requestLine matches the first line of an HTTP request.
var requestLine = regexp.MustCompile(`^[A-Z]{3,10} \S+ HTTP/1\.[01]\r?\n`)

// errRequest rejects HTTP requests: otherwise a web page could log records with the
// body of a request.
var errRequest = errors.New("connection closed: an HTTP request")
