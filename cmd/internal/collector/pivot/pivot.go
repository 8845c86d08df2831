// Package pivot computes tables and facets of the records in blocks.
package pivot

import (
	"fmt"
	"slices"
)

// A Pivot describes a table: records are grouped by Row, each group is split by
// Column, and each cell has the numbers of Series. A chart of a dashboard shows such a
// table.
type Pivot struct {
	Row, Column *Group // nil means that records are not grouped
	Series      []Series
}

// A Group groups records by the values of a field, or for the field timestamp by about
// sixty time intervals. Records without the field belong to no group.
type Group struct {
	Field string `json:"field"`
	Limit int    `json:"limit,omitempty"` // number of values, the most frequent; 0 means 15
	Empty bool   `json:"empty,omitempty"` // records without the field are also a group
}

// A Series is a number in each cell: count, which has no Field, or avg, sum, min, max,
// stddev (of the population, as in Graylog) or latest of a field.
type Series struct {
	Function string `json:"function"`
	Field    string `json:"field,omitempty"`
}

// String returns the series in the form avg(cpu_percent).
func (s Series) String() string { return s.Function + "(" + s.Field + ")" }

// A Table is the result of a Pivot.
type Table struct {
	// Interval is the length of the rows in milliseconds if they are time intervals.
	Interval int64 `json:"interval_ms,omitempty"`
	// Rows are values, or milliseconds since 1970. Nil means records without the field.
	Rows []any `json:"rows"`
	// Columns are values. Without a Column, there is one, nil.
	Columns []any    `json:"columns"`
	Series  []string `json:"series"`
	// Cells has the numbers by row, column and series, nil for a cell without numbers.
	Cells [][][]*float64 `json:"cells"`
	// Other is the number of records in groups beyond the limits.
	Other int64 `json:"other"`
}

// Bounds of pivots.
const (
	MaxLimit     = 1_000 // of Group.Limit
	DefaultLimit = 15    // of Group.Limit

	maxPivots  = 64
	maxSeries  = 16
	maxGroups  = 50_000 // distinct values of a group; records with further values are counted together
	timeGroups = 60     // time intervals of a table
	maxCells   = 20_000 // of a table
)

// A function is the function of a Series, as its index in functions.
type function int

const (
	count function = iota
	avg
	sum
	least
	greatest
	stddev
	latest
)

// functions are the names of the functions.
var functions = []string{"count", "avg", "sum", "min", "max", "stddev", "latest"}

func (s Series) function() function { return function(slices.Index(functions, s.Function)) }

func (p Pivot) check() error {
	for _, g := range []*Group{p.Row, p.Column} {
		if g != nil && (g.Field == "" || g.Limit < 0 || g.Limit > MaxLimit) {
			return fmt.Errorf("a group needs a field, and a limit from 1 to %d", MaxLimit)
		}
		if g != nil && slices.Contains([]string{"message", "full_message", "streams"}, g.Field) {
			return fmt.Errorf("records cannot be grouped by %s: use another field", g.Field)
		}
	}
	if p.Column != nil && p.Column.Field == "timestamp" {
		return fmt.Errorf("columns cannot be grouped by timestamp: use rows")
	}
	if p.Row != nil && p.Column != nil {
		rows := p.Row.limit()
		if p.byTime() {
			rows = timeGroups + 2 // the largest number of intervals
		}
		if rows*p.Column.limit() > maxCells {
			return fmt.Errorf(
				"a table of %d rows and %d columns: use at most %d cells",
				rows,
				p.Column.limit(),
				maxCells,
			)
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
