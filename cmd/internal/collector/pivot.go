package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A Pivot is a table of numbers about records: grouped by Row, each group split
// by Column, and for each cell the Series. It is what a chart of Graylog's
// dashboards shows.
type Pivot struct {
	Row, Column *Group // nil: all records together
	Series      []Series
}

// A Group groups records by the values of a field, or, for the field
// timestamp, by spans of time of which there are about sixty. Records without
// the field are in no group.
type Group struct {
	Field string `json:"field"`
	Limit int    `json:"limit,omitempty"` // of values, the most frequent; 0 means 15
	Empty bool   `json:"empty,omitempty"` // records without the field are a group, too
}

// A Series is a number for each cell: count, which has no Field, or avg, sum,
// min, max, stddev (of the population, as Graylog's) or latest over the numbers
// of a field.
type Series struct {
	Function string `json:"function"`
	Field    string `json:"field,omitempty"`
}

func (s Series) String() string { return s.Function + "(" + s.Field + ")" }

// A Table is what a Pivot gives.
type Table struct {
	Interval int64    `json:"interval_ms,omitempty"` // of rows that are spans of time
	Rows     []any    `json:"rows"`                  // values, or milliseconds since 1970; nil stands for records without the field
	Columns  []any    `json:"columns"`               // values; one that is null if there is no Column
	Series   []string `json:"series"`
	// Cells has the numbers by row, column and series, null for a cell without
	// numbers.
	Cells [][][]*float64 `json:"cells"`
	// Other is how many records are in groups beyond the limits.
	Other int64 `json:"other"`
}

// The bounds of pivots.
const (
	maxPivots    = 64
	maxSeries    = 16
	maxGroups    = 50_000 // distinct values of a group; records of others are counted together
	maxLimit     = 1_000
	defaultGroup = 15
	timeGroups   = 60
	maxCells     = 20_000 // of a table
)

// Aggregate computes pivots over the records that match, in one pass. After,
// Before and Limit have no meaning. An error is as that of Search.
func (c *Collector) Aggregate(ctx context.Context, q Query, pivots []Pivot) ([]Table, error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, err
	}
	for _, p := range pivots {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrQuery, err)
		}
	}
	if len(pivots) > maxPivots {
		return nil, fmt.Errorf("%w: %d pivots: use at most %d", ErrQuery, len(pivots), maxPivots)
	}
	return c.store.aggregate(ctx, f, pivots)
}

var functions = []string{"count", "avg", "sum", "min", "max", "stddev", "latest"}

func (p Pivot) check() error {
	for _, g := range []*Group{p.Row, p.Column} {
		if g != nil && (g.Field == "" || g.Limit < 0 || g.Limit > maxLimit) {
			return fmt.Errorf("a group needs a field, and a limit from 1 to %d", maxLimit)
		}
		if g != nil && slices.Contains([]string{"message", "full_message", "streams"}, g.Field) {
			return fmt.Errorf("nothing is grouped by %s: use another field", g.Field)
		}
	}
	if p.Column != nil && p.Column.Field == "timestamp" {
		return fmt.Errorf("columns are values: group the rows by timestamp")
	}
	if p.Row != nil && p.Column != nil {
		rows := p.Row.limit()
		if p.byTime() {
			rows = timeGroups + 2 // the most that an axis has
		}
		if rows*p.Column.limit() > maxCells {
			return fmt.Errorf("a table of %d rows and %d columns: use at most %d cells", rows, p.Column.limit(), maxCells)
		}
	}
	if len(p.Series) == 0 || len(p.Series) > maxSeries {
		return fmt.Errorf("%d series: use 1 to %d", len(p.Series), maxSeries)
	}
	for _, s := range p.Series {
		if !slices.Contains(functions, s.Function) || (s.Field == "") != (s.Function == "count") {
			return fmt.Errorf("series %s: use count(), or one of %v with a field", s, functions[1:])
		}
	}
	return nil
}

func (g *Group) limit() int {
	if g.Limit == 0 {
		return defaultGroup
	}
	return g.Limit
}

