package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
)

// ErrNoTab says that the dashboard has no such tab.
var ErrNoTab = errors.New("no tab")

// A Dashboard is the content pack's, as the page draws it.
type Dashboard struct {
	Title   string  `json:"title"`
	Summary string  `json:"summary"`
	Range   float64 `json:"range_seconds"` // that it has unless told
	Tabs    []Tab   `json:"tabs"`
}

// A Tab is a page of the dashboard, about one stream.
type Tab struct {
	Title   string   `json:"title"`
	Stream  string   `json:"stream"` // name
	Widgets []Widget `json:"widgets"`
}

// A Widget is a chart or a table of records on a grid of twelve columns.
type Widget struct {
	Title  string `json:"title"`
	Kind   string `json:"kind"` // pie, bar, line, messages
	Col    int    `json:"col"`  // from 1
	Row    int    `json:"row"`  // from 1
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Query  string `json:"query"`

	// Of charts.
	GroupBy *Group   `json:"rows,omitempty"`
	SplitBy *Group   `json:"columns,omitempty"`
	Series  []Series `json:"series,omitempty"`
	Colors  []string `json:"colors,omitempty"` // of the series, "" for any
	BarMode string   `json:"bar_mode,omitempty"`

	// Of tables.
	Fields []string `json:"fields,omitempty"`
	Limit  int      `json:"limit,omitempty"`
}

// TabData is what the widgets of a tab show.
type TabData struct {
	Tab     string       `json:"tab"`
	From    time.Time    `json:"from"`
	To      time.Time    `json:"to"`
	Widgets []WidgetData `json:"widgets"` // in the order of the tab's
}

// WidgetData is what one widget shows: a Table, or the Records with the latest
// timestamps, latest first.
type WidgetData struct {
	Title   string   `json:"title"`
	Kind    string   `json:"kind"`
	Table   *Table   `json:"table,omitempty"`
	Records []Record `json:"records,omitempty"`
}

// Dashboard returns the dashboard of the content pack.
func (c *Collector) Dashboard() Dashboard {
	d := pack().Dashboard
	board := Dashboard{Title: d.Title, Summary: d.Summary, Range: d.Range.Seconds()}
	for i, t := range d.Tabs {
		tab := Tab{Title: t.Title, Stream: streams()[i].Name}
		for _, w := range t.Widgets {
			tab.Widgets = append(tab.Widgets, newWidget(w))
		}
		board.Tabs = append(board.Tabs, tab)
	}
	return board
}

func newWidget(w contentpack.Widget) Widget {
	made := Widget{
		Title: w.Title, Kind: string(w.Kind), Col: w.Position.Col, Row: w.Position.Row, Width: w.Position.Width, Height: w.Position.Height,
		Query: w.Query, BarMode: w.BarMode, Fields: w.Fields, Limit: w.Limit,
	}
	if made.Width == contentpack.Full {
		made.Width = 12
	}
	group := func(by []contentpack.Pivot) *Group {
		if len(by) == 0 {
			return nil
		}
		return &Group{Field: by[0].Field, Limit: by[0].Limit}
	}
	made.GroupBy, made.SplitBy = group(w.Rows), group(w.Columns)
	for _, s := range w.Series {
		made.Series = append(made.Series, Series{s.Function, s.Field})
		made.Colors = append(made.Colors, s.Color)
	}
	return made
}

// TabData computes what the widgets of a tab show of the records from a time on
// and before another; zero times are no bounds. The tab is named by its title
// or its stream in any case; [ErrNoTab] says that there is none.
func (c *Collector) TabData(ctx context.Context, title string, from, to time.Time) (TabData, error) {
	board := c.Dashboard()
	var titles []string
	for _, tab := range board.Tabs {
		if strings.EqualFold(tab.Title, title) || strings.EqualFold(tab.Stream, title) {
			return c.tabData(ctx, tab, from, to)
		}
		titles = append(titles, tab.Title)
	}
	return TabData{}, fmt.Errorf("%w %q: use one of %s", ErrNoTab, title, strings.Join(titles, ", "))
}

func (c *Collector) tabData(ctx context.Context, tab Tab, from, to time.Time) (TabData, error) {
	data := TabData{Tab: tab.Title, From: from, To: to, Widgets: make([]WidgetData, len(tab.Widgets))}
	var queries []string
	for _, w := range tab.Widgets {
		if !slices.Contains(queries, w.Query) {
			queries = append(queries, w.Query)
		}
	}
	for _, text := range queries {
		q := Query{Stream: tab.Stream, Text: text, From: from, To: to}
		var pivots []Pivot
		var places []int
		for i, w := range tab.Widgets {
			if w.Query != text {
				continue
			}
			data.Widgets[i] = WidgetData{Title: w.Title, Kind: w.Kind}
			if w.Kind != string(contentpack.Messages) {
				pivots = append(pivots, Pivot{w.GroupBy, w.SplitBy, w.Series})
				places = append(places, i)
				continue
			}
			q.Limit = min(w.Limit, MaxLimit)
			f, err := newFilter(q)
			if err != nil {
				return data, err
			}
			// As the content pack sorts them: a record that came late, after an
			// outage, stands at its time.
			sp := c.store.span(f)
			newest, err := c.store.byTime(ctx, sp, lastMoment, true, f.limit)
			if err != nil {
				return data, err
			}
			if data.Widgets[i].Records, err = c.store.recordsAt(ctx, sp, newest, view{lineTexts, w.Fields}); err != nil {
				return data, err
			}
		}
		tables, err := c.Aggregate(ctx, q, pivots)
		if err != nil {
			return data, err
		}
		for i, place := range places {
			data.Widgets[place].Table = &tables[i]
		}
	}
	return data, nil
}

// lineTexts is how many characters of its texts a record has in a table of
// records.
const lineTexts = 1_000
