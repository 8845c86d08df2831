package contentpack

import (
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/role"
)

// A Dashboard is what Graylog shows of the streams.
type Dashboard struct {
	Title   string
	Summary string
	Range   time.Duration // what it shows is so old at most
	Tabs    []Tab
}

// A Tab is a page of the dashboard. It shows one stream.
type Tab struct {
	Title   string
	Stream  Stream
	Widgets []Widget
}

// A Kind says what a widget looks like.
type Kind string

// The kinds of widgets.
const (
	Pie      Kind = "pie"
	Bar      Kind = "bar"
	Line     Kind = "line"
	Messages Kind = "messages" // the records themselves, each with its message below
)

// A Widget is a chart or a table of the records of a tab's stream that its
// query finds. A chart groups them by Rows, splits each group by Columns, and
// draws the Series of what results.
type Widget struct {
	Title    string
	Kind     Kind
	Position Position
	Query    string // in Graylog's syntax, logger:TTP_*

	// Of charts.
	Rows    []Pivot
	Columns []Pivot
	Series  []Series
	BarMode string // of bars: "stack" or "group", "" as Graylog likes
	Events  bool   // marks events of the stream on the time axis

	// Of tables.
	Fields []string // shown in columns
	Limit  int      // the most that it shows

	Sort []Sort // of the rows
}

// A Position is a place on the tab's grid of twelve columns. The first column
// and the first row are 1.
type Position struct {
	Col, Row      int
	Width, Height int // Width may be Full
}

// Full is the width of the whole tab.
const Full = 0

// String returns the position as 1,5 6×4: column and row, width and height.
func (p Position) String() string {
	width := fmt.Sprint(p.Width)
	if p.Width == Full {
		width = "Infinity" // Graylog's word for it
	}
	return fmt.Sprintf("%d,%d %s×%d", p.Col, p.Row, width, p.Height)
}

// A Pivot groups records: by the values of a field, or, for the field
// timestamp, by spans of time that Graylog chooses.
type Pivot struct {
	Field string
	Limit int // of values, the most frequent; 0 for time
}

// IsTime reports whether the groups are spans of time.
func (p Pivot) IsTime() bool { return p.Field == "timestamp" }

// A Series is a number for each group: Function is count, which has no Field,
// avg, max or stddev.
type Series struct {
	Function string
	Field    string
	Color    string // #9c27b0; "" as Graylog likes
}

// String returns the series as Graylog writes it: avg(cpu_percent).
func (s Series) String() string { return s.Function + "(" + s.Field + ")" }

// A Sort orders rows by a field.
type Sort struct {
	Field      string
	Descending bool
}

// RollUp reports whether the chart has a series for all columns together. One
// that is split has none: Graylog would draw it beside the others, and a stack
// would be twice as high as it should.
func (w Widget) RollUp() bool { return len(w.Columns) == 0 }

func newDashboard() Dashboard {
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
			// The stream already says so. But uploading a pack may take the
			// stream from a search, which shows all records then.
			widgets[i].Query = "logger:" + r.Prefix + "*"
		}
		d.Tabs = append(d.Tabs, Tab{r.Tab, newStream(r), widgets})
	}
	return d
}
