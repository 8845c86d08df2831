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

// A sender takes the chunks of a queue, oldest first, and writes them to a link. It opens
// the link when there are frames to send. It keeps the frames until they have reached the
// server; if the link fails, it writes the remaining ones again on the next link. It is
// one goroutine, so frames keep their order across links.
type sender struct {
	queue  *queue.Queue
	dial   conn.Dialer
	cfg    *Config
	server string // for error texts
	report func(error)
	end    func(kept []byte) // writes all frames to the spool and closes it

	retryNow chan struct{} // holds one element: connect now, without a pause
	ended    chan struct{} // closed when run has returned

	failure     atomic.Pointer[failure] // nil while frames are delivered
	lastFailure atomic.Pointer[failure]
	connects    atomic.Uint64
	redelivered atomic.Uint64
	dials       atomic.Uint64 // attempts to connect
	refused     atomic.Uint64 // number of the last attempt that failed
	progress    atomic.Uint64 // grows with each connection, and when bytes reach the server
	trialTime   atomic.Int64  // how long the trial of the link may take; 0 without a trial

	// The fields below belong to the goroutine of run.
	window       queue.Window
	link         conn.Link     // nil without a connection
	lastProgress time.Time     // when bytes last reached the server, or were first written
	attempts     int           // to connect, since bytes last reached the server
	poll         time.Duration // until the next check of what has reached the server
	reported     uint64        // dropped frames that were reported
	noticed      Dropped       // dropped frames that were in a notice
	noticeTime   time.Time     // of the last notice
}

// A failure is an error of a connection and its time.
type failure struct {
	err error
	at  time.Time
}

func newSender(q *queue.Queue, server string, d *Config, dial conn.Dialer, report func(error)) *sender {
	return &sender{
		queue:    q,
		dial:     dial,
		cfg:      d,
		server:   server,
		report:   report,
		retryNow: make(chan struct{}, 1),
		ended:    make(chan struct{}),
		window:   queue.NewWindow(q, d.RedeliverBytes),
		end:      func([]byte) {},
	}
}

// run sends frames until the queue is closed and all of them have reached the server, or
// the context ends. Frames that have not reached the server then are given up.
func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for ctx.Err() == nil && !s.finished() {
		s.step(ctx)
	}
	s.settle()
	s.confirm(ctx)
	s.end(s.window.Again())
	s.closeLink() // after the spool, because it may take a while
	s.window.Clear()
	s.queue.Clear()
}

// finished reports whether the queue is closed and all frames are sent, including a notice
// about the last drops.
func (s *sender) finished() bool {
	if !s.queue.Drained() || s.window.Waiting() {
		return false
	}
	if s.link != nil {
		select {
		case <-s.link.Gone(): // the kept frames must be sent again
			return !s.window.Keeps()
		default:
		}
		s.sendDropNotice()
	}
	return s.queue.Drained()
}

