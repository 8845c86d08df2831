package queue

import (
	"context"
	"slices"
)

// A flush is a wait for the frames up to a position.
type flush struct {
	upTo    uint64
	dropped uint64 // of these frames, since the last flush that reported them
	given   uint64 // of these frames, given up when the handler was closed meanwhile
}

// Flush waits until no frame that was put before it is queued. It returns how many
// of them are, if the context or the sender ends first, and how many frames were
// dropped since the last flush.
func (q *Queue) Flush(ctx context.Context) (queued, dropped uint64) {
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

// Sent waits until no frame that was put before it is queued, and reports false if
// the context or the sender ends first.
func (q *Queue) Sent(ctx context.Context) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waitUpTo(ctx, q.position) == 0
}

// waitUpTo waits, with the lock held, until no frame up to a position is queued. It
// returns how many are, if the context or the sender ends first.
func (q *Queue) waitUpTo(ctx context.Context, position uint64) (queued uint64) {
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
func (q *Queue) queuedUpTo(position uint64) (n uint64) {
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
func (q *Queue) countDropped(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.dropped += uint64(frames)
		}
	}
}

// countGivenUp counts frames that were given up, the first of which has this
// position. The result of Shutdown has them too, so that only the flushes under way
// report them.
func (q *Queue) countGivenUp(first uint64, frames int) {
	for _, f := range q.flushes {
		if first <= f.upTo {
			f.given += uint64(frames)
		}
	}
}
