package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func TestAPI(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "two"),
		collectortest.Frame("DIR_a", "three"), "nonsense")
	collectortest.Await(t, c, search.Query{}, 3)
	for len(c.Stats().Newest) == 0 {
		time.Sleep(time.Millisecond)
	}
	tests := []struct {
		target string
		status int
		want   []string // parts of the body, whose spaces are removed
	}{
		{"/healthz", 200, []string{`{"status":"ok"}`}},
		{
			"/api/streams",
			200,
			[]string{
				`{"name":"TTP","title":"TTPStream","rule":"loggerCONTAINSTTP_","records":2,"errors":0,"warnings":0}`,
			},
		},
		{"/api/streams?x=1", 400, []string{`unknownparameter\"x\"`}},
		{
			"/api/search",
			200,
			[]string{`"message":"three"`, `"message":"two"`, `"message":"one"`, `"gl2_source_input":"TTPLogs"`,
				`"fields":{"logger":"TTP_a"}`},
		},
		{"/api/search?stream=TTP&limit=1", 200, []string{`"records":[{"id":2,`, `"before":2}`}},
		{"/api/search?stream=TTP&limit=1&before=2", 200, []string{`"records":[{"id":1,`}},
		{"/api/search?after=0&q=one", 200, []string{`"records":[{"id":1,`}},
		{"/api/search?q=nothing", 200, []string{`{"records":[]}`}},
		{"/api/search?stream=nobody", 400, []string{`nostream`, `Sysmetric,Director,TTP,Worker,Default`}},
		{"/api/search?level=loud", 400, []string{`level\"loud\"`}},
		{"/api/search?limit=0", 400, []string{`limit\"0\"`}},
		{"/api/search?limit=1001", 400, []string{`limit\"1001\":useanumberfrom1to1000`}},
		{"/api/search?limit=99999999999999999999", 400, []string{`limit`}},
		{"/api/search?before=x", 400, []string{`before\"x\"`}},
		{"/api/search?strem=TTP", 400, []string{`unknownparameter\"strem\"`, `stream`}},
		{"/api/search?q=a&q=b", 400, []string{`given2times`}},
		{"/api/search?q=%zz", 400, []string{`invalidURLescape`}},
		{"/api/wait?n=3", 200, []string{`{"count":3,"wanted":3}`}},
		{"/api/wait?stream=TTP&n=3&timeout=10ms", 504, []string{`"count":2,"wanted":3,"error":"2of3recordsafter10ms"`}},
		{"/api/wait?n=0", 400, []string{`n\"0\"`}},
		{"/api/wait?timeout=soon", 400, []string{`timeout\"soon\"`}},
		{"/api/wait?timeout=11m", 400, []string{`atmost10m`}},
		{"/api/wait?stream=nobody", 400, []string{`nostream`}},
		{"/api/wait?limit=3", 400, []string{`unknownparameter`}},
		{
			"/api/stats",
			200,
			[]string{`"received":4`, `"stored":3`, `"snippet":"nonsense"`, `"title":"TTPLogs"`, `"records":3`,
				`"store_error":""`},
		},
		{"/api/nothing", 404, []string{`{"error":"nopage/api/nothing"}`}},
		{"/assets/page.css", 200, []string{`--ground`}},
		{"/assets/page.html", 404, []string{`nopage`}},
		{"/assets/../page.go", 307, nil},
	}
	for _, tt := range tests {
		status, body := collectortest.Get(t, c, tt.target)
		if status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.target, status, tt.status, body)
		}
		body = strings.Join(strings.Fields(body), "")
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in %s", tt.target, want, body)
			}
		}
	}
}

func TestAPIHeaders(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	for _, target := range []string{"/", "/api/stats", "/assets/page.js", "/nothing"} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "no-",
		} {
			if got := w.Header().Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(method, "/api/search", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
		var answer struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Error == "" {
			t.Errorf("%s: %s, %v", method, w.Body, err)
		}
	}
}

// A collector is not healthy until its inputs run.
func TestHealthBeforeRun(t *testing.T) {
	c, err := collector.New(collector.Config{Inputs: collectortest.FreeInputs(), Page: collector.PageOff})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if status, body := collectortest.Get(t, c, "/healthz"); status != 503 ||
		!strings.Contains(body, "TTP Logs is not running") {
		t.Errorf("/healthz before Run: %d %s", status, body)
	}
	if c.PageURL() != "" {
		t.Errorf("PageURL is %q with the page off", c.PageURL())
	}
}

// HEAD has the headers of GET on every path, and no body.
func TestHeadLikeGet(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"))
	collectortest.Await(t, c, search.Query{}, 1)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for _, rt := range api.Endpoints() {
		if rt.Method != "GET" {
			continue
		}
		path := strings.TrimPrefix(strings.Replace(rt.Path, "{id}", "1", 1), "/")
		if rt.Path == "/api/dashboard/data" {
			path += "?tab=TTP"
		}
		answer, err := client.Head(c.PageURL() + path)
		if err != nil {
			t.Errorf("HEAD %s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != 200 || len(body) > 0 || err != nil || answer.Header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: status %d, Content-Type %q, %d bytes, %v", path, answer.StatusCode,
				answer.Header.Get("Content-Type"), len(body), err)
		}
	}
}

// The error of a query has the position of the mistake.
func TestErrorPosition(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	for target, want := range map[string]int{
		"/api/search?q=a+AND":     5,
		"/api/export?q=(a":        0,
		"/api/tail?q=timestamp:x": 10,
		"/api/facets?q=x+a:":      4,
	} {
		status, body := collectortest.Get(t, c, target)
		var e struct {
			Error    string
			Position *int
		}
		if err := json.Unmarshal(
			[]byte(body),
			&e,
		); err != nil || status != 400 || e.Position == nil || *e.Position != want {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	if status, body := collectortest.Get(t, c, "/api/records/7"); status != 404 {
		t.Errorf("a record that is not there: %d %s", status, body)
	}
	if status, body := collectortest.Get(t, c, "/api/dashboard/data?tab=x"); status != 404 ||
		!strings.Contains(body, "TTP Analysis") {
		t.Errorf("a tab that is not there: %d %s", status, body)
	}
	if status, body := collectortest.Get(t, c, "/api/search?range=5&from=2026-01-01"); status != 400 {
		t.Errorf("range and from: %d %s", status, body)
	}
}
