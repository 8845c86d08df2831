package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// reportDrops reports the frames that were dropped since the last report because the queue
// was full.
func (s *sender) reportDrops() {
	d := s.dropped()
	if all := d.QueueFull + d.Oldest; all > s.reported {
		s.report(fmt.Errorf("%w: %d records dropped, %d since the last report: "+
			"%s does not accept them fast enough for a queue of %d bytes",
			ErrQueueFull, all, all-s.reported, s.server, s.cfg.QueueBytes))
		s.reported = all
	}
}

// noticeInterval is the minimum time between two notices about drops.
const noticeInterval = time.Second

// sendDropNotice reports dropped frames, and sends a notice about them to the server.
func (s *sender) sendDropNotice() {
	all := s.dropped()
	if all == s.noticed || time.Since(s.noticeTime) < noticeInterval && !s.queue.Drained() {
		return
	}
	s.reportDrops()
	news := Dropped{QueueFull: all.QueueFull - s.noticed.QueueFull, Oldest: all.Oldest - s.noticed.Oldest}
	if s.cfg.DropNotice != nil && s.queue.PutOwn(s.cfg.DropNotice(news)) != nil {
		return
	}
	s.noticed, s.noticeTime = all, time.Now()
}

// dropped returns the number of frames dropped because the queue was full.
func (s *sender) dropped() (d Dropped) {
	d.QueueFull, d.Oldest = s.queue.Dropped()
	return d
}

// flush waits until all frames queued before have reached the server.
func (s *sender) flush(ctx context.Context) error {
	select {
	case s.retryNow <- struct{}{}:
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

// err returns why frames are not being delivered, or nil.
func (s *sender) err() error { return errors.Join(s.connectionErr(), s.queue.SpoolErr()) }

// connectionErr returns the error of the last connection, or nil while frames are delivered.
func (s *sender) connectionErr() error {
	if t := s.failure.Load(); t != nil {
		return t.err
	}
	return nil
}

func (s *sender) addStats(stats *Stats) {
	stats.Connects = s.connects.Load()
	stats.Redelivered = s.redelivered.Load()
	if t := s.lastFailure.Load(); t != nil {
		stats.LastError, stats.LastErrorTime = t.err.Error(), t.at
	}
}
