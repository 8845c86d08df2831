// Package search finds, counts and awaits the records of a store that match a
// query.
package search

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Search returns the newest records that match, or the oldest, and reports whether
// there may be more.
func Search(ctx context.Context, s *store.Store, q Query,
	v record.View) (records []record.Record, more bool, err error) {
	f, err := NewFilter(q)
	if err != nil {
		return nil, false, err
	}
	page := record.Page{View: v, Limit: q.limit(), Records: []record.Record{}}
	snap := s.Snapshot(f)
	walk, end := snap.Descend, snap.Lo
	if q.Oldest {
		walk, end = snap.Ascend, snap.Hi-1
	}
	err = walk(ctx, page.Add)
	more = page.Full() && page.Records[len(page.Records)-1].ID != end
	return page.Records, more, errors.Join(err, page.Err)
}

// Latest returns the records that match and have the latest timestamps, latest first.
func Latest(ctx context.Context, s *store.Store, q Query, v record.View) ([]record.Record, error) {
	f, err := NewFilter(q)
	if err != nil {
		return nil, err
	}
	snap := s.Snapshot(f)
	moments, err := snap.Nearest(ctx, store.LastMoment, true, q.limit())
	if err != nil {
		return nil, err
	}
	return recordsAt(ctx, snap, moments, v)
}

// recordsAt returns the records at some moments, in the order of the moments. It
// leaves out deleted records, and those that make the answer too large.
func recordsAt(ctx context.Context, snap store.Snapshot, moments []store.Moment,
	v record.View) ([]record.Record, error) {
	page := record.Page{View: v, Limit: len(moments), Records: []record.Record{}}
	ids := make([]int64, len(moments))
	order := make(map[int64]int, len(moments))
	for i, m := range moments {
		ids[i] = m.ID
		order[m.ID] = i
	}
	if err := snap.ByID(ctx, ids, page.Add); err != nil {
		return nil, err
	}
	slices.SortFunc(page.Records, func(a, b record.Record) int { return order[a.ID] - order[b.ID] })
	return page.Records, page.Err
}

// Count returns how many records of a snapshot match, but at most limit.
func Count(ctx context.Context, snap store.Snapshot, limit int) (int, error) {
	n := 0
	tail := snap.Restrict(snap.TailFirst(), snap.Hi) // usually has all new records
	if err := tail.Descend(ctx, func(int64, *index.Row) bool { n++; return n < limit }); err != nil || n >= limit {
		return min(n, limit), err
	}
	var found atomic.Int64
	err := snap.Restrict(snap.Lo, snap.TailFirst()).EachBlock(ctx, func(_ *index.Block, rows index.Bitmap) bool {
		return found.Add(int64(rows.Count())) < int64(limit-n)
	})
	return min(n+int(found.Load()), limit), err
}

// Wait returns as soon as n records match, and how many matched. It counts the stored
// records first, even if waiting has ended. If ctx or waiting ends earlier, it returns
// the number of records that match and the error of the context.
func Wait(ctx, waiting context.Context, s *store.Store, q Query, n int) (int, error) {
	f, err := NewFilter(q)
	if err != nil {
		return 0, err
	}
	matched := 0
	for matched < n {
		more := s.Changed()
		snap := s.Snapshot(f)
		found, err := Count(ctx, snap, n-matched)
		matched += found
		if err != nil || matched >= n {
			return matched, err
		}
		f.After = max(f.After, snap.Hi-1) // the next round counts later records
		select {
		case <-more:
		case <-waiting.Done():
			return matched, waiting.Err()
		}
	}
	return matched, nil
}
