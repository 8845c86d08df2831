package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
)

// A Moment is the position of a record in time. Records of the same millisecond are in
// the order of their arrival.
type Moment struct{ Timestamp, ID int64 }

// LastMoment is after all records.
var LastMoment = Moment{match.MaxTime, 1<<63 - 1}

func (m Moment) compare(other Moment) int {
	return cmp.Or(cmp.Compare(m.Timestamp, other.Timestamp), cmp.Compare(m.ID, other.ID))
}

// Nearest returns the k matching records that are nearest before a moment, or after
// it, nearest first. Ids are in the order of arrival, which may be long after the
// timestamp. So the scan reads every block that may have a nearer record than those
// found, the most promising blocks first.
func (snap Snapshot) Nearest(ctx context.Context, at Moment, backward bool, k int) ([]Moment, error) {
	if k == 0 {
		return nil, nil
	}
	n := nearestScan{at: at, backward: backward, k: k}
	n.tail(snap)
	for _, m := range n.promising(snap.blocks) {
		part := n.within(snap)
		if part.From >= part.To || n.enough() && n.order(n.best(m), n.found[k-1]) >= 0 {
			break
		}
		if !part.touches(m) {
			continue
		}
		b := snap.store.block(ctx, m)
		rows, err := part.resolve(ctx, b, nil)
		if err == nil {
			n.block(b, rows)
			err = b.Err
		}
		if err != nil {
			if err = snap.store.unlessDeleted(b, err); err != nil {
				return nil, endOf(ctx, err)
			}
		}
	}
	return n.found, nil
}

// A nearestScan keeps the k records nearest to a moment.
type nearestScan struct {
	at       Moment
	backward bool
	k        int
	found    []Moment // nearest first
}

// order compares the distances of two moments.
func (n *nearestScan) order(a, b Moment) int {
	if n.backward {
		return b.compare(a)
	}
	return a.compare(b)
}

func (n *nearestScan) enough() bool { return len(n.found) >= n.k }

// near reports whether a moment is on the right side, and nearer than one of those
// found.
func (n *nearestScan) near(m Moment) bool {
	return n.order(n.at, m) < 0 && !(n.enough() && n.order(n.found[n.k-1], m) <= 0)
}

// best returns the nearest moment that a record of a block may have. It ignores which
// side the moment is on.
func (n *nearestScan) best(m blockMeta) Moment {
	if n.backward {
		return Moment{m.to, m.last}
	}
	return Moment{m.from, m.first}
}

// promising returns the blocks, sorted by the nearest moment that they may have.
func (n *nearestScan) promising(blocks []blockMeta) []blockMeta {
	blocks = slices.Clone(blocks)
	slices.SortFunc(blocks, func(a, b blockMeta) int { return n.order(n.best(a), n.best(b)) })
	return blocks
}

// within restricts a snapshot to the timestamps that are near enough.
func (n *nearestScan) within(snap Snapshot) Snapshot {
	least, most := n.at.Timestamp, n.at.Timestamp
	if n.backward {
		least = match.MinTime
	} else {
		most = match.MaxTime
	}
	if n.enough() {
		worst := n.found[n.k-1].Timestamp
		least, most = max(least, min(worst, n.at.Timestamp)), min(most, max(worst, n.at.Timestamp))
	}
	snap.From, snap.To = max(snap.From, least), min(snap.To, most+1)
	snap.Match = match.And{match.InTime(snap.From, snap.To), snap.Match}
	return snap
}

// tail scans the tail.
func (n *nearestScan) tail(snap Snapshot) {
	base := snap.TailFirst()
	var list []Moment
	for id := max(snap.Lo, base); id < snap.Hi; id++ {
		r := &snap.tail[id-base]
		if m := (Moment{r.Timestamp, id}); n.near(m) && snap.Match.Match(r) {
			list = append(list, m)
		}
	}
	n.add(list)
}

// block scans some rows of a block.
func (n *nearestScan) block(b *index.Block, rows index.Bitmap) {
	if rows.IsEmpty() {
		return
	}
	times := b.Times()
	var list []Moment
	rows.Each(func(i int) {
		if m := (Moment{times.At(i), b.First + int64(i)}); n.near(m) {
			list = append(list, m)
		}
	})
	if b.Err == nil {
		n.add(list)
	}
}

func (n *nearestScan) add(list []Moment) {
	n.found = append(n.found, list...)
	slices.SortFunc(n.found, n.order)
	n.found = n.found[:min(n.k, len(n.found))]
}

// ByID calls f with the records of some ids that still exist, in any order, until f
// returns false.
func (snap Snapshot) ByID(ctx context.Context, ids []int64, f func(id int64, r *index.Row) bool) error {
	base := snap.TailFirst()
	var stored []int64
	for _, id := range ids {
		if id < base {
			stored = append(stored, id)
		}
	}
	if len(stored) > 0 {
		if more, err := snap.store.someRows(ctx, stored, "", f); err != nil || !more {
			return endOf(ctx, err)
		}
	}
	for _, id := range ids {
		if id >= base && !f(id, &snap.tail[id-base]) {
			return nil
		}
	}
	return nil
}
