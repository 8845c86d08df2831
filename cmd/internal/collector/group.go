package collector

import (
	"cmp"
	"slices"
)

// groups number the values of a group, and count their records.
type groups struct {
	ids    map[value]int32
	values []value
	counts []int64
	beyond int64 // records with further values, or such that are not known
}

// id returns the number of a value, -1 if there are too many.
func (g *groups) id(v value) int32 {
	id, ok := g.ids[v]
	if !ok {
		if len(g.values) >= maxGroups {
			return -1
		}
		if g.ids == nil {
			g.ids = make(map[value]int32)
		}
		id = int32(len(g.values))
		g.ids[v] = id
		g.values = append(g.values, v)
		g.counts = append(g.counts, 0)
	}
	return id
}

// add counts n records that have a value.
func (g *groups) add(v value, n int64) {
	if id := g.id(v); id >= 0 {
		g.counts[id] += n
	} else {
		g.beyond += n
	}
}

func (g *groups) addAll(other *groups) {
	for i, v := range other.values {
		g.add(v, other.counts[i])
	}
	g.beyond += other.beyond
}

// count counts the values of a field of some rows.
func (g *groups) count(b *block, field string, rows bitmap) {
	name := field
	if field == "streams" {
		name = streamsColumn
	}
	c := b.column(name)
	if c == nil {
		return
	}
	if c.wide {
		present := c.present()
		present.and(rows)
		g.beyond += int64(present.count())
		return
	}
	per := make([]int64, c.n+1)
	rows.each(func(i int) { per[c.rows.at(i)]++ })
	c.each(func(place int, v value) {
		if n := per[place]; n > 0 {
			g.add(v, n)
		}
	})
}

// top returns the numbers of the most frequent values, most frequent first, and
// how many records the others have.
func (g *groups) top(limit int) (ids []int32, other int64) {
	for i := range g.values {
		ids = append(ids, int32(i))
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(g.counts[b], g.counts[a]), cmp.Compare(g.values[a].text(), g.values[b].text()))
	})
	for _, id := range ids[min(limit, len(ids)):] {
		other += g.counts[id]
	}
	return ids[:min(limit, len(ids))], other
}
