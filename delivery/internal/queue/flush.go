package queue

import (
	"context"
	"slices"
)

// A flush is a wait until the frames up to a position are delivered.
type flush struct {
	upTo    uint64
	dropped uint64 // of these frames, since the last flush that reported drops
	givenUp uint64 // of these frames, because the client was closed in the meantime
}

// Flush waits until all frames added before it are delivered, or the context or the sender
// ends. It returns how many of them are still queued, and how many frames were dropped
// since the last flush.
func (q *Queue) Flush(ctx context.Context) (queued, dropped uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := q.reportedDrops
	f := &flush{upTo: q.lastPosition(), dropped: q.full + q.oldest + q.damaged - known}
	q.flushes = append(q.flushes, f)
	queued = q.waitUpTo(ctx, f.upTo)
	q.flushes = slices.DeleteFunc(q.flushes, func(other *flush) bool { return other == f })
	q.reportedDrops = max(q.reportedDrops, known+f.dropped)
	return queued, f.dropped + f.givenUp
}

// Sent waits until all frames added before it are delivered. It returns false if the
// context or the sender ends first.
func (q *Queue) Sent(ctx context.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waitUpTo(ctx, q.lastPosition()) == 0
}

// waitUpTo waits until no frame up to a position is queued, or the context or the sender
// ends. It returns how many of them are still queued. The caller must hold the lock.
func (q *Queue) waitUpTo(ctx context.Context, position uint64) (queued uint64) {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.progress.Broadcast()
	})
	defer stop()
	for {
		queued = q.queuedUpTo(position)
		if queued == 0 || q.ended || ctx.Err() != nil {
			return queued
		}
		q.progress.Wait()
	}
}

// queuedUpTo returns how many frames up to a position are queued. It may count some later
// frames too, if they were joined with earlier ones in one chunk.
func (q *Queue) queuedUpTo(position uint64) (n uint64) {
	count := func(first uint64, frames int) {
		if frames > 0 && first <= position {
			n += min(uint64(frames), position-first+1)
		}
	}
	for _, c := range q.inFlight {
		count(c.first, c.frames)
	}
	q.spooler.each(count)
	for c := q.first; c != nil; c = c.next {
		count(c.first, q.framesOf(c))
	}
	return n
}

// countDropped counts dropped frames for the flushes in progress. The first frame has this
// position.
func (q *Queue) countDropped(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.dropped += uint64(frames)
		}
	}
}

// countGivenUp counts frames that were given up for the flushes in progress. The first
// frame has this position. Later flushes do not report them, because Shutdown does.
func (q *Queue) countGivenUp(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.givenUp += uint64(frames)
		}
	}
}
