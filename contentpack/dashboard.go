package contentpack

import (
	"fmt"
	"slices"
	"time"

	"github.com/aimakerspace/synlogger/role"
)

// A Dashboard shows the records of the streams.
type Dashboard struct {
	Title   string
	Summary string
	Range   time.Duration // greatest age of the records
	Tabs    []Tab
}

// A Tab is a page of the dashboard. It shows one stream.
type Tab struct {
	Title   string
	Stream  Stream
	Widgets []Widget
}

// Fields returns the names of all fields that the tab's widgets use, sorted.
func (t Tab) Fields() (names []string) {
	for _, w := range t.Widgets {
		names = append(names, w.Fields...)
		for _, p := range slices.Concat(w.Rows, w.Columns) {
			names = append(names, p.Field)
		}
		for _, s := range w.Series {
			if s.Field != "" {
				names = append(names, s.Field)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A Kind is the appearance of a widget.
type Kind string

// The kinds of widgets.
const (
	KindPie      Kind = "pie"
	KindBar      Kind = "bar"
	KindLine     Kind = "line"
	KindMessages Kind = "messages" // a table of records, each with its message below
)

// A Widget is a chart or a table of the records that its query finds in the tab's
// stream. A chart groups the records by Rows, splits each group by Columns, and
// shows the Series of each part.
type Widget struct {
	Title    string
	Kind     Kind
	Position Position
	Query    string // in Graylog's syntax, such as logger:TTP_*

	// For charts.
	Rows    []Pivot
	Columns []Pivot
	Series  []Series
	BarMode string // of bars: "stack", "group", or "" for Graylog's default
	Events  bool   // whether the time axis marks events of the stream

	// For tables.
	Fields []string // columns
	Limit  int      // number of records

	Sort []Sort // of the rows
}

// RollUp reports whether the chart has a series for all columns together. A chart
// with columns does not have one, because Graylog would draw it beside the others
// and make a stack twice as high.
func (w Widget) RollUp() bool { return len(w.Columns) == 0 }

// A Position is a place on the tab's grid of twelve columns. Columns and rows start
// at 1.
type Position struct {
	Col, Row      int
	Width, Height int // Width may be FullWidth
}

// FullWidth is the width of the whole tab.
const FullWidth = 0

// String returns the position as 1,5 6×4: column and row, width and height.
func (p Position) String() string {
	width := fmt.Sprint(p.Width)
	if p.Width == FullWidth {
		width = "Infinity" // in Graylog
	}
	return fmt.Sprintf("%d,%d %s×%d", p.Col, p.Row, width, p.Height)
}

// A Pivot groups records by the values of a field. For the field timestamp, the
// groups are intervals that Graylog chooses.
type Pivot struct {
	Field string
	Limit int // number of values, the most frequent; 0 for time
}

// IsTime reports whether the groups are intervals.
func (p Pivot) IsTime() bool { return p.Field == "timestamp" }

// A Series is a number for each group.
type Series struct {
	Function string // count, avg, max or stddev
	Field    string // "" for count
	Color    string // such as #9c27b0, or "" for Graylog's default
}

// String returns the series as Graylog writes it, such as avg(cpu_percent).
func (s Series) String() string { return s.Function + "(" + s.Field + ")" }

// A Sort orders rows by a field.
type Sort struct {
	Field      string
	Descending bool
}

// newDashboard returns the dashboard. Its charts mark events if events is set.
func newDashboard(events bool) Dashboard {
	d := Dashboard{
		Title:   "Synergos Dashboard",
		Summary: "Tracking widgets for a Synergos cluster",
		Range:   5 * time.Minute,
	}
	for _, r := range role.All() {
		widgets := messageWidgets(r)
		if isSysmetric(r) {
			widgets = sysmetricWidgets()
		}
		for i := range widgets {
			// The stream has only these records. But uploading a pack can remove
			// the stream from a search, which then finds all records.
			widgets[i].Query = "logger:" + r.Prefix + "*"
			widgets[i].Events = widgets[i].Events && events
		}
		d.Tabs = append(d.Tabs, Tab{r.Tab, newStream(r), widgets})
	}
	return d
}
