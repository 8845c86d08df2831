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
	// stallTimeout is how long shutdown waits for progress when all records are
	// in the spool.
	stallTimeout = time.Second
	// spoolAfter is how long shutdown waits before records that could not be sent
	// at once are written to the spool.
	spoolAfter = 50 * time.Millisecond
	// hangUpTimeout is how long the sender may take to end by itself before the
	// spool is closed without it.
	hangUpTimeout = 5 * conn.CloseTimeout
)

// shutdownSpool is shutdown with a spool, which has every record that is not sent
// when it returns nil.
func (w *wire) shutdownSpool(ctx context.Context) error {
	w.deliver(ctx)
	w.stop()
	select { // the sender closes the spool, unless something holds it up
	case <-w.sender.ended:
	case <-time.After(hangUpTimeout):
		if w.sender.opts.RedeliverBytes > 0 { // it has frames for the spool
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
	why = errors.Join(context.Cause(ctx), why, w.sender.troubleErr())
	if records == 0 {
		return fmt.Errorf("handler: the spool %s was not closed in order: %w", w.sender.opts.SpoolDir, why)
	}
	why = fmt.Errorf("they are not in the spool %s either: %w", w.sender.opts.SpoolDir, why)
	return &UndeliveredError{Queued: uint64(records), Dropped: dropped, Err: why}
}

// deliver waits until everything is sent, the context ends, or waiting is of no
// use: everything is in the spool, and there is no connection, or none that makes
// progress.
func (w *wire) deliver(ctx context.Context) {
	s := w.sender
	dials, progress := s.dials.Load(), s.progress.Load()
	begin := time.Now()
	moved := begin
	queue.Signal(s.hurry)
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
		case w.queue.AllOnDisk():
			if hopeless {
				return
			}
		case hopeless || time.Since(begin) > spoolAfter:
			w.queue.SpoolNow()
		}
	}
}

// awaitSpool waits until the spool is closed, and reports whether it is.
func (w *wire) awaitSpool(ctx context.Context) bool {
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

// confirmTimeout is how long the server may take to close a connection that has
// ended.
const confirmTimeout = time.Second

// confirm ends the connection if there is nothing left to be sent but what is kept
// to be sent again. A server that then closes it in order has read everything.
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
