// Package dashboard has the dashboard of the content pack and computes what its
// widgets show.
package dashboard

import (
	"errors"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/contentpack"
)

// ErrNoTab is the error of a tab that does not exist.
var ErrNoTab = errors.New("no tab")

// A Dashboard is the dashboard of the content pack.
type Dashboard struct {
	Title   string  `json:"title"`
	Summary string  `json:"summary"`
	Range   float64 `json:"range_seconds"` // shown by default
	Tabs    []Tab   `json:"tabs"`
}

// A Tab is a page of the dashboard that shows one stream.
type Tab struct {
	Title   string   `json:"title"`
	Stream  string   `json:"stream"` // name
	Widgets []Widget `json:"widgets"`
}

// A Widget is a chart or a table of records on a grid with twelve columns.
type Widget struct {
	Title  string `json:"title"`
	Kind   string `json:"kind"` // pie, bar, line, messages
	Col    int    `json:"col"`  // from 1
	Row    int    `json:"row"`  // from 1
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Query  string `json:"query"`

	// Fields of charts:
	GroupBy *pivot.Group   `json:"rows,omitempty"`
	SplitBy *pivot.Group   `json:"columns,omitempty"`
	Series  []pivot.Series `json:"series,omitempty"`
	Colors  []string       `json:"colors,omitempty"` // of the series, "" for the default color
	BarMode string         `json:"bar_mode,omitempty"`

	// Fields of tables of records:
	Fields []string `json:"fields,omitempty"`
	Limit  int      `json:"limit,omitempty"`
}

// TabData is the data that the widgets of a tab show.
type TabData struct {
	Tab     string       `json:"tab"`
	From    time.Time    `json:"from"`
	To      time.Time    `json:"to"`
	Widgets []WidgetData `json:"widgets"` // in the order of Tab.Widgets
}

// WidgetData is the data that a widget shows: a Table, or the Records with the latest
// timestamps, latest first.
type WidgetData struct {
	Title   string          `json:"title"`
	Kind    string          `json:"kind"`
	Table   *pivot.Table    `json:"table,omitempty"`
	Records []record.Record `json:"records,omitempty"`
}

// Range returns the range of time that the dashboard shows by default.
func Range() time.Duration { return record.Pack().Dashboard.Range }

// New returns the dashboard of the content pack.
func New() Dashboard {
	d := record.Pack().Dashboard
	board := Dashboard{Title: d.Title, Summary: d.Summary, Range: d.Range.Seconds()}
	for i, t := range d.Tabs {
		tab := Tab{Title: t.Title, Stream: record.Streams()[i].Name}
		for _, w := range t.Widgets {
			tab.Widgets = append(tab.Widgets, newWidget(w))
		}
		board.Tabs = append(board.Tabs, tab)
	}
	return board
}

func newWidget(w contentpack.Widget) Widget {
	made := Widget{
		Title:   w.Title,
		Kind:    string(w.Kind),
		Col:     w.Position.Col,
		Row:     w.Position.Row,
		Width:   w.Position.Width,
		Height:  w.Position.Height,
		Query:   w.Query,
		BarMode: w.BarMode,
		Fields:  w.Fields,
		Limit:   w.Limit,
	}
	if made.Width == contentpack.FullWidth {
		made.Width = 12
	}
	group := func(by []contentpack.Pivot) *pivot.Group {
		if len(by) == 0 {
			return nil
		}
		return &pivot.Group{Field: by[0].Field, Limit: by[0].Limit}
	}
	made.GroupBy, made.SplitBy = group(w.Rows), group(w.Columns)
	for _, s := range w.Series {
		made.Series = append(made.Series, pivot.Series{Function: s.Function, Field: s.Field})
		made.Colors = append(made.Colors, s.Color)
	}
	return made
}