// step performs one action: drop a closed link, open a link, write, or wait.
func (s *sender) step(ctx context.Context) {
	if s.link != nil {
		select {
		case <-s.link.Gone():
			s.linkClosed(ctx)
			return
		default:
		}
	}
	if s.link != nil && s.window.Waiting() && time.Since(s.lastProgress) > s.cfg.DeadAfter {
		if s.settle(); time.Since(s.lastProgress) > s.cfg.DeadAfter {
			s.fail(ctx, "send to", fmt.Errorf("nothing was acknowledged for %v", s.cfg.DeadAfter))
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
		if c = s.queue.TakeSpooled(); c == nil {
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
		if c = s.window.Unwritten(); c == nil { // all of its frames were damaged
			s.settle()
			return
		}
	}
	s.write(ctx, c)
}

// linkClosed drops a link that the server has closed. This is not a failure if no frames
// were in flight and the link was useful.
func (s *sender) linkClosed(ctx context.Context) {
	cause := s.link.Cause()
	if s.settle(); s.window.Waiting() || s.attempts > 0 && !s.queue.Empty() {
		s.fail(ctx, "send to", cause)
		return
	}
	s.closeLink()
	s.window.Rewind()
}

func (s *sender) write(ctx context.Context, c *queue.Chunk) {
	if s.poll == 0 {
		s.lastProgress = time.Now()
	}
	n, err := s.link.Write(ctx, c.Unwritten())
	c.Wrote(n)
	s.poll = firstPoll
	s.settle()
	if err != nil {
		s.fail(ctx, "send to", err)
	}
}

// The time between two checks of what has reached the server doubles from firstPoll to
// lastPoll.
const (
	firstPoll = 500 * time.Microsecond
	lastPoll  = 20 * time.Millisecond
)

// idle waits while there is nothing to write: until all frames have reached the server,
// until there are more frames, or until the link has been idle for too long.
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
	if s.sendDropNotice(); s.dropped() != s.noticed {
		s.wait(ctx, noticeInterval, false)
		return
	}
	rest := s.cfg.IdleTimeout - time.Since(s.lastProgress)
	if rest > 0 {
		s.wait(ctx, rest, false)
		return
	}
	// Close the connection in order before a load balancer cuts it silently. The
	// server has received everything.
	s.window.Forget()
	s.closeLink()
	s.window.Rewind()
}

// wait waits until there is something to do, for at most d if d is not 0. It returns at
// once if the queue has frames, unless these have to wait for frames in flight.
func (s *sender) wait(ctx context.Context, d time.Duration, inFlight bool) {
	if !s.queue.Sleep() && !inFlight {
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

// settle records what has reached the server.
func (s *sender) settle() {
	if s.link == nil {
		return
	}
	progress, redelivered := s.window.Settle(s.link.Reached())
	s.redelivered.Add(uint64(redelivered))
	if !progress {
		return
	}
	s.lastProgress, s.attempts = time.Now(), 0
	s.trialTime.Store(0)
	s.progress.Add(1)
	s.failure.Store(nil)
	s.queue.ReleaseDelivered()
	s.sendDropNotice()
}

// connect opens a link, after a pause if the last attempts failed.
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
	s.link, s.lastProgress = l, time.Now()
	s.connects.Add(1)
	s.progress.Add(1)
	s.trialTime.Store(int64(l.TrialTime()))
}

// dialGuarded opens a link within DialTimeout. It recovers panics of Dial and of the
// callbacks of TLS.Config.
func (s *sender) dialGuarded(ctx context.Context) (l conn.Link, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.DialTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = errors.New(panics.Describe("a callback of TLS.Config", r))
		}
	}()
	return s.dial(ctx)
}

// pause waits before the next attempt to connect. The time is random, below a limit that
// doubles with each attempt, so clients do not all return at the same moment. It returns
// false if the context ends.
func (s *sender) pause(ctx context.Context) bool {
	if s.attempts == 0 {
		return true
	}
	bound := s.cfg.MaxBackoff
	if doublings := s.attempts - 1; s.cfg.MinBackoff <= s.cfg.MaxBackoff>>doublings {
		bound = s.cfg.MinBackoff << doublings
	}
	timer := time.NewTimer(rand.N(bound + 1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.retryNow:
	case <-ctx.Done():
		return false
	}
	return true
}

// fail drops the link, if there is one, and reports the error. Frames that have not
// reached the server are written again on the next link.
func (s *sender) fail(ctx context.Context, doing string, err error) {
	if s.link != nil {
		s.settle()
		s.closeLink()
		s.window.Rewind()
	}
	if ctx.Err() != nil {
		return // the client is being closed
	}
	t := &failure{&ConnectionError{doing, s.server, err}, time.Now()}
	s.failure.Store(t)
	s.lastFailure.Store(t)
	s.report(t.err)
	s.reportDrops()
}

// closeLink closes the link, if there is one.
func (s *sender) closeLink() {
	if s.link == nil {
		return
	}
	s.link.Close()
	s.link = nil
	s.trialTime.Store(0)
}
