package collector

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// getJSON asks for a value and holds the answer against its description.
func getJSON(t testing.TB, c *Collector, target string, into any) {
	t.Helper()
	status, body := get(t, c, target)
	if status != 200 {
		t.Fatalf("%s: status %d: %s", target, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
}

// Each answer is as the description says, and each path is described.
func TestOpenAPI(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"), `{"version":"1.1","host":"h","short_message":"two","full_message":"x","_ok":true,"_n":1.5}`, "nonsense")
	await(t, c, Query{}, 2)
	var d object
	getJSON(t, c, "/api/openapi.json", &d)
	targets := map[string]string{
		"/api/search": "?q=one", "/api/records/{id}": "/api/records/2", "/api/records/{id}/details": "/api/records/2/details", "/api/records/{id}/gelf": "/api/records/2/gelf",
		"/api/wait": "?n=2", "/api/histogram": "", "/api/facets": "?fields=logger,n",
		"/api/aggregate": "?rows=timestamp&columns=logger&series=count(),avg(n)", "/api/dashboard": "", "/api/dashboard/data": "?tab=ttp", "/api/streams": "", "/api/stats": "",
		"/healthz": "", "/api/openapi.json": "",
	}
	for _, rt := range (&restAPI{}).table() {
		op, _ := at(d, "paths", rt.path, strings.ToLower(rt.httpMethod())).(object)
		if op == nil {
			t.Errorf("%s is not described", rt.path)
			continue
		}
		for _, p := range rt.params {
			if !slices.ContainsFunc(op["parameters"].([]any), func(x any) bool { return x.(object)["name"] == p.name && x.(object)["description"] != "" }) {
				t.Errorf("%s: the parameter %s is not described", rt.path, p.name)
			}
		}
		target, ok := targets[rt.path]
		if !ok {
			continue
		}
		if !strings.HasPrefix(target, "/") {
			target = rt.path + target
		}
		var answer any
		getJSON(t, c, target, &answer)
		conforms(t, d, target, at(op, "responses", "200", "content", "application/json", "schema").(object), answer)
		status, body := get(t, c, strings.Split(target, "?")[0]+"?nosuch=1")
		var wrong any
		if err := json.Unmarshal([]byte(body), &wrong); err != nil || status != 400 {
			t.Errorf("%s: status %d for a bad parameter, %v", rt.path, status, err)
		}
		conforms(t, d, target, at(op, "responses", "400", "content", "application/json", "schema").(object), wrong)
	}
}

func at(v any, path ...string) any {
	for _, name := range path {
		v, _ = v.(object)[name]
	}
	return v
}

// conforms holds a value against a schema, of the keywords that describer uses.
func conforms(t testing.TB, d object, where string, schema object, v any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		conforms(t, d, where, at(d, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(object), v)
		return
	}
	if any, ok := schema["anyOf"].([]any); ok {
		if v != nil {
			conforms(t, d, where, any[0].(object), v)
		}
		return
	}
	if len(schema) == 0 { // anything
		return
	}
	kind := "null"
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; v == float64(int64(v)) && schema["type"] == "integer" {
			kind = "integer"
		}
	case []any:
		kind = "array"
		for i, x := range v {
			if items, ok := schema["items"].(object); ok {
				conforms(t, d, fmt.Sprint(where, "/", i), items, x)
			}
		}
	case object:
		kind = "object"
		properties, _ := schema["properties"].(object)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				t.Errorf("%s has no %s", where, name)
			}
		}
		for name, x := range v {
			inner, ok := properties[name].(object)
			if !ok {
				if inner, ok = schema["additionalProperties"].(object); !ok {
					t.Errorf("%s has %s, which is not described", where, name)
					continue
				}
			}
			conforms(t, d, where+"/"+name, inner, x)
		}
	}
	switch want := schema["type"].(type) {
	case nil:
	case string:
		if kind != want {
			t.Errorf("%s is %s, want %s", where, kind, want)
		}
	case []any:
		if !slices.Contains(want, any(kind)) {
			t.Errorf("%s is %s, want %v", where, kind, want)
		}
	}
}

