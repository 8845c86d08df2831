package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func TestClear(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "two"))
	collectortest.Await(t, c, search.Query{}, 2)
	post := func(body string, headers ...string) (int, string) {
		r := httptest.NewRequest("POST", "http://localhost:9000/api/clear", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	const yes = `{"confirm":"clear"}`
	for _, tt := range []struct {
		body    string
		headers []string
		want    int
	}{
		{yes, nil, 403},
		{yes, []string{"X-Requested-By", "x", "Origin", "http://evil.example"}, 403},
		{yes, []string{"X-Requested-By", "x", "Sec-Fetch-Site", "cross-site"}, 403},
		{yes, []string{"X-Requested-By", "x", "Content-Type", "text/plain"}, 415},
		{`{}`, []string{"X-Requested-By", "x"}, 400},
		{`{"confirm":"clear","x":1}`, []string{"X-Requested-By", "x"}, 400},
		{`[`, []string{"X-Requested-By", "x"}, 400},
	} {
		if status, body := post(tt.body, tt.headers...); status != tt.want {
			t.Errorf("%s %v: %d %s, want %d", tt.body, tt.headers, status, body, tt.want)
		}
	}
	if status, body := post(yes, "X-Requested-By", "page", "Origin", "http://localhost:9000", "Sec-Fetch-Site",
		"same-origin"); status != 200 || !strings.Contains(body, `"cleared": 2`) {
		t.Errorf("clear: %d %s", status, body)
	}
	for _, st := range c.Streams() {
		if st.Records+st.Errors+st.Warnings != 0 {
			t.Errorf("after it: %+v", st)
		}
	}
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "three"))
	collectortest.Await(t, c, search.Query{}, 1)
	if r, err := c.Search(t.Context(), search.Query{}); err != nil || len(r) != 1 || r[0].ID != 3 {
		t.Errorf("after it: %+v, %v", r, err)
	}
}
