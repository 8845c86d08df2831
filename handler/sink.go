package handler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
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
	// put keeps nothing of frame. Urgent frames come before others where there
	// is a choice.
	put(frame []byte, urgent bool) error
	flush(context.Context) error
	// sent waits until all that was put before it is sent, and reports whether it
	// is. Unlike flush it reports no drops, and leaves the pause between two
	// attempts to connect as it is.
	sent(context.Context) bool
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

	stopSpool context.CancelFunc // nil without a spool
	warned    atomic.Bool        // shutdown has returned that records are at risk
}

func newWire(addr address, d *Delivery, report func(error), lost func(*queue, Dropped) error) *wire {
	q := newQueue(d)
	dial := dialStream(addr, d)
	switch addr.network {
	case "tls":
		dial = dialTLS(addr, d)
	case "udp":
		dial = dialUDP(addr, d)
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &wire{queue: q, sender: newSender(q, addr.String(), d, dial, report, lost), ctx: ctx, stop: stop}
	if q.disk = newDisk(d, report); q.disk != nil {
		w.startSpool()
	}
	return w
}

// startSpool starts at once: the spool may hold the records of a former process.
func (w *wire) startSpool() {
	ctx, stop := context.WithCancel(context.Background())
	w.stopSpool = stop
	go w.queue.spool(ctx)
	w.sender.end = func(kept []byte) {
		w.queue.mu.Lock()
		w.queue.disk.kept = kept
		w.queue.mu.Unlock()
		stop()
		<-w.queue.disk.ended
	}
	w.start.Do(func() { go w.sender.run(w.ctx) })
}

func (w *wire) put(frame []byte, urgent bool) error {
	// A handler that never logs has no goroutine, and needs no Close.
	w.start.Do(func() { go w.sender.run(w.ctx) })
	return w.queue.put(frame, urgent)
}

func (w *wire) shutdown(ctx context.Context) error {
	w.queue.close()
	w.start.Do(func() { close(w.sender.ended) })
	if w.queue.disk != nil {
		return w.shutdownSpool(ctx)
	}
	err := w.flush(ctx)
	if u := new(UndeliveredError); !errors.As(err, &u) || u.Queued == 0 {
		// The sender ends by itself, once it has sent the record about losses.
		ctx, cancel := context.WithTimeout(ctx, CloseTimeout)
		defer cancel()
		select {
		case <-w.sender.ended:
		case <-ctx.Done():
		}
	}
	w.stop()
	select {
	case <-w.sender.ended:
	case <-time.After(endTimeout):
	}
	return err
}

// endTimeout is how long shutdown waits for the sender, or for the spool, after the
// context has ended.
const endTimeout = time.Second

func (w *wire) flush(ctx context.Context) error { return w.sender.flush(ctx) }

func (w *wire) sent(ctx context.Context) bool { return w.queue.sent(ctx) }

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

func (l *lines) put(frame []byte, _ bool) error {
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

func (l *lines) sent(context.Context) bool { return true }

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
