package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/delivery/internal/queue"
)

const (
	// stallTimeout is how long shutdown waits for progress when all frames are in
	// the spool.
	stallTimeout = time.Second
	// spoolAfter is how long shutdown waits before it writes frames that were not
	// sent at once to the spool.
	spoolAfter = 50 * time.Millisecond
	// closeLinkTimeout is how long the sender may take to end before the spool is
	// closed without it.
	closeLinkTimeout = 5 * conn.CloseTimeout
)

// shutdownSpool is shutdown with a spool. If it returns nil, the spool contains every frame
// that is not delivered.
func (w *transport) shutdownSpool(ctx context.Context) error {
	w.deliver(ctx)
	w.stop()
	select { // normally the sender closes the spool
	case <-w.sender.ended:
	case <-time.After(closeLinkTimeout):
		if w.sender.cfg.RedeliverBytes > 0 { // it has frames for the spool
			select {
			case <-w.sender.ended:
			case <-ctx.Done():
			}
		}
	}
	w.stopSpool()
	closed := w.awaitSpool(ctx)
	now, cancel := context.WithCancel(ctx)
	cancel()
	_, dropped := w.queue.Flush(now)
	records, why := w.queue.AtRisk()
	troubled := records > 0 || why != nil || !closed
	if !troubled || w.warned.Swap(true) {
		if dropped == 0 {
			return nil
		}
		return &UndeliveredError{Dropped: dropped}
	}
	why = errors.Join(context.Cause(ctx), why, w.sender.connectionErr())
	if records == 0 {
		return fmt.Errorf("delivery: the spool %s was not closed in order: %w", w.sender.cfg.SpoolDir, why)
	}
	why = fmt.Errorf("they are not in the spool %s either: %w", w.sender.cfg.SpoolDir, why)
	return &UndeliveredError{Queued: uint64(records), Dropped: dropped, Err: why}
}

// deliver waits until all frames are delivered, the context ends, or waiting is useless:
// all frames are in the spool, and no connection makes progress.
func (w *transport) deliver(ctx context.Context) {
	s := w.sender
	dials, progress := s.dials.Load(), s.progress.Load()
	begin := time.Now()
	moved := begin
	queue.Signal(s.retryNow)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if p := s.progress.Load(); p != progress {
			progress, moved = p, time.Now()
		}
		timeout := stallTimeout + time.Duration(s.trialTime.Load())
		hopeless := s.refused.Load() > dials || time.Since(moved) > timeout
		switch {
		case w.queue.AllSpooled():
			if hopeless {
				return
			}
		case hopeless || time.Since(begin) > spoolAfter:
			w.queue.SpoolNow()
		}
	}
}

// awaitSpool waits until the spool is closed, and reports whether it is.
func (w *transport) awaitSpool(ctx context.Context) bool {
	select {
	case <-w.queue.SpoolEnded():
		return true
	case <-ctx.Done():
	}
	select {
	case <-w.queue.SpoolEnded():
		return true
	case <-time.After(endTimeout):
		return false
	}
}

// confirmTimeout is how long the server may take to close the connection.
const confirmTimeout = time.Second

// confirm shuts down the connection if only kept frames remain. If the server then closes
// it in order, it has read everything, and the kept frames need not be sent again.
func (s *sender) confirm(ctx context.Context) {
	if s.link == nil || s.window.Waiting() || len(s.window.Again()) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	if s.link.Finish(ctx) {
		s.window.Forget()
	}
}
