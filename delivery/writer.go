package delivery

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// NewWriter returns a client that writes each frame to w as a line of JSON, with one
// Write call on the goroutine that sends it. Of cfg only OnError is used.
func NewWriter(w io.Writer, cfg Config) *Client {
	return &Client{&frameWriter{w: w}, newReporter(cfg.OnError)}
}

// lines is the sink that writes frames to an [io.Writer] as lines.
type frameWriter struct {
	mu      sync.Mutex
	w       io.Writer
	buf     []byte
	closed  bool
	written uint64
	bytes   uint64
	failed  uint64
	last    error // nil if the last write went well
}

func (l *frameWriter) put(frame []byte, _ bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.buf = append(append(l.buf[:0], frame[:len(frame)-1]...), '\n')
	n, err := l.w.Write(l.buf)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		l.failed++
		l.last = fmt.Errorf("delivery: write a frame: %w", err)
		return l.last
	}
	l.written++
	l.bytes += uint64(len(frame))
	l.last = nil
	return nil
}

func (l *frameWriter) flush(context.Context) error { return nil }

func (l *frameWriter) sent(context.Context) bool { return true }

func (l *frameWriter) shutdown(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return nil
}

func (l *frameWriter) addStats(s *Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Accepted += l.written + l.failed
	s.Sent, s.SentBytes = l.written, l.bytes
	s.Dropped.Failed = l.failed
	if l.last != nil {
		s.LastError = l.last.Error()
	}
}

func (l *frameWriter) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
