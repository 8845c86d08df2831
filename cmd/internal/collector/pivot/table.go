package pivot

import "github.com/aimakerspace/synlogger/cmd/internal/collector/index"

// A partialTable is the table of some of the blocks.
type partialTable struct {
	Pivot
	functions     []function // of the series
	axis          timeAxis
	rows, columns axis
	cells         [][]accumulator // by row and column
	other         int64           // records in groups beyond the limits
}

// An axis has the values of a group within its limit.
type axis struct {
	values []index.Value
	ids    map[index.Value]int32
}

func (g *Group) axisValues(all map[string]*valueCounts) axis {
	a := axis{ids: make(map[index.Value]int32)}
	if g == nil {
		a.values = []index.Value{{}}
		return a
	}
	found := all[g.Field]
	ids, _ := found.top(g.limit())
	for _, id := range ids {
		a.ids[found.values[id]] = int32(len(a.values))
		a.values = append(a.values, found.values[id])
	}
	if g.Empty {
		a.ids[index.Value{}] = int32(len(a.values))
		a.values = append(a.values, index.Value{})
	}
	return a
}

func (a axis) keys() []any {
	keys := []any{}
	for _, v := range a.values {
		keys = append(keys, v.Any())
	}
	return keys
}

func newPartialTable(p Pivot, axis timeAxis, all map[string]*valueCounts) *partialTable {
	part := &partialTable{Pivot: p, axis: axis, columns: p.Column.axisValues(all)}
	for _, s := range p.Series {
		part.functions = append(part.functions, s.function())
	}
	n := int(axis.n)
	if !p.byTime() {
		part.rows = p.Row.axisValues(all)
		n = len(part.rows.values)
	}
	part.cells = make([][]accumulator, n*len(part.columns.values))
	return part
}

func (p Pivot) byTime() bool { return p.Row != nil && p.Row.Field == "timestamp" }

// A codeMap maps the codes of a column to indexes on an axis: -1 for a value beyond
// the limit, -2 without a value.
type codeMap struct {
	indexes []int32
	column  *index.Column
}

func (a axis) codeMap(b *index.Block, by *Group) codeMap {
	if by == nil {
		return codeMap{indexes: []int32{0}}
	}
	none := int32(-2)
	if by.Empty {
		none = a.ids[index.Value{}]
	}
	c := b.Column(by.Field)
	switch {
	case c == nil:
		return codeMap{indexes: []int32{none}}
	case c.Wide:
		return codeMap{[]int32{none, -1}, c}
	}
	p := codeMap{[]int32{none}, c}
	c.EachValue(func(_ int, v index.Value) {
		id, ok := a.ids[v]
		if !ok {
			id = -1
		}
		p.indexes = append(p.indexes, id)
	})
	return p
}

func (p codeMap) at(row int32) int32 {
	if p.column == nil {
		return p.indexes[0]
	}
	return p.indexes[p.column.Codes.At(int(row))]
}

func (p *partialTable) visit(b *index.Block, l rowList) {
	fields := make([]*index.Column, len(p.Series))
	numbers := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		if s.Field == "" {
			continue
		}
		if c := b.Column(s.Field); c != nil && !c.Wide {
			fields[i], numbers[i] = c, c.Numbers()
		}
	}
	byTime := p.byTime()
	rowOf, columnOf := codeMap{}, p.columns.codeMap(b, p.Column)
	if !byTime {
		rowOf = p.rows.codeMap(b, p.Row)
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
			cell = make([]accumulator, len(p.Series))
			p.cells[y*width+x] = cell
		}
		for s := range cell {
			if p.functions[s] == count {
				cell[s].n++
			} else if c := fields[s]; c != nil {
				if n := numbers[s][c.Codes.At(int(row))]; n == n {
					cell[s].add(p.functions[s], n, l.times.At(int(row)))
				}
			}
		}
	}
}

// merge adds the numbers of another part.
func (p *partialTable) merge(other *partialTable) {
	p.other += other.other
	for i, numbers := range other.cells {
		if p.cells[i] == nil {
			p.cells[i] = numbers
			continue
		}
		for s := range numbers {
			p.cells[i][s].merge(p.functions[s], numbers[s])
		}
	}
}

func (p *partialTable) table() Table {
	t := Table{
		Columns: p.columns.keys(),
		Rows:    p.rows.keys(),
		Series:  []string{},
		Other:   p.other,
		Cells:   [][][]*float64{},
	}
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
				row[x][s] = n.result(p.functions[s])
			}
		}
		t.Cells = append(t.Cells, row)
	}
	return t
}
