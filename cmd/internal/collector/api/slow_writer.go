package api

import (
	"net/http"
	"time"
)

// A slowWriter gives each piece of what is written a deadline of its own: a
// reader may take as long as it likes if it continues to read.
type slowWriter struct {
	w     http.ResponseWriter
	to    *http.ResponseController
	begun bool // something was written
}

func newSlowWriter(w http.ResponseWriter) *slowWriter {
	return &slowWriter{w: w, to: http.NewResponseController(w)}
}

// slowPiece is how much a reader has to take within tailWrite, in bytes.
const slowPiece = 64 << 10

func (s *slowWriter) Write(p []byte) (n int, err error) {
	s.begun = true
	for len(p) > 0 && err == nil {
		// A server that cannot set it has no such deadline of ours either.
		_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
		var written int
		written, err = s.w.Write(p[:min(len(p), slowPiece)])
		n += written
		p = p[written:]
	}
	return n, err
}

func (s *slowWriter) flush() error {
	_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
	return s.to.Flush()
}
