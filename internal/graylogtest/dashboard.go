package graylogtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// A Widget is one of a dashboard, with how much it has to show.
type Widget struct {
	Tab, Title string
	Values     int // numbers in a chart, messages in a table
}

// A Dashboard is one of the server's.
type Dashboard struct {
	URL     string // of its page
	Widgets []Widget
}

// A view is what Graylog calls a dashboard, or as much of it as we look at.
type view struct {
	SearchID string              `json:"search_id"`
	State    map[string]struct { // by the tab, which is a query of the search
		Titles  map[string]map[string]string `json:"titles"`         // of "tab" and "widget"
		Mapping map[string][]string          `json:"widget_mapping"` // from widgets to search types
	} `json:"state"`
}

// Dashboard runs the search of the dashboard with this title.
func (s *Server) Dashboard(title string) Dashboard {
	s.t.Helper()
	var list struct {
		Elements []struct{ ID, Title string } `json:"elements"`
	}
	s.must(http.MethodGet, "/dashboards", url.Values{"query": {title}, "per_page": {"100"}}, nil, &list)
	id := ""
	for _, e := range list.Elements {
		if e.Title == title {
			id = e.ID
		}
	}
	if id == "" {
		s.t.Fatalf("graylogtest: there is no dashboard %q", title)
	}
	var v view
	s.must(http.MethodGet, "/views/"+id, nil, nil, &v)
	var search any
	s.must(http.MethodGet, "/views/search/"+v.SearchID, nil, nil, &search)
	var answer struct {
		Results map[string]struct {
			Errors []any `json:"errors"`
			Types  map[string]struct {
				Messages []any `json:"messages"`
				Rows     []struct {
					Values []struct{ Value any }
				} `json:"rows"`
			} `json:"search_types"`
		} `json:"results"`
	}
	s.must(http.MethodPost, "/views/search/sync", nil, search, &answer)

	d := Dashboard{URL: s.URL + "/dashboards/" + id}
	for tab, state := range v.State {
		result := answer.Results[tab]
		if len(result.Errors) > 0 {
			s.t.Fatalf("graylogtest: the search of %s fails: %v", title, result.Errors)
		}
		for widget, types := range state.Mapping {
			w := Widget{Tab: strings.Join(values(state.Titles["tab"]), ""), Title: state.Titles["widget"][widget]}
			for _, id := range types {
				found := result.Types[id]
				w.Values += len(found.Messages)
				for _, row := range found.Rows {
					for _, v := range row.Values {
						if _, ok := v.Value.(json.Number); ok {
							w.Values++
						}
					}
				}
			}
			d.Widgets = append(d.Widgets, w)
		}
	}
	return d
}

func values(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}
