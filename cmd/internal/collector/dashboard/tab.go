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

// A source answers what the widgets of a tab ask.
type source interface {
	// aggregate computes pivots over the records that match a query.
	Aggregate(ctx context.Context, q search.Query, pivots []pivot.Pivot) ([]pivot.Table, error)
	// latest returns the records that match and have the latest timestamps, latest
	// first.
	Latest(ctx context.Context, q search.Query, v record.View) ([]record.Record, error)
}

// tabData computes what the widgets of a tab show of the records from a time on
// and before another; zero times are no bounds. The tab is named by its title
// or its stream in any case. If it does not exist, the error wraps ErrNoTab.
func LoadTab(ctx context.Context, s source, title string, from, to time.Time) (TabData, error) {
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

// data computes what the widgets show. Widgets with the same query share one pass
// over the records.
func (tab Tab) data(ctx context.Context, s source, from, to time.Time) (TabData, error) {
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

// fill computes what some widgets with one query show.
func (tab Tab) fill(ctx context.Context, s source, q search.Query, widgets []int, data []WidgetData) error {
	var pivots []pivot.Pivot
	var charts []int
	for _, i := range widgets {
		w := tab.Widgets[i]
		if w.Kind != string(contentpack.Messages) {
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

// lineTexts is how many characters of its texts a record has in a table of
// records.
const lineTexts = 1_000
