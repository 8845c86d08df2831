package pivot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// Bounds of facets.
const (
	facetRecords = 200_000
	maxFacets    = 20
	maxNames     = 1_000
)

// Facets summarize the newest records that match.
type Facets struct {
	Records  int64   `json:"records"`  // number of records that were read
	Complete bool    `json:"complete"` // all matching records were read
	Fields   []Count `json:"fields"`   // names of fields with the number of records that have them, most frequent first
	Facets   []Facet `json:"facets"`
}

// A Facet has the most frequent values of a field.
type Facet struct {
	Field   string  `json:"field"`
	Values  []Count `json:"values"`
	Other   int64   `json:"other"`   // records with other values
	Missing int64   `json:"missing"` // records without the field
}

// A Count is the number of records that have a value.
type Count struct {
	Value   any   `json:"value"`
	Records int64 `json:"records"`
}

// CountFacets returns the names of the fields, and for some fields the size most
// frequent values, over the newest 200,000 records that match. The values of the field
// streams are titles. If an argument is invalid, the error wraps [query.ErrInvalid].
func CountFacets(ctx context.Context, in Blocks, fields []string, size int) (Facets, error) {
	if err := checkFacets(fields, size); err != nil {
		return Facets{}, err
	}
	all := Facets{Complete: true, Fields: []Count{}, Facets: []Facet{}}
	names := make(map[string]int64)
	found := make([]valueCounts, len(fields))
	var bad error
	err := in.EachBlockInOrder(ctx, func(b *index.Block, rows index.Bitmap) bool {
		all.Records += int64(rows.Count())
		parts, err := b.PartNames()
		if err != nil {
			bad = err
			return false
		}
		for _, name := range parts {
			if _, known := names[name]; strings.HasPrefix(name, " ") || !known && len(names) >= maxNames {
				continue
			}
			if c := b.Column(name); c != nil {
				n := int64(0)
				rows.Each(func(i int) {
					if c.Codes.At(i) > 0 {
						n++
					}
				})
				if n > 0 {
					names[name] += n
				}
			}
		}
		for i, name := range fields {
			found[i].count(b, name, rows)
		}
		all.Complete = all.Records < facetRecords
		return all.Complete && ctx.Err() == nil
	})
	if err := cmp.Or(err, bad); err != nil {
		return all, err
	}
	for name, n := range names {
		all.Fields = append(all.Fields, Count{name, n})
	}
	slices.SortFunc(all.Fields, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Value.(string), b.Value.(string)))
	})
	for i, name := range fields {
		all.Facets = append(all.Facets, found[i].facet(name, size, all.Records))
	}
	return all, nil
}

func checkFacets(fields []string, size int) error {
	if len(fields) > maxFacets || size < 1 || size > MaxLimit {
		return fmt.Errorf("%w: use at most %d fields, and a size from 1 to %d", query.ErrInvalid, maxFacets, MaxLimit)
	}
	for _, name := range fields {
		switch {
		case name == "", name == "message", name == "full_message", name == "timestamp", strings.HasPrefix(name, " "):
			return fmt.Errorf("%w: the field %q has no facets: use a field with repeated values, such as logger",
				query.ErrInvalid, name)
		}
	}
	return nil
}

func (g *valueCounts) facet(field string, size int, records int64) Facet {
	f := Facet{Field: field, Values: []Count{}, Missing: records - g.beyond}
	for _, n := range g.counts {
		f.Missing -= n
	}
	if field == "streams" {
		for i, st := range record.Streams() {
			n := int64(0)
			for j, v := range g.values {
				if index.StreamSet(v.Int).Has(i) {
					n += g.counts[j]
				}
			}
			if n > 0 {
				f.Values = append(f.Values, Count{st.Title, n})
			}
		}
		slices.SortStableFunc(f.Values, func(a, b Count) int { return cmp.Compare(b.Records, a.Records) })
		return f
	}
	ids, other := g.top(size)
	f.Other = other + g.beyond
	for _, id := range ids {
		f.Values = append(f.Values, Count{g.values[id].Any(), g.counts[id]})
	}
	return f
}
