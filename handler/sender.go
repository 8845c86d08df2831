package handler

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

// A sender takes the chunks of a queue, oldest first, and writes them to a
// connection that it opens when there is something to send. One goroutine runs
// it, so that frames keep their order across connections.
type sender struct {
	queue  *queue
	dial   func(context.Context) (net.Conn, error)
	opts   *Delivery
	server string // for people
	report func(error)

	hurry chan struct{} // of one element; cuts a pause before connecting short
	ended chan struct{} // closed when run has

	trouble  atomic.Pointer[trouble] // nil while records are delivered
	last     atomic.Pointer[trouble]
	connects atomic.Uint64
}

// A trouble is an error and its time.
type trouble struct {
	err error
	at  time.Time
}

func newSender(q *queue, server string, opts *Delivery, dial func(context.Context) (net.Conn, error), report func(error)) *sender {
	return &sender{
		queue: q, dial: dial, opts: opts, server: server, report: report,
		hurry: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

// run sends until the queue is closed and empty, or the context ends; what is
// left then is given up.
func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	l := link{sender: s}
	defer l.hangUp()
	var reported uint64
	for {
		c := s.queue.next(ctx)
		if c == nil {
			break
		}
		for len(c.unsent()) > 0 && l.connect(ctx) {
			n, err := l.write(ctx, c.unsent())
			s.queue.wrote(c, n)
			if err != nil {
				l.fail(ctx, "send to", err)
			} else {
				s.trouble.Store(nil)
			}
		}
		s.queue.done(c)
		reported = s.reportFull(reported)
	}
	s.queue.clear()
}

// reportFull reports the records that found no room since the last time.
func (s *sender) reportFull(before uint64) uint64 {
	s.queue.mu.Lock()
	full, limit := s.queue.full, s.queue.limit
	s.queue.mu.Unlock()
	if full > before {
		s.report(fmt.Errorf("handler: %d records dropped since %s did not take them in time: the queue of %d bytes was full", full-before, s.server, limit))
	}
	return full
}

// flush waits until everything that was put before is written.
func (s *sender) flush(ctx context.Context) error {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	err := s.queue.flushed(ctx)
	if t := s.trouble.Load(); err != nil && t != nil {
		err = fmt.Errorf("%w; %w", err, t.err)
	}
	return err
}

// err returns why records are not delivered at present.
func (s *sender) err() error {
	if t := s.trouble.Load(); t != nil {
		return t.err
	}
	return nil
}

func (s *sender) addStats(stats *Stats) {
	stats.Connects = s.connects.Load()
	if t := s.last.Load(); t != nil {
		stats.LastError, stats.LastErrorTime = t.err.Error(), t.at
	}
}

// A link is a sender's connection and what is remembered from one to the next.
type link struct {
	*sender
	conn     net.Conn
	since    time.Time     // conn was opened
	broken   chan struct{} // closed when nobody is at the other end any more
	attempts int           // since a connection last proved itself
}

// connect sees to it that there is a connection that is alive. It goes on
// until there is one, or the context ends, and then reports false.
func (l *link) connect(ctx context.Context) bool {
	if l.conn != nil {
		select {
		case <-l.broken:
			l.fail(ctx, "send to", errGone)
		default:
			return true
		}
	}
	for ctx.Err() == nil {
		if !l.pause(ctx) {
			return false
		}
		l.attempts++
		dialCtx, cancel := context.WithTimeout(ctx, l.opts.DialTimeout)
		conn, err := l.dial(dialCtx)
		cancel()
		if err != nil {
			l.fail(ctx, "connect to", err)
			continue
		}
		l.conn, l.since, l.broken = conn, time.Now(), make(chan struct{})
		l.connects.Add(1)
		go watch(conn, l.broken)
		return true
	}
	return false
}

// pause waits before a further attempt to connect: for a time drawn at random
// below a bound that doubles with each one, so that the parties of a grid do
// not all come back at the same moment.
func (l *link) pause(ctx context.Context) bool {
	if l.attempts == 0 {
		return true
	}
	bound := l.opts.MaxBackoff
	if doublings := l.attempts - 1; l.opts.MinBackoff <= l.opts.MaxBackoff>>doublings {
		bound = l.opts.MinBackoff << doublings
	}
	timer := time.NewTimer(rand.N(bound + 1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// write writes the frames and returns how many bytes the kernel has taken.
func (l *link) write(ctx context.Context, frames []byte) (int, error) {
	if err := l.conn.SetWriteDeadline(time.Now().Add(l.opts.WriteTimeout)); err != nil {
		return 0, err
	}
	conn := l.conn
	stop := context.AfterFunc(ctx, func() { conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	n, err := conn.Write(frames)
	if err != nil {
		select {
		case <-l.broken:
			err = errGone
		default:
		}
	}
	return n, err
}

// provenAfter is how long a connection has to last until it counts as one that
// works, and a lost one is replaced at once.
const provenAfter = time.Second

// fail gives up the connection, if there is one, and reports why.
func (l *link) fail(ctx context.Context, doing string, err error) {
	if l.conn != nil && time.Since(l.since) > provenAfter {
		l.attempts = 0
	}
	l.hangUp()
	if ctx.Err() != nil {
		return // the handler is being closed
	}
	t := &trouble{fmt.Errorf("handler: %s %s: %w", doing, l.server, err), time.Now()}
	l.trouble.Store(t)
	l.last.Store(t)
	l.report(t.err)
}

// hangUp closes the connection and waits for the goroutine that watches it.
func (l *link) hangUp() {
	if l.conn == nil {
		return
	}
	l.conn.Close()
	<-l.broken
	l.conn = nil
}