// A mistake in a query is told with its place.
func TestErrorPosition(t *testing.T) {
	c := start(t, Options{})
	for target, want := range map[string]int{"/api/search?q=a+AND": 5, "/api/export?q=(a": 0, "/api/tail?q=timestamp:x": 10, "/api/facets?q=x+a:": 4} {
		status, body := get(t, c, target)
		var e errorAnswer
		if err := json.Unmarshal([]byte(body), &e); err != nil || status != 400 || e.Position == nil || *e.Position != want {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	if status, body := get(t, c, "/api/records/7"); status != 404 {
		t.Errorf("a record that is not there: %d %s", status, body)
	}
	if status, body := get(t, c, "/api/dashboard/data?tab=x"); status != 404 || !strings.Contains(body, "TTP Analysis") {
		t.Errorf("a tab that is not there: %d %s", status, body)
	}
	if status, body := get(t, c, "/api/search?range=5&from=2026-01-01"); status != 400 {
		t.Errorf("range and from: %d %s", status, body)
	}
}

func TestDashboardData(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"), frame("TTP_a", "two"), frame("TTP_b", "three"), frame("DIR_x", "four"))
	await(t, c, Query{}, 4)
	var d TabData
	getJSON(t, c, "/api/dashboard/data?tab=TTP+Analysis", &d)
	if len(d.Widgets) != 3 {
		t.Fatalf("widgets %+v", d.Widgets)
	}
	pie := d.Widgets[0].Table
	if fmt.Sprint(pie.Rows) != "[TTP_a TTP_b]" || *pie.Cells[0][0][0] != 2 || *pie.Cells[1][0][0] != 1 {
		t.Errorf("sources %+v", pie)
	}
	sum := 0.0
	for _, row := range d.Widgets[1].Table.Cells {
		for _, cell := range row {
			if cell[0] != nil {
				sum += *cell[0]
			}
		}
	}
	if sum != 3 || d.Widgets[1].Table.Interval != 5000 {
		t.Errorf("%v records over time, every %d ms", sum, d.Widgets[1].Table.Interval)
	}
	if r := d.Widgets[2].Records; len(r) != 3 || r[0].Message != "three" {
		t.Errorf("records %+v", r)
	}
}

func TestExport(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", `{"version":"1.1","host":"h","short_message":"=1+1","level":3,"_logger":"TTP_a","_x":"a \"b\", c\nd","_n":-5,"_plus":"+49","_minus":"-5"}`, frame("TTP_b", "plain"))
	await(t, c, Query{}, 2)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", "/api/export?format=csv&fields=id,logger,message,x,n,plus,minus,level", nil))
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"id", "logger", "message", "x", "n", "plus", "minus", "level"}, {"2", "TTP_b", "plain", "", "", "", "", "6"}, {"1", "TTP_a", "'=1+1", "a \"b\", c\nd", "-5", "'+49", "-5", "3"}}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("CSV %q, want %q", rows, want)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="records-`) || !strings.HasSuffix(got, `.csv"`) {
		t.Errorf("Content-Disposition %s", got)
	}
	_, body := get(t, c, "/api/export?q=plain")
	var r Record
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.ID != 2 || strings.Count(body, "\n") != 1 {
		t.Errorf("NDJSON %s, %v", body, err)
	}
	if _, body = get(t, c, "/api/export?fields=logger,none"); body != "{\"logger\":\"TTP_b\"}\n{\"logger\":\"TTP_a\"}\n" {
		t.Errorf("NDJSON of one field: %s", body)
	}
}

// tailing opens a live tail and returns what it sends.
func tailing(t *testing.T, c *Collector, query, lastID string) (events func() (id string, e tailEvent)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	r, err := http.NewRequestWithContext(ctx, "GET", c.PageURL()+"api/tail?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	transport := &http.Transport{}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); answer.Body.Close(); transport.CloseIdleConnections() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() && lines.Text() != "" { // the greeting
	}
	return func() (id string, e tailEvent) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				if err := json.Unmarshal([]byte(value), &e); err != nil {
					t.Fatal(err)
				}
				return id, e
			}
		}
		t.Fatal("the tail ended: ", lines.Err())
		return "", e
	}
}

