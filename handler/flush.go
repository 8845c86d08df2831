package handler

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// An UndeliveredError is what [Handler.Flush], [Handler.Shutdown] and
// [Handler.Close] return if not all records logged before have reached the
// server.
type UndeliveredError struct {
	Queued  uint64 // records that were still queued; with Shutdown, those that are not in the spool either
	Dropped uint64 // records that were dropped since the last Flush
	Err     error  // why the wait ended, and why records are not delivered at present; may be nil
}

func (e *UndeliveredError) Error() string {
	text := fmt.Sprintf("handler: %d records not sent", e.Queued)
	switch {
	case e.Queued == 0:
		text = fmt.Sprintf("handler: %d records dropped", e.Dropped)
	case e.Dropped > 0:
		text += fmt.Sprintf(", %d dropped", e.Dropped)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UndeliveredError) Unwrap() error { return e.Err }

// A flush is a wait for the frames up to a position.
type flush struct {
	upTo    uint64
	dropped uint64 // of these frames, since the last flush that reported them
	given   uint64 // of these frames, given up when the handler was closed meanwhile
}

// flush waits until no frame that was put before it is queued. It returns how many
// of them are, if the context or the sender ends first, and how many frames were
// dropped since the last flush.
func (q *queue) flush(ctx context.Context) (queued, dropped uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := q.told
	f := &flush{upTo: q.position, dropped: q.full + q.oldest + q.damaged - known}
	q.flushes = append(q.flushes, f)
	queued = q.waitUpTo(ctx, f.upTo)
	q.flushes = slices.DeleteFunc(q.flushes, func(other *flush) bool { return other == f })
	q.told = max(q.told, known+f.dropped)
	return queued, f.dropped + f.given
}

// waitEnded returns why a wait for records has ended before they were sent: the
// context has, or the sender.
func waitEnded(ctx context.Context) error { return cmp.Or(context.Cause(ctx), ErrClosed) }

// sent waits until no frame that was put before it is queued, and reports false if
// the context or the sender ends first.
func (q *queue) sent(ctx context.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waitUpTo(ctx, q.position) == 0
}

// waitUpTo waits, with the lock held, until no frame up to a position is queued. It
// returns how many are, if the context or the sender ends first.
func (q *queue) waitUpTo(ctx context.Context, position uint64) (queued uint64) {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	defer stop()
	for {
		queued = q.queuedUpTo(position)
		if queued == 0 || q.ended || ctx.Err() != nil {
			return queued
		}
		q.moved.Wait()
	}
}

// queuedUpTo returns how many frames up to a position are queued. If a chunk was
// joined from others, it may count some frames behind the position, too.
func (q *queue) queuedUpTo(position uint64) (n uint64) {
	count := func(first uint64, frames int) {
		if frames > 0 && first <= position {
			n += min(uint64(frames), position-first+1)
		}
	}
	for _, c := range q.hands {
		count(c.first, c.frames)
	}
	q.disk.each(count)
	for c := q.first; c != nil; c = c.next {
		count(c.first, c.frames)
	}
	return n
}

// countDropped counts frames that were dropped, the first of which has this position.
func (q *queue) countDropped(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.dropped += uint64(frames)
		}
	}
}

// countGivenUp counts frames that were given up, the first of which has this
// position. The result of Shutdown has them too, so that only the flushes under way
// report them.
func (q *queue) countGivenUp(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.given += uint64(frames)
		}
	}
}
