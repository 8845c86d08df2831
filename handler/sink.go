package handler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Errors of [Handler.Handle]. The record is counted in both cases.
var (
	// ErrQueueFull means that the record was dropped, since the queue has no
	// room for it.
	ErrQueueFull = errors.New("handler: the queue is full")
	// ErrClosed means that the handler has been closed, and that the record
	// went to standard error.
	ErrClosed = errors.New("handler: closed")
)

// A sink is where a handler's frames go.
type sink interface {
	put(frame []byte) error // keeps nothing of frame
	flush(context.Context) error
	shutdown(context.Context) error
	addStats(*Stats)
	err() error
}

// A wire is the sink that sends the frames to Graylog: a queue and its sender.
type wire struct {
	queue  *queue
	sender *sender
	start  sync.Once
	ctx    context.Context // of the sender
	stop   context.CancelFunc
}

func newWire(addr address, d *Delivery, report func(error)) *wire {
	q := newQueue(d.Queue)
	dialer := net.Dialer{}
	dial := func(ctx context.Context) (net.Conn, error) {
		return dialer.DialContext(ctx, addr.network, addr.hostPort())
	}
	ctx, stop := context.WithCancel(context.Background())
	return &wire{queue: q, sender: newSender(q, addr.String(), d, dial, report), ctx: ctx, stop: stop}
}

func (w *wire) put(frame []byte) error {
	// A handler that never logs has no goroutine, and needs no Close.
	w.start.Do(func() { go w.sender.run(w.ctx) })
	return w.queue.put(frame)
}

func (w *wire) shutdown(ctx context.Context) error {
	w.queue.close()
	w.start.Do(func() { close(w.sender.ended) })
	err := w.flush(ctx)
	if err != nil {
		w.stop()
	}
	select {
	case <-w.sender.ended: // by itself, if the queue is empty
	case <-time.After(endTimeout):
	}
	w.stop()
	return err
}

// endTimeout is how long shutdown waits for the sender when that has nothing
// left to do. It is in OnError if it takes longer, which may be the caller.
const endTimeout = time.Second

func (w *wire) flush(ctx context.Context) error { return w.sender.flush(ctx) }

func (w *wire) err() error { return w.sender.err() }

func (w *wire) addStats(s *Stats) {
	w.queue.addStats(s)
	w.sender.addStats(s)
}

// lines is the sink that writes the frames as lines to an [io.Writer], which
// it calls from the goroutine that logs.
type lines struct {
	mu      sync.Mutex
	w       io.Writer
	closed  bool
	written uint64
	bytes   uint64
	failed  uint64
	last    error // nil if the last write went well
}

func (l *lines) put(frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	frame[len(frame)-1] = '\n'
	n, err := l.w.Write(frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		l.failed++
		l.last = fmt.Errorf("handler: write a record: %w", err)
		return l.last
	}
	l.written++
	l.bytes += uint64(len(frame))
	l.last = nil
	return nil
}

func (l *lines) flush(context.Context) error { return nil }

func (l *lines) shutdown(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return nil
}

func (l *lines) addStats(s *Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Accepted += l.written + l.failed
	s.Sent, s.SentBytes = l.written, l.bytes
	s.Dropped.Failed = l.failed
	if l.last != nil {
		s.LastError = l.last.Error()
	}
}

func (l *lines) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
