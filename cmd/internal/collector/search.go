package collector

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
)

// search returns the newest records that match, or the oldest, and reports whether
// there may be more.
func search(ctx context.Context, s *store, q Query, v view) (records []Record, more bool, err error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, false, err
	}
	h := harvest{view: v, limit: q.limit(), records: []Record{}}
	sp := s.span(f)
	walk, end := sp.descend, sp.lo
	if q.Oldest {
		walk, end = sp.ascend, sp.hi-1
	}
	err = walk(ctx, h.add)
	more = h.full() && h.records[len(h.records)-1].ID != end
	return h.records, more, errors.Join(err, h.err)
}

// latest returns the records that match and have the latest timestamps, latest
// first.
func latest(ctx context.Context, s *store, q Query, v view) ([]Record, error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, err
	}
	sp := s.span(f)
	moments, err := sp.nearest(ctx, lastMoment, true, q.limit())
	if err != nil {
		return nil, err
	}
	return recordsAt(ctx, sp, moments, v)
}

// recordsAt returns the records at some moments in the order of the moments. It
// leaves out deleted records, and those that make the answer too large.
func recordsAt(ctx context.Context, sp span, moments []moment, v view) ([]Record, error) {
	h := harvest{view: v, limit: len(moments), records: []Record{}}
	ids := make([]int64, len(moments))
	order := make(map[int64]int, len(moments))
	for i, m := range moments {
		ids[i] = m.id
		order[m.id] = i
	}
	if err := sp.eachOf(ctx, ids, h.add); err != nil {
		return nil, err
	}
	slices.SortFunc(h.records, func(a, b Record) int { return order[a.ID] - order[b.ID] })
	return h.records, h.err
}

// count returns how many records of a snapshot match, but at most limit.
func count(ctx context.Context, sp span, limit int) (int, error) {
	n := 0
	tail := sp.restrict(sp.tailFirst(), sp.hi) // usually has all records that are new
	if err := tail.descend(ctx, func(int64, *row) bool { n++; return n < limit }); err != nil || n >= limit {
		return min(n, limit), err
	}
	var found atomic.Int64
	err := sp.restrict(sp.lo, sp.tailFirst()).eachBlock(ctx, func(_ *block, rows bitmap) bool {
		return found.Add(int64(rows.count())) < int64(limit-n)
	})
	return min(n+int(found.Load()), limit), err
}

// wait returns as soon as n records match, and how many matched. It counts the
// records of the store first, even if patience has ended. If ctx or patience ends
// earlier, it returns the number of records that match and the context's error.
func wait(ctx, patience context.Context, s *store, q Query, n int) (int, error) {
	f, err := newFilter(q)
	if err != nil {
		return 0, err
	}
	matched := 0
	for matched < n {
		more := s.changed()
		sp := s.span(f)
		found, err := count(ctx, sp, n-matched)
		matched += found
		if err != nil || matched >= n {
			return matched, err
		}
		f.after = max(f.after, sp.hi-1) // the next round counts later records
		select {
		case <-more:
		case <-patience.Done():
			return matched, patience.Err()
		}
	}
	return matched, nil
}
