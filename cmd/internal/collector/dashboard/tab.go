package dashboard

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/contentpack"
)

// A Source computes the data of widgets.
type Source interface {
	// Aggregate computes pivots over the records that match a query.
	Aggregate(ctx context.Context, q search.Query, pivots []pivot.Pivot) ([]pivot.Table, error)
	// Latest returns the records that match and have the latest timestamps, latest
	// first.
	Latest(ctx context.Context, q search.Query, v record.View) ([]record.Record, error)
}

// LoadTab returns the data of a tab's widgets, for records from a time up to another,
// which is not included. A zero time means no bound. title is the tab's title or
// stream, in any case. If the tab does not exist, the error wraps ErrNoTab.
func LoadTab(ctx context.Context, s Source, title string, from, to time.Time) (TabData, error) {
	board := New()
	var titles []string
	for _, tab := range board.Tabs {
		if strings.EqualFold(tab.Title, title) || strings.EqualFold(tab.Stream, title) {
			return tab.data(ctx, s, from, to)
		}
		titles = append(titles, tab.Title)
	}
	return TabData{}, fmt.Errorf("%w %q: use one of %s", ErrNoTab, title, strings.Join(titles, ", "))
}

// data returns the data of the widgets. Widgets with the same query share one pass
// over the records.
func (tab Tab) data(ctx context.Context, s Source, from, to time.Time) (TabData, error) {
	data := TabData{Tab: tab.Title, From: from, To: to, Widgets: make([]WidgetData, len(tab.Widgets))}
	byQuery := make(map[string][]int) // indexes of widgets
	var queries []string
	for i, w := range tab.Widgets {
		if byQuery[w.Query] == nil {
			queries = append(queries, w.Query)
		}
		byQuery[w.Query] = append(byQuery[w.Query], i)
		data.Widgets[i] = WidgetData{Title: w.Title, Kind: w.Kind}
	}
	for _, text := range queries {
		q := search.Query{Stream: tab.Stream, Text: text, From: from, To: to}
		if err := tab.fill(ctx, s, q, byQuery[text], data.Widgets); err != nil {
			return data, err
		}
	}
	return data, nil
}

// fill computes the data of the widgets that have the same query.
func (tab Tab) fill(ctx context.Context, s Source, q search.Query, widgets []int, data []WidgetData) error {
	var pivots []pivot.Pivot
	var charts []int
	for _, i := range widgets {
		w := tab.Widgets[i]
		if w.Kind != string(contentpack.KindMessages) {
			pivots = append(pivots, pivot.Pivot{Row: w.GroupBy, Column: w.SplitBy, Series: w.Series})
			charts = append(charts, i)
			continue
		}
		// The content pack sorts the table by timestamp: a record that came late,
		// after an outage, is listed at its time.
		q.Limit = min(w.Limit, search.MaxLimit)
		var err error
		if data[i].Records, err = s.Latest(ctx, q, record.View{Cut: lineTexts, Fields: w.Fields}); err != nil {
			return err
		}
	}
	tables, err := s.Aggregate(ctx, q, pivots)
	for i := range tables {
		data[charts[i]].Table = &tables[i]
	}
	return err
}

// lineTexts is the number of characters to which texts are truncated in a table of
// records.
const lineTexts = 1_000