func TestTail(t *testing.T) {
	c := start(t, Options{})
	next := tailing(t, c, "q=wanted", "")
	send(t, c, "TTP Logs", frame("TTP_a", "wanted 1"), frame("TTP_a", "other"), frame("TTP_a", "wanted 2"))
	var got []string
	var last string
	for len(got) < 2 {
		id, e := next()
		last = id
		for _, r := range e.Records {
			got = append(got, r.Message)
		}
	}
	if fmt.Sprint(got) != "[wanted 1 wanted 2]" {
		t.Errorf("the tail has %q", got)
	}
	var frames []string
	for i := range tailRecords + 50 {
		frames = append(frames, frame("TTP_a", fmt.Sprint("wanted late ", i)))
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{Text: "late"}, len(frames))
	// One that comes again goes on behind the last event, and too much at once
	// is left out.
	_, e := tailing(t, c, "q=wanted", last)()
	if len(e.Records) != tailRecords || e.Skipped != 50 || e.Records[tailRecords-1].Message != fmt.Sprint("wanted late ", tailRecords+49) {
		t.Errorf("%d records, %d skipped", len(e.Records), e.Skipped)
	}
}

func TestClear(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"), frame("TTP_a", "two"))
	await(t, c, Query{}, 2)
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
	if status, body := post(yes, "X-Requested-By", "page", "Origin", "http://localhost:9000", "Sec-Fetch-Site", "same-origin"); status != 200 || !strings.Contains(body, `"cleared": 2`) {
		t.Errorf("clear: %d %s", status, body)
	}
	checkCounts(t, c.store)
	send(t, c, "TTP Logs", frame("TTP_a", "three"))
	await(t, c, Query{}, 1)
	if r, err := c.Search(t.Context(), Query{}); err != nil || len(r) != 1 || r[0].ID != 3 {
		t.Errorf("after it: %+v, %v", r, err)
	}
}

func TestToken(t *testing.T) {
	const token = "0123456789abcdef"
	c := start(t, Options{Token: token})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ask := func(path string, headers ...string) *http.Response {
		r, err := http.NewRequest("GET", strings.TrimSuffix(c.PageURL(), "/")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return answer
	}
	for _, tt := range []struct {
		path    string
		headers []string
		want    int
	}{
		{"/", nil, 401}, {"/api/search", nil, 401}, {"/assets/page.css", nil, 401}, {"/healthz", nil, 200}, {"/?token=wrong", nil, 401}, {"/api/search?token=" + token, nil, 401},
		{"/api/search", []string{"Authorization", "Bearer " + token}, 200}, {"/api/search", []string{"Authorization", "bearer " + token}, 200}, {"/api/search", []string{"Authorization", "Bearer x"}, 401},
		{"/api/search", []string{"Cookie", tokenCookie + "=" + token}, 200}, {"/?token=" + token + "&q=a", nil, 303},
	} {
		if got := ask(tt.path, tt.headers...); got.StatusCode != tt.want {
			t.Errorf("%s %v: status %d, want %d", tt.path, tt.headers, got.StatusCode, tt.want)
		}
	}
	entry := ask("/?token=" + token + "&q=a")
	if cookie := entry.Header.Get("Set-Cookie"); entry.Header.Get("Location") != "/?q=a" || !strings.Contains(cookie, "HttpOnly; SameSite=Strict") {
		t.Errorf("Location %s, Set-Cookie %s", entry.Header.Get("Location"), cookie)
	}
	if want := c.PageURL() + "?token=" + token; c.EntryURL() != want {
		t.Errorf("EntryURL is %s", c.EntryURL())
	}

	for _, tt := range []struct {
		opts Options
		want bool
	}{{Options{Page: "127.0.0.1:0"}, false}, {Options{Page: "0.0.0.0:0"}, true}, {Options{Page: "0.0.0.0:0", NoToken: true}, false}} {
		tt.opts.Inputs = freeInputs()
		c, err := New(tt.opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(c.EntryURL(), "token="); got != tt.want {
			t.Errorf("%s: token is %v", tt.opts.Page, got)
		}
		c.Close()
	}
	if _, err := New(Options{Inputs: freeInputs(), Page: PageOff, Token: "short"}); err == nil {
		t.Error("a short token is taken")
	}
}
