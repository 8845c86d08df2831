package collector

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
	switch {
	case c == nil:
		return placer{of: []int32{none}}
	case c.wide:
		return placer{[]int32{none, -1}, c}
	}
	p := placer{[]int32{none}, c}
	c.each(func(_ int, v value) {
		id, ok := a.ids[v]
		if !ok {
			id = -1
		}
		p.of = append(p.of, id)
	})
	return p
}

func (p placer) at(row int32) int32 {
	if p.column == nil {
		return p.of[0]
	}
	return p.of[p.column.rows.at(int(row))]
}

func (p *pivotPart) visit(b *block, l rowList) {
	fields := make([]*column, len(p.Series))
	numbers := make([][]float64, len(p.Series))
	for i, s := range p.Series {
		if s.Field == "" {
			continue
		}
		if c := b.column(s.Field); c != nil && !c.wide {
			fields[i], numbers[i] = c, c.numbers()
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
				if n := numbers[s][c.rows.at(int(row))]; n == n {
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
