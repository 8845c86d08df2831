package rest

import (
	"net/http"
	"time"
)

// A SlowWriter sets a new deadline for each piece that it writes. A client may be
// slow, but must not stop reading.
type SlowWriter struct {
	w     http.ResponseWriter
	to    *http.ResponseController
	begun bool // something was written
}

// NewSlowWriter returns a SlowWriter of an answer.
func NewSlowWriter(w http.ResponseWriter) *SlowWriter {
	return &SlowWriter{w: w, to: http.NewResponseController(w)}
}

// A client must read SlowPiece bytes within writeTime.
const (
	SlowPiece = 64 << 10
	writeTime = 10 * time.Second
)

// Write writes p in pieces.
func (s *SlowWriter) Write(p []byte) (n int, err error) {
	s.begun = true
	for len(p) > 0 && err == nil {
		// An error means that the server sets no deadline.
		_ = s.to.SetWriteDeadline(time.Now().Add(writeTime))
		var written int
		written, err = s.w.Write(p[:min(len(p), SlowPiece)])
		n += written
		p = p[written:]
	}
	return n, err
}

// Flush sends what was written.
func (s *SlowWriter) Flush() error {
	_ = s.to.SetWriteDeadline(time.Now().Add(writeTime))
	return s.to.Flush()
}

// HasBegun reports whether something was written.
func (s *SlowWriter) HasBegun() bool { return s.begun }
