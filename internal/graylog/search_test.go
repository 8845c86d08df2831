package graylog

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		search Search
		path   string
		query  url.Values
	}{
		{
			search: Search{Query: "a:b", Range: 5 * time.Minute, Limit: 1},
			path:   "/api/search/universal/relative",
			query:  url.Values{"query": {"a:b"}, "range": {"300"}, "limit": {"1"}},
		},
		{
			search: Search{
				Query:  "a:b",
				From:   time.Unix(0, 0),
				To:     time.Unix(60, 0),
				Fields: "a,b",
				Sort:   "timestamp:desc",
				Limit:  10,
			},
			path: "/api/search/universal/absolute",
			query: url.Values{
				"query":  {"a:b"},
				"from":   {"1970-01-01T00:00:00.000Z"},
				"to":     {"1970-01-01T00:01:00.000Z"},
				"fields": {"a,b"},
				"sort":   {"timestamp:desc"},
				"limit":  {"10"},
			},
		},
	} {
		web := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != tc.path || r.URL.Query().Encode() != tc.query.Encode() {
				t.Errorf("%+v asks for %s, want %s?%s", tc.search, r.URL, tc.path, tc.query.Encode())
			}
			fmt.Fprint(w, `{"messages":[{"message":{"n":1}},{"message":{"n":2}}],"total_results":7}`)
		})
		got, total, err := Find[struct{ N int }](t.Context(), client(t, Config{URL: web.URL}), tc.search)
		if err != nil || total != 7 || len(got) != 2 || got[1].N != 2 {
			t.Errorf("Find returned %v, %d, %v", got, total, err)
		}
	}
}

// TestDashboards reads several pages of either form of the list.
func TestDashboards(t *testing.T) {
	const stored = 2*dashboardsPerPage + 1
	for _, list := range []string{"views", "elements"} {
		web := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var page int
			fmt.Sscan(r.FormValue("page"), &page)
			fmt.Fprintf(w, `{"total":%d,%q:[`, stored, list)
			first := (page - 1) * dashboardsPerPage
			for i := first; i < min(first+dashboardsPerPage, stored); i++ {
				if i > first {
					fmt.Fprint(w, ",")
				}
				fmt.Fprintf(w, `{"id":"%d","title":"t"}`, i)
			}
			fmt.Fprint(w, "]}")
		})
		all, err := client(t, Config{URL: web.URL}).Dashboards(t.Context())
		if err != nil || len(all) != stored || all[stored-1].ID != fmt.Sprint(stored-1) {
			t.Errorf("%s: %d dashboards, want %d; %v", list, len(all), stored, err)
		}
	}
}
