package graylogtest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A Widget is a widget of a dashboard.
type Widget struct {
	Tab, Title string
	Values     int // numbers in a chart, messages in a table
}

// A Dashboard is a dashboard of the server.
type Dashboard struct {
	URL     string // of its page
	Widgets []Widget
}

// A view is the part of a dashboard's JSON that Dashboard reads.
type view struct {
	State map[string]struct { // by tab, which is a query of the search
		Titles  map[string]map[string]string `json:"titles"`         // of "tab" and "widget"
		Mapping map[string][]string          `json:"widget_mapping"` // from widgets to search types
	} `json:"state"`
}

// results are the results of a search.
type results struct {
	Results map[string]struct {
		Errors []any                 `json:"errors"`
		Types  map[string]typeResult `json:"search_types"`
	} `json:"results"`
}

type typeResult struct {
	Messages []any `json:"messages"`
	Rows     []struct {
		Values []struct{ Value any } `json:"values"`
	} `json:"rows"`
}

// values returns the number of messages and of numbers.
func (r typeResult) values() int {
	n := len(r.Messages)
	for _, row := range r.Rows {
		for _, v := range row.Values {
			if _, ok := v.Value.(json.Number); ok {
				n++
			}
		}
	}
	return n
}

// Dashboard runs the search of the dashboard with this title.
func (s *Server) Dashboard(title string) Dashboard {
	s.t.Helper()
	ctx := context.Background()
	list, err := s.API.Dashboards(ctx)
	s.check(err)
	id := ""
	for _, d := range list {
		if d.Title == title {
			id = d.ID
		}
	}
	if id == "" {
		s.t.Fatalf("graylogtest: Graylog has no dashboard %q", title)
	}
	raw, err := s.API.Dashboard(ctx, id)
	s.check(err)
	var v view
	text, err := json.Marshal(raw)
	s.check(err)
	s.check(json.Unmarshal(text, &v))
	var found results
	s.check(s.API.RunSearch(ctx, raw["search"], &found))

	d := Dashboard{URL: s.URL + "/dashboards/" + id}
	for tab, state := range v.State {
		result := found.Results[tab]
		if len(result.Errors) > 0 {
			s.t.Fatalf("graylogtest: the search of dashboard %q failed: %v", title, result.Errors)
		}
		tabTitle := strings.Join(slices.Collect(maps.Values(state.Titles["tab"])), "")
		for widget, types := range state.Mapping {
			w := Widget{Tab: tabTitle, Title: state.Titles["widget"][widget]}
			for _, id := range types {
				w.Values += result.Types[id].values()
			}
			d.Widgets = append(d.Widgets, w)
		}
	}
	return d
}
