package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/delivery/internal/queue"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// A sender takes the chunks of a queue, oldest first, and writes them to a
// link that it opens when there is something to send. What it has written it
// keeps until that has reached the server; if the link fails, the rest is
// written again on the next one. One goroutine runs it, so that frames keep
// their order across links.
type sender struct {
	queue  *queue.Queue
	dial   conn.Dialer
	opts   *Config
	server string // for people
	report func(error)
	end    func(kept []byte) // moves all frames to the spool, and closes it

	hurry chan struct{} // of one element; cuts a pause before connecting short
	ended chan struct{} // closed when run has

	trouble     atomic.Pointer[trouble] // nil while records are delivered
	last        atomic.Pointer[trouble]
	connects    atomic.Uint64
	redelivered atomic.Uint64
	dials       atomic.Uint64 // attempts to connect
	refused     atomic.Uint64 // the last of them that failed
	progress    atomic.Uint64 // connections made, and times that more bytes had reached the server
	trialTime   atomic.Int64  // how long the link may be on trial; 0 if it is not

	// Of the goroutine that runs.
	window   queue.Window
	link     conn.Link // nil if there is none
	moved    time.Time // when something last reached the server, or began to wait for that
	attempts int       // to connect, since something last reached the server
	poll     time.Duration
	reported uint64  // lost records that report was told of
	recorded Dropped // those that lost was
	noticed  time.Time
}

// A trouble is an error and its time.
type trouble struct {
	err error
	at  time.Time
}

func newSender(q *queue.Queue, server string, d *Config, dial conn.Dialer, report func(error)) *sender {
	return &sender{
		queue: q, dial: dial, opts: d, server: server, report: report,
		hurry: make(chan struct{}, 1), ended: make(chan struct{}),
		window: queue.NewWindow(q, d.RedeliverBytes), end: func([]byte) {},
	}
}

// run sends until the queue is closed and everything has reached the server, or
// the context ends; what has not then is given up.
func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for ctx.Err() == nil && !s.finished() {
		s.step(ctx)
	}
	s.settle()
	s.confirm(ctx)
	s.end(s.window.Again())
	s.hangUp() // this may take a while, which must not hold up the spool
	s.window.Clear()
	s.queue.Clear()
}

// finished reports whether the queue is closed and nothing is left to be sent,
// the record about the last losses included.
func (s *sender) finished() bool {
	if !s.queue.Over() || s.window.Waiting() {
		return false
	}
	if s.link != nil {
		select {
		case <-s.link.Gone(): // what Redeliver keeps is to be sent again
			return !s.window.Keeps()
		default:
		}
		s.recordLosses()
	}
	return s.queue.Over()
}

// step performs one action: drop a dead link, open one, write, or wait.
func (s *sender) step(ctx context.Context) {
	if s.link != nil {
		select {
		case <-s.link.Gone():
			s.gone(ctx)
			return
		default:
		}
	}
	if s.link != nil && s.window.Waiting() && time.Since(s.moved) > s.opts.DeadAfter {
		if s.settle(); time.Since(s.moved) > s.opts.DeadAfter {
			s.fail(ctx, "send to", fmt.Errorf("nothing was acknowledged for %v", s.opts.DeadAfter))
			return
		}
	}
	c := s.window.Unwritten()
	if c == nil && s.link == nil && s.queue.Empty() {
		s.wait(ctx, 0, false)
		return
	}
	if s.link == nil {
		s.connect(ctx)
		return
	}
	if c == nil {
		var gather time.Duration
		if c = s.queue.TakeFromDisk(); c == nil {
			c, gather = s.queue.Take()
		}
		if c == nil && gather > 0 {
			time.Sleep(gather)
			s.settle()
			return
		}
		if c == nil {
			s.idle(ctx)
			return
		}
		s.window.Push(c)
		if c = s.window.Unwritten(); c == nil { // all of it was damaged on disk
			s.settle()
			return
		}
	}
	s.write(ctx, c)
}

// gone gives up a link that the server has. That is no trouble if nothing is on
// its way, and it was of use.
func (s *sender) gone(ctx context.Context) {
	cause := s.link.Cause()
	if s.settle(); s.window.Waiting() || s.attempts > 0 && !s.queue.Empty() {
		s.fail(ctx, "send to", cause)
		return
	}
	s.hangUp()
	s.window.Rewind()
}

func (s *sender) write(ctx context.Context, c *queue.Chunk) {
	if s.poll == 0 {
		s.moved = time.Now()
	}
	n, err := s.link.Write(ctx, c.Unwritten())
	c.Wrote(n)
	s.poll = firstPoll
	s.settle()
	if err != nil {
		s.fail(ctx, "send to", err)
	}
}

// The bounds of the time between two looks at what has reached the server,
// which doubles from one to the other.
const (
	firstPoll = 500 * time.Microsecond
	lastPoll  = 20 * time.Millisecond
)

// idle waits with a link that has nothing to write: for the server to have all,
// for more to come, or until the link has been idle for too long.
func (s *sender) idle(ctx context.Context) {
	if s.settle(); s.window.Waiting() {
		s.wait(ctx, s.poll, true)
		s.poll = min(2*s.poll, lastPoll)
		return
	}
	if !s.queue.Empty() {
		return
	}
	s.poll = 0
	if s.recordLosses(); s.dropped() != s.recorded {
		s.wait(ctx, noticePause, false)
		return
	}
	rest := s.opts.IdleTimeout - time.Since(s.moved)
	if rest > 0 {
		s.wait(ctx, rest, false)
		return
	}
	// Load balancers cut idle connections without a word; before they do, it is
	// ended in order. All of it has been received.
	s.window.Forget()
	s.hangUp()
	s.window.Rewind()
}

