package store

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
)

// A Filter selects records of the store.
type Filter struct {
	Match         match.Matcher // decides on everything except the ids
	After, Before int64         // ids, not included; 0 means no bound
	From, To      int64         // bounds of the timestamps in milliseconds, To not included; Match checks them, too
}

// A Snapshot is the state of the store at one moment, with a filter. Later changes do
// not affect it, except that deleted records can no longer be read.
type Snapshot struct {
	*state
	Filter
	store  *Store
	Lo, Hi int64 // ids, Hi not included
}

// Snapshot returns the present state of the store, with a filter.
func (s *Store) Snapshot(f Filter) Snapshot {
	c := s.state.Load()
	snap := Snapshot{c, f, s, max(c.first, f.After+1), c.next}
	if f.Before > 0 {
		snap.Hi = min(snap.Hi, f.Before)
	}
	return snap
}

// Restrict returns the part of the snapshot with ids from lo up to hi, which is not
// included.
func (snap Snapshot) Restrict(lo, hi int64) Snapshot {
	snap.Lo, snap.Hi = max(snap.Lo, lo), min(snap.Hi, hi)
	return snap
}

// touches reports whether a block may have records of the snapshot.
func (snap Snapshot) touches(m blockMeta) bool {
	return m.last >= snap.Lo && m.first < snap.Hi && m.to >= snap.From && m.from < snap.To
}

// trim removes the rows of a block that are outside the ids of the snapshot.
func (snap Snapshot) trim(b *index.Block, rows index.Bitmap) {
	if b.First >= snap.Lo && b.First+int64(b.Rows) <= snap.Hi {
		return
	}
	for i := range b.Rows {
		if id := b.First + int64(i); id < snap.Lo || id >= snap.Hi {
			rows.Remove(i)
		}
	}
}

// Bounds returns the range of the timestamps: that of the filter, and where the filter
// is open, that of the records.
func (snap Snapshot) Bounds() (from, to int64) {
	from, to = snap.From, snap.To
	if from > match.MinTime && to < match.MaxTime {
		return from, to
	}
	least, most := int64(match.MaxTime), int64(match.MinTime)
	for _, m := range snap.blocks {
		if snap.touches(m) {
			least, most = min(least, m.from), max(most, m.to)
		}
	}
	for i := range snap.tail {
		least, most = min(least, snap.tail[i].Timestamp), max(most, snap.tail[i].Timestamp)
	}
	if least > most {
		least, most = 0, 0
	}
	if from == match.MinTime {
		from = min(least, to)
	}
	if to == match.MaxTime {
		to = max(most+1, from+1)
	}
	return from, to
}
