package pivot

import (
	"cmp"
	"slices"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// valueCounts count the records of each value of a field.
type valueCounts struct {
	ids    map[index.Value]int32
	values []index.Value
	counts []int64
	beyond int64 // records with values that are not counted separately
}

// id returns the index of a value, -1 if there are too many values.
func (g *valueCounts) id(v index.Value) int32 {
	id, ok := g.ids[v]
	if !ok {
		if len(g.values) >= maxGroups {
			return -1
		}
		if g.ids == nil {
			g.ids = make(map[index.Value]int32)
		}
		id = int32(len(g.values))
		g.ids[v] = id
		g.values = append(g.values, v)
		g.counts = append(g.counts, 0)
	}
	return id
}

// add adds n records that have a value.
func (g *valueCounts) add(v index.Value, n int64) {
	if id := g.id(v); id >= 0 {
		g.counts[id] += n
	} else {
		g.beyond += n
	}
}

func (g *valueCounts) addAll(other *valueCounts) {
	for i, v := range other.values {
		g.add(v, other.counts[i])
	}
	g.beyond += other.beyond
}

// count counts the values of a field in some rows.
func (g *valueCounts) count(b *index.Block, field string, rows index.Bitmap) {
	name := field
	if field == "streams" {
		name = index.StreamsColumn
	}
	c := b.Column(name)
	if c == nil {
		return
	}
	if c.Wide {
		present := c.Present()
		present.And(rows)
		g.beyond += int64(present.Count())
		return
	}
	per := make([]int64, c.Distinct+1)
	rows.Each(func(i int) { per[c.Codes.At(i)]++ })
	c.EachValue(func(code int, v index.Value) {
		if n := per[code]; n > 0 {
			g.add(v, n)
		}
	})
}

// top returns the indexes of the most frequent values, most frequent first, and how
// many records have other values.
func (g *valueCounts) top(limit int) (ids []int32, other int64) {
	for i := range g.values {
		ids = append(ids, int32(i))
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(g.counts[b], g.counts[a]), cmp.Compare(g.values[a].Text(), g.values[b].Text()))
	})
	for _, id := range ids[min(limit, len(ids)):] {
		other += g.counts[id]
	}
	return ids[:min(limit, len(ids))], other
}