// wait waits until there is something to do, and for d at most if d is not 0.
// What is in the queue is something to do, unless it has to wait for what is
// under way.
func (s *sender) wait(ctx context.Context, d time.Duration, underWay bool) {
	if !s.queue.Sleep() && !underWay {
		return
	}
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	var gone <-chan struct{}
	if s.link != nil {
		gone = s.link.Gone()
	}
	select {
	case <-s.queue.Wakes():
	case <-timer:
	case <-gone:
	case <-ctx.Done():
	}
}

// settle takes note of what has reached the server.
func (s *sender) settle() {
	if s.link == nil {
		return
	}
	progress, redelivered := s.window.Settle(s.link.Reached())
	s.redelivered.Add(uint64(redelivered))
	if !progress {
		return
	}
	s.moved, s.attempts = time.Now(), 0
	s.trialTime.Store(0)
	s.progress.Add(1)
	s.trouble.Store(nil)
	s.queue.ReleaseDelivered()
	s.recordLosses()
}

// connect opens a link, after a pause if the last ones failed.
func (s *sender) connect(ctx context.Context) {
	if !s.pause(ctx) {
		return
	}
	s.attempts++
	dial := s.dials.Add(1)
	l, err := s.dialGuarded(ctx)
	if err != nil {
		s.refused.Store(dial)
		s.fail(ctx, "connect to", err)
		return
	}
	s.link, s.moved = l, time.Now()
	s.connects.Add(1)
	s.progress.Add(1)
	s.trialTime.Store(int64(l.TrialTime()))
}

// dialGuarded opens a link within DialTimeout. The callbacks of a tls.Config are
// the host's and may panic.
func (s *sender) dialGuarded(ctx context.Context) (l conn.Link, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.DialTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = errors.New(panics.Describe("a callback of TLS.Config", r))
		}
	}()
	return s.dial(ctx)
}

// pause waits before a further attempt to connect: for a time drawn at random
// below a bound that doubles with each one, so that the parties of a grid do
// not all come back at the same moment.
func (s *sender) pause(ctx context.Context) bool {
	if s.attempts == 0 {
		return true
	}
	bound := s.opts.MaxBackoff
	if doublings := s.attempts - 1; s.opts.MinBackoff <= s.opts.MaxBackoff>>doublings {
		bound = s.opts.MinBackoff << doublings
	}
	timer := time.NewTimer(rand.N(bound + 1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.hurry:
	case <-ctx.Done():
		return false
	}
	return true
}

// fail gives up the link, if there is one, and reports why. What has not
// reached the server is to be written again.
func (s *sender) fail(ctx context.Context, doing string, err error) {
	if s.link != nil {
		s.settle()
		s.hangUp()
		s.window.Rewind()
	}
	if ctx.Err() != nil {
		return // the handler is being closed
	}
	t := &trouble{fmt.Errorf("handler: %s %s: %w", doing, s.server, err), time.Now()}
	s.trouble.Store(t)
	s.last.Store(t)
	s.report(t.err)
	s.reportLosses()
}

// hangUp closes the link.
func (s *sender) hangUp() {
	if s.link == nil {
		return
	}
	s.link.Close()
	s.link = nil
	s.trialTime.Store(0)
}

// reportLosses reports the records that were lost for want of room since the
// last time.
func (s *sender) reportLosses() {
	d := s.dropped()
	if all := d.QueueFull + d.Oldest; all > s.reported {
		s.report(fmt.Errorf(
			"handler: %d records dropped, %d since the last report: %s does not take them in time, and the queue of %d bytes is full",
			all,
			all-s.reported,
			s.server,
			s.opts.QueueBytes,
		))
		s.reported = all
	}
}

// noticePause is the least time between two records about losses.
const noticePause = time.Second

// recordLosses has the losses recorded in Graylog, now that delivery works.
func (s *sender) recordLosses() {
	all := s.dropped()
	if all == s.recorded || time.Since(s.noticed) < noticePause && !s.queue.Over() {
		return
	}
	s.reportLosses()
	news := Dropped{QueueFull: all.QueueFull - s.recorded.QueueFull, Oldest: all.Oldest - s.recorded.Oldest}
	if s.opts.DropNotice != nil && s.queue.PutOwn(s.opts.DropNotice(news)) != nil {
		return
	}
	s.recorded, s.noticed = all, time.Now()
}

// dropped returns the records lost for want of room.
func (s *sender) dropped() (d Dropped) {
	d.QueueFull, d.Oldest = s.queue.Dropped()
	return d
}

// flush waits until everything that was put before has reached the server.
func (s *sender) flush(ctx context.Context) error {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	queued, dropped := s.queue.Flush(ctx)
	if queued == 0 && dropped == 0 {
		return nil
	}
	e := &UndeliveredError{Queued: queued, Dropped: dropped, Err: s.err()}
	switch {
	case queued > 0 && e.Err != nil:
		e.Err = fmt.Errorf("%w; %w", waitEnded(ctx), e.Err)
	case queued > 0:
		e.Err = waitEnded(ctx)
	}
	return e
}

// err returns why records are not delivered at present.
func (s *sender) err() error { return errors.Join(s.troubleErr(), s.queue.DiskErr()) }

// troubleErr returns the error of the connection.
func (s *sender) troubleErr() error {
	if t := s.trouble.Load(); t != nil {
		return t.err
	}
	return nil
}

func (s *sender) addStats(stats *Stats) {
	stats.Connects = s.connects.Load()
	stats.Redelivered = s.redelivered.Load()
	if t := s.last.Load(); t != nil {
		stats.LastError, stats.LastErrorTime = t.err.Error(), t.at
	}
}
