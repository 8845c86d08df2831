package collector

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// The bounds of a search.
const (
	// MaxLimit is the most records that one search returns.
	MaxLimit = 1_000
	// DefaultLimit is how many it returns unless told.
	DefaultLimit = 100

	searchBytes = 32 << 20 // a search ends early when its records take more
)

// Errors of a query that makes no sense. Where its text is to blame, the error
// wraps a [*query.Error], too, which says at which character.
var (
	ErrNoStream = errors.New("no stream")
	ErrQuery    = errors.New("bad query")
)

// A Query selects records. The zero value selects all.
type Query struct {
	// Stream is the name, title or prefix of a stream in any case, such as
	// "TTP"; "" means all records.
	Stream string

	// Text is in the language of package query: words, fields, AND, OR and NOT.
	Text string

	// Level is a severity by number or name ("4", "warning") and selects the
	// records that are at least that severe.
	Level string

	// After and Before select the records with a greater and a smaller ID.
	After, Before int64

	// From and To select by timestamp, which is the sender's: not before From,
	// and before To. A zero time is no bound.
	From, To time.Time

	// Limit is the most records to return, at most MaxLimit; 0 means
	// DefaultLimit.
	Limit int

	// Oldest selects the oldest records that match, oldest first, in place of
	// the newest.
	Oldest bool
}

// Streams returns the streams in the order of the dashboard's tabs with what
// the store holds of each, the default stream last.
func (c *Collector) Streams() []Stream { return c.store.counts.Load().clone().streams }

// Search returns the records that match, newest first, in the order of their
// arrival, or oldest first. The ID of the last one is the Before of the next
// page, or its After. Records of more than 32 MiB together are returned over
// several pages.
//
// A query that makes no sense is an error that wraps ErrNoStream or ErrQuery.
func (c *Collector) Search(ctx context.Context, q Query) ([]Record, error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, err
	}
	records, _, err := c.store.search(ctx, f, view{})
	return records, err
}

// Wait returns as soon as n records match that are in the store or come into
// it, and how many matched by then, which is n at the most. If ctx ends first
// it returns how many did match and the error of ctx. Limit has no meaning
// here.
func (c *Collector) Wait(ctx context.Context, q Query, n int) (int, error) {
	return c.wait(ctx, ctx, q, n)
}

// wait is Wait with a patience of its own, so that what is there already is counted
// even where there is none.
func (c *Collector) wait(ctx, patience context.Context, q Query, n int) (int, error) {
	f, err := newFilter(q)
	if err != nil {
		return 0, err
	}
	matched := 0
	for matched < n {
		more := c.turn.next()
		sp := c.store.span(f)
		found, err := c.store.count(ctx, sp, n-matched)
		matched += found
		if err != nil || matched >= n {
			return matched, err
		}
		f.after = max(f.after, sp.hi-1) // what came later is counted next time
		select {
		case <-more:
		case <-patience.Done():
			return matched, patience.Err()
		}
	}
	return matched, nil
}

// A filter is a query as the store takes it.
type filter struct {
	match         matcher // all there is to it but the ids
	after, before int64   // 0: no bound
	from, to      int64   // of timestamps, in milliseconds, to not included; part of match
	limit         int
	oldest        bool // first, not newest
}

func newFilter(q Query) (filter, error) {
	f := filter{after: q.After, before: q.Before, from: minTime, to: maxTime, limit: q.Limit, oldest: q.Oldest}
	var all matchAnd
	if q.Stream != "" {
		i, err := streamIndex(q.Stream)
		if err != nil {
			return f, err
		}
		all = append(all, matchStream(i))
	}
	if q.Level != "" {
		n, err := severity(q.Level)
		if err != nil {
			return f, fmt.Errorf("%w: level %q: %w", ErrQuery, q.Level, err)
		}
		all = append(all, matchField{"level", func(v value) bool { return v.kind == 'i' && 0 <= v.i && v.i <= int64(n) }})
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		if !q.From.IsZero() {
			f.from = q.From.UnixMilli()
		}
		if !q.To.IsZero() {
			f.to = q.To.UnixMilli()
		}
		if f.from >= f.to {
			return f, fmt.Errorf("%w: from is not before to", ErrQuery)
		}
		all = append(all, matchTime{f.from, f.to})
	}
	if q.After < 0 || q.Before < 0 {
		return f, fmt.Errorf("%w: an id is a positive number", ErrQuery)
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return f, fmt.Errorf("%w: limit %d: use 1 to %d", ErrQuery, q.Limit, MaxLimit)
	}
	if f.limit == 0 {
		f.limit = DefaultLimit
	}
	m, err := compileText(q.Text)
	if err != nil {
		return f, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	switch all = append(all, m); {
	case len(all) == 1:
		f.match = m
	default:
		f.match = all
	}
	return f, nil
}

// search returns the newest records that match, or the oldest, and whether
// there may be more.
func (s *store) search(ctx context.Context, f filter, v view) (records []Record, more bool, err error) {
	h := harvest{view: v, limit: f.limit, records: []Record{}}
	sp := s.span(f)
	walk, end := s.descend, sp.lo
	if f.oldest {
		walk, end = s.ascend, sp.hi-1
	}
	err = walk(ctx, sp, h.add)
	more = h.full() && h.records[len(h.records)-1].ID != end
	return h.records, more, endOf(ctx, errors.Join(err, h.err))
}

// endOf returns the error of ctx in place of the driver's, which knows only
// that it was interrupted.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// count returns how many records of a span match, but not more than limit.
func (s *store) count(ctx context.Context, sp span, limit int) (int, error) {
	n := 0
	tail := sp // the records that came just now, as a rule all that there is
	tail.lo = max(sp.lo, sp.tailFirst())
	if err := s.descend(ctx, tail, func(int64, *row) bool { n++; return n < limit }); err != nil || n >= limit {
		return min(n, limit), endOf(ctx, err)
	}
	sp.hi = min(sp.hi, sp.tailFirst())
	var found atomic.Int64
	visits := make([]func(*block, bitmap) bool, workers())
	for i := range visits {
		visits[i] = func(_ *block, rows bitmap) bool { return found.Add(int64(rows.count())) < int64(limit-n) }
	}
	err := s.eachBlock(ctx, sp, visits...)
	return min(n+int(found.Load()), limit), endOf(ctx, err)
}
