package collector

import (
	"cmp"
	"context"
	"slices"
)

// A moment is the place of a record in time. Records of one millisecond are in
// the order of their arrival.
type moment struct{ timestamp, id int64 }

// lastMoment is behind all records.
var lastMoment = moment{maxTime, 1<<63 - 1}

func (m moment) compare(other moment) int {
	return cmp.Or(cmp.Compare(m.timestamp, other.timestamp), cmp.Compare(m.id, other.id))
}

// nearest returns the k records that match and are nearest before a moment, or
// after it, nearest first. Ids are in the order of arrival, which may be long
// after the timestamp. So the scan reads every block that may have a nearer record
// than those found, the most promising blocks first.
func (sp span) nearest(ctx context.Context, at moment, backward bool, k int) ([]moment, error) {
	if k == 0 {
		return nil, nil
	}
	n := nearestScan{at: at, backward: backward, k: k}
	n.tail(sp)
	for _, m := range n.promising(sp.blocks) {
		part := n.within(sp)
		if part.from >= part.to || n.enough() && n.order(n.best(m), n.found[k-1]) >= 0 {
			break
		}
		if !part.touches(m) {
			continue
		}
		b := sp.store.block(ctx, m)
		rows, err := part.resolve(ctx, b, nil)
		if err == nil {
			n.block(b, rows)
			err = b.err
		}
		if err != nil {
			if err = sp.store.unlessDeleted(b, err); err != nil {
				return nil, endOf(ctx, err)
			}
		}
	}
	return n.found, nil
}

// nearestScan has the k records nearest to a moment of those looked at.
type nearestScan struct {
	at       moment
	backward bool
	k        int
	found    []moment // nearest first
}

// order compares the distance of two moments.
func (n *nearestScan) order(a, b moment) int {
	if n.backward {
		return b.compare(a)
	}
	return a.compare(b)
}

func (n *nearestScan) enough() bool { return len(n.found) >= n.k }

// near reports whether a moment is on the right side, and counts among those
// found.
func (n *nearestScan) near(m moment) bool {
	return n.order(n.at, m) < 0 && !(n.enough() && n.order(n.found[n.k-1], m) <= 0)
}

// best returns the nearest moment that a record of a block may have, without
// regard to what is on the wrong side.
func (n *nearestScan) best(m blockMeta) moment {
	if n.backward {
		return moment{m.to, m.last}
	}
	return moment{m.from, m.first}
}

// promising returns the blocks, those first that may have the nearest records.
func (n *nearestScan) promising(blocks []blockMeta) []blockMeta {
	blocks = slices.Clone(blocks)
	slices.SortFunc(blocks, func(a, b blockMeta) int { return n.order(n.best(a), n.best(b)) })
	return blocks
}

// within returns a span of the timestamps that count.
func (n *nearestScan) within(sp span) span {
	least, most := n.at.timestamp, n.at.timestamp
	if n.backward {
		least = minTime
	} else {
		most = maxTime
	}
	if n.enough() {
		worst := n.found[n.k-1].timestamp
		least, most = max(least, min(worst, n.at.timestamp)), min(most, max(worst, n.at.timestamp))
	}
	sp.from, sp.to = max(sp.from, least), min(sp.to, most+1)
	sp.match = matchAnd{matchTime{sp.from, sp.to}, sp.match}
	return sp
}

// tail looks at the records of the tail.
func (n *nearestScan) tail(sp span) {
	base := sp.tailFirst()
	var list []moment
	for id := max(sp.lo, base); id < sp.hi; id++ {
		r := &sp.tail[id-base]
		if m := (moment{r.timestamp, id}); n.near(m) && sp.match.match(r) {
			list = append(list, m)
		}
	}
	n.add(list)
}

// block looks at some rows of a block.
func (n *nearestScan) block(b *block, rows bitmap) {
	if rows.empty() {
		return
	}
	times := b.times()
	var list []moment
	rows.each(func(i int) {
		if m := (moment{times.at(i), b.first + int64(i)}); n.near(m) {
			list = append(list, m)
		}
	})
	if b.err == nil {
		n.add(list)
	}
}

func (n *nearestScan) add(list []moment) {
	n.found = append(n.found, list...)
	slices.SortFunc(n.found, n.order)
	n.found = n.found[:min(n.k, len(n.found))]
}

// eachOf calls f with the records of some ids that are still in the store, in any
// order, until f returns false.
func (sp span) eachOf(ctx context.Context, ids []int64, f func(id int64, r *row) bool) error {
	base := sp.tailFirst()
	var stored []int64
	for _, id := range ids {
		if id < base {
			stored = append(stored, id)
		}
	}
	if len(stored) > 0 {
		if more, err := sp.store.someRows(ctx, stored, "", f); err != nil || !more {
			return endOf(ctx, err)
		}
	}
	for _, id := range ids {
		if id >= base && !f(id, &sp.tail[id-base]) {
			return nil
		}
	}
	return nil
}