// aggregate goes over the blocks twice: the first time for the records that
// match and the most frequent values, and then for the numbers of those values.
// So what it holds in memory depends on the limits of the pivots alone.
func (s *store) aggregate(ctx context.Context, f filter, pivots []Pivot) ([]Table, error) {
	sp := s.span(f)
	hits, values, err := s.survey(ctx, sp, pivots)
	if err != nil {
		return nil, endOf(ctx, err)
	}
	return s.tabulate(ctx, sp, pivots, hits, values)
}

// tabulate computes the tables of pivots over hits. Blocks that were deleted
// since they were found have no part in them.
func (s *store) tabulate(ctx context.Context, sp span, pivots []Pivot, hits []hit, values map[string]*groups) ([]Table, error) {
	axis := newTimeAxis(sp.bounds())
	parts := make([][]*pivotPart, workers())
	work := make(chan hit)
	errs := make([]error, len(parts))
	var all sync.WaitGroup
	for w := range parts {
		for _, p := range pivots {
			parts[w] = append(parts[w], newPivotPart(p, axis, values))
		}
		all.Go(func() {
			for h := range work {
				b, _ := s.spanBlock(ctx, sp, h.block)
				list := blockRowsOf(b, h.rows, axis)
				for _, p := range parts[w] {
					if b.err == nil {
						p.visit(b, list)
					}
				}
				if b.err != nil {
					errs[w] = cmp.Or(s.unlessDeleted(b, b.err), errs[w])
				}
			}
		})
	}
	for _, h := range hits {
		if ctx.Err() != nil {
			break
		}
		work <- h
	}
	close(work)
	all.Wait()
	if err := cmp.Or(ctx.Err(), errors.Join(errs...)); err != nil {
		return nil, endOf(ctx, err)
	}
	tables := make([]Table, len(pivots))
	for i := range pivots {
		whole := parts[0][i]
		for _, more := range parts[1:] {
			whole.merge(more[i])
		}
		tables[i] = whole.table()
	}
	return tables, nil
}

// A hit is a block of a span with its rows that match.
type hit struct {
	block int
	rows  bitmap
}

// survey finds the rows that match, and counts the values of the fields that
// the pivots group by.
func (s *store) survey(ctx context.Context, sp span, pivots []Pivot) ([]hit, map[string]*groups, error) {
	place := map[int64]int{sp.tailFirst(): len(sp.blocks)}
	for i, m := range sp.blocks {
		place[m.first] = i
	}
	total := make(map[string]*groups)
	for _, p := range pivots {
		for _, g := range []*Group{p.Row, p.Column} {
			if g != nil && g.Field != "timestamp" {
				total[g.Field] = new(groups)
			}
		}
	}
	var mu sync.Mutex
	var hits []hit
	visits := make([]func(*block, bitmap) bool, workers())
	for w := range visits {
		visits[w] = func(b *block, rows bitmap) bool {
			found := make(map[string]*groups)
			for field := range total {
				found[field] = new(groups)
				found[field].count(b, field, rows)
			}
			mu.Lock()
			defer mu.Unlock()
			hits = append(hits, hit{place[b.first], rows})
			for field, g := range found {
				total[field].addAll(g)
			}
			return ctx.Err() == nil
		}
	}
	err := s.eachBlock(ctx, sp, visits...)
	if err == nil {
		err = ctx.Err()
	}
	return hits, total, err
}

// rowList is the matching rows of a block, with the number of their spans of
// time.
type rowList struct {
	rows  []int32
	times times
	spans []int32
}

func blockRowsOf(b *block, set bitmap, axis timeAxis) rowList {
	l := rowList{rows: make([]int32, 0, set.count()), times: b.times()}
	l.spans = make([]int32, 0, cap(l.rows))
	set.each(func(i int) {
		l.rows = append(l.rows, int32(i))
		at := (l.times.at(i) - axis.first) / axis.interval
		l.spans = append(l.spans, int32(max(0, min(at, axis.n-1))))
	})
	return l
}
