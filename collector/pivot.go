package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
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
	if p.Row != nil && p.Column != nil && !p.byTime() && p.Row.limit()*p.Column.limit() > maxCells {
		return fmt.Errorf("a table of %d rows and %d columns: use at most %d cells", p.Row.limit(), p.Column.limit(), maxCells)
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

// intervals are the spans of time that rows may have.
var intervals = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour,
}

// intervalOf returns the span of time, in milliseconds, of which a range has
// about sixty.
func intervalOf(from, to int64) int64 {
	for _, i := range intervals {
		if i.Milliseconds()*timeGroups >= to-from {
			return i.Milliseconds()
		}
	}
	year := (365 * 24 * time.Hour).Milliseconds()
	return ((to-from)/timeGroups/year + 1) * year
}

// An axis of time has rows from first on.
type timeAxis struct{ first, interval, n int64 }

func newTimeAxis(from, to int64) timeAxis {
	i := intervalOf(from, to)
	first := floorTo(from, i)
	return timeAxis{first, i, (floorTo(max(to-1, from), i)-first)/i + 1}
}

func floorTo(t, step int64) int64 {
	if r := t % step; r < 0 {
		return t - r - step
	} else {
		return t - r
	}
}

// bounds returns the range of time of a span: what was asked for, and what
// there is where nothing was.
func (sp span) bounds() (from, to int64) {
	from, to = sp.from, sp.to
	if from > minTime && to < maxTime {
		return from, to
	}
	least, most := int64(maxTime), int64(minTime)
	for _, m := range sp.blocks {
		if sp.touches(m) {
			least, most = min(least, m.from), max(most, m.to)
		}
	}
	for i := range sp.tail {
		least, most = min(least, sp.tail[i].timestamp), max(most, sp.tail[i].timestamp)
	}
	if least > most {
		least, most = 0, 0
	}
	if from == minTime {
		from = min(least, to)
	}
	if to == maxTime {
		to = max(most+1, from+1)
	}
	return from, to
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
					p.visit(b, list)
				}
				if b.err != nil && !s.gone(b) {
					errs[w] = b.err
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

// A pivotPart is a pivot over some of the blocks.
type pivotPart struct {
	Pivot
	axis          timeAxis
	rows, columns axisValues
	cells         [][]number // by row and column
	other         int64      // records in groups beyond the limits
}

// axisValues are the values of a group within its limit.
type axisValues struct {
	values []value
	ids    map[value]int32
}

func (g *Group) axisValues(all map[string]*groups) axisValues {
	a := axisValues{ids: make(map[value]int32)}
	if g == nil {
		a.values = []value{{}}
		return a
	}
	found := all[g.Field]
	ids, _ := found.top(g.limit())
	for _, id := range ids {
		a.ids[found.values[id]] = int32(len(a.values))
		a.values = append(a.values, found.values[id])
	}
	if g.Empty {
		a.ids[value{}] = int32(len(a.values))
		a.values = append(a.values, value{})
	}
	return a
}

func (a axisValues) keys() []any {
	keys := []any{}
	for _, v := range a.values {
		keys = append(keys, v.any())
	}
	return keys
}

func newPivotPart(p Pivot, axis timeAxis, all map[string]*groups) *pivotPart {
	part := &pivotPart{Pivot: p, axis: axis, columns: p.Column.axisValues(all)}
	n := int(axis.n)
	if !p.byTime() {
		part.rows = p.Row.axisValues(all)
		n = len(part.rows.values)
	}
	part.cells = make([][]number, n*len(part.columns.values))
	return part
}

func (p Pivot) byTime() bool { return p.Row != nil && p.Row.Field == "timestamp" }

// groups number the values of a group, and count their records.
type groups struct {
	ids    map[value]int32
	values []value
	counts []int64
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

func (g *groups) addAll(other *groups) {
	for i, v := range other.values {
		if id := g.id(v); id >= 0 {
			g.counts[id] += other.counts[i]
		}
	}
}

// A placer says for each row of a block where its value is on an axis: -1 for a
// value beyond the limit, -2 for none.
type placer struct {
	of     []int32
	column *column
}

func (a axisValues) placer(b *block, by *Group) placer {
	if by == nil {
		return placer{of: []int32{0}}
	}
	none := int32(-2)
	if by.Empty {
		none = a.ids[value{}]
	}
	c := b.column(by.Field)
	if c == nil || c.wide {
		return placer{of: []int32{none}}
	}
	p := placer{[]int32{none}, c}
	for _, v := range c.values {
		id, ok := a.ids[v]
		if !ok {
			id = -1
		}
		p.of = append(p.of, id)
	}
	return p
}

func (p placer) at(row int32) int32 {
	if p.column == nil {
		return p.of[0]
	}
	return p.of[p.column.rows[row]]
}

func (p *pivotPart) visit(b *block, l rowList) {
	fields := make([]*column, len(p.Series))
	numbers := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		if s.Field == "" {
			continue
		}
		if c := b.column(s.Field); c != nil && !c.wide {
			fields[i] = c
			numbers[i] = make([]float64, len(c.values)+1)
			numbers[i][0] = math.NaN()
			for j, v := range c.values {
				n, ok := v.number()
				if !ok {
					n = math.NaN()
				}
				numbers[i][j+1] = n
			}
		}
	}
	byTime := p.byTime()
	rowOf, columnOf := placer{}, p.columns.placer(b, p.Column)
	if !byTime {
		rowOf = p.rows.placer(b, p.Row)
	}
	width := int32(len(p.columns.values))
	for i, row := range l.rows {
		x, y := columnOf.at(row), l.spans[i]
		if !byTime {
			y = rowOf.at(row)
		}
		if x < 0 || y < 0 {
			if x != -2 && y != -2 {
				p.other++
			}
			continue
		}
		cell := p.cells[y*width+x]
		if cell == nil {
			cell = make([]number, len(p.Series))
			p.cells[y*width+x] = cell
		}
		for s := range cell {
			if p.Series[s].Field == "" {
				cell[s].n++
			} else if c := fields[s]; c != nil {
				if n := numbers[s][c.rows[row]]; n == n {
					cell[s].add(n, l.times.at(int(row)))
				}
			}
		}
	}
}

// merge adds the numbers of another part.
func (p *pivotPart) merge(other *pivotPart) {
	p.other += other.other
	for i, numbers := range other.cells {
		if p.cells[i] == nil {
			p.cells[i] = numbers
			continue
		}
		for s := range numbers {
			p.cells[i][s].merge(numbers[s])
		}
	}
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

func (p *pivotPart) table() Table {
	t := Table{Columns: p.columns.keys(), Rows: p.rows.keys(), Series: []string{}, Other: p.other, Cells: [][][]*float64{}}
	for _, s := range p.Series {
		t.Series = append(t.Series, s.String())
	}
	if p.byTime() {
		t.Interval = p.axis.interval
		for i := range p.axis.n {
			t.Rows = append(t.Rows, p.axis.first+i*p.axis.interval)
		}
	}
	width := len(t.Columns)
	for y := range t.Rows {
		row := make([][]*float64, width)
		for x := range row {
			row[x] = make([]*float64, len(p.Series))
			for s, n := range p.cells[y*width+x] {
				row[x][s] = n.result(p.Series[s].Function)
			}
		}
		t.Cells = append(t.Cells, row)
	}
	return t
}

// A number gathers what the functions of a series need. Variance is kept by the
// method of Welford and Chan: counters of bytes since boot are large, and vary
// little.
type number struct {
	n           int64
	sum         float64
	mean, m2    float64
	least, most float64
	latest      float64
	latestTime  int64
}

func (a *number) add(x float64, t int64) {
	if a.n == 0 {
		a.least, a.most, a.latest, a.latestTime = x, x, x, t
	}
	a.n++
	a.sum += x
	d := x - a.mean
	a.mean += d / float64(a.n)
	a.m2 += d * (x - a.mean)
	a.least, a.most = min(a.least, x), max(a.most, x)
	if t >= a.latestTime {
		a.latest, a.latestTime = x, t
	}
}

func (a *number) merge(b number) {
	switch {
	case b.n == 0:
		return
	case a.n == 0:
		*a = b
		return
	}
	n := float64(a.n + b.n)
	d := b.mean - a.mean
	a.m2 += b.m2 + d*d*float64(a.n)*float64(b.n)/n
	a.mean += d * float64(b.n) / n
	a.n += b.n
	a.sum += b.sum
	a.least, a.most = min(a.least, b.least), max(a.most, b.most)
	if b.latestTime >= a.latestTime {
		a.latest, a.latestTime = b.latest, b.latestTime
	}
}

// result returns the value of a function, nil if there is none: of no numbers,
// or of such that overflow.
func (a *number) result(function string) *float64 {
	var x float64
	switch {
	case function == "count":
		x = float64(a.n)
	case a.n == 0:
		return nil
	case function == "avg":
		x = a.mean
	case function == "sum":
		x = a.sum
	case function == "min":
		x = a.least
	case function == "max":
		x = a.most
	case function == "stddev":
		x = math.Sqrt(max(0, a.m2/float64(a.n)))
	case function == "latest":
		x = a.latest
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
