package pivot

import (
	"fmt"
	"slices"
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
	MaxLimit     = 1_000
	DefaultLimit = 15
	timeGroups   = 60
	maxCells     = 20_000 // of a table
)

var functions = []string{"count", "avg", "sum", "min", "max", "stddev", "latest"}

func (p Pivot) check() error {
	for _, g := range []*Group{p.Row, p.Column} {
		if g != nil && (g.Field == "" || g.Limit < 0 || g.Limit > MaxLimit) {
			return fmt.Errorf("a group needs a field, and a limit from 1 to %d", MaxLimit)
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
		return DefaultLimit
	}
	return g.Limit
}
