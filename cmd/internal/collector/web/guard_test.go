package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// answerTo sends a request over a real connection and returns the status and the error
// of the answer.
func answerTo(t *testing.T, r *http.Request) (status int, failure string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == 200 {
		return 200, ""
	}
	var body struct{ Error string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Errorf("status %d without a JSON error: %v", answer.StatusCode, err)
	}
	return answer.StatusCode, body.Error
}

// Without a token, a web page whose name resolves to this machine cannot read records.
func TestHostGuard(t *testing.T) {
	loopback := collectortest.Start(t, collector.Config{})
	page, err := url.Parse(loopback.PageURL())
	if err != nil {
		t.Fatal(err)
	}
	open := collectortest.Start(t, collector.Config{Page: "0.0.0.0:0", NoToken: true})
	token := collectortest.Start(t, collector.Config{Token: "0123456789abcdef"})
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		c    *collector.Collector
		host string
		want int
	}{
		{loopback, page.Host, 200},
		{loopback, "localhost:" + page.Port(), 200},
		{loopback, "LOCALHOST", 200},
		{loopback, "[::1]:9000", 200},
		{loopback, "127.0.0.2", 200},
		{loopback, "evil.example", 403},
		{loopback, "evil.example:" + page.Port(), 403},
		{loopback, "localhost.evil.example", 403},
		{loopback, "10.0.0.1", 403},
		{open, page.Host, 200},
		{open, "localhost:9000", 200},
		{open, hostname, 200},
		{open, "10.0.0.1:9000", 200},
		{open, "[fd00::1]:9000", 200},
		{open, "collector:9000", 200}, // for example the name by which another container knows it
		{open, "evil.example", 403},
		{open, "evil.example:9000", 403},
		{open, "localhost.evil.example", 403},
		{token, "logs.example", 200}, // the name of a proxy
	}
	for _, tt := range tests {
		r, err := http.NewRequest("GET", tt.c.PageURL()+"api/streams", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tt.host
		r.Header.Set("Authorization", "Bearer 0123456789abcdef")
		if got, failure := answerTo(t, r); got != tt.want || got == 403 && !strings.Contains(failure, "host") {
			t.Errorf("%s, host %s: status %d %s, want %d", tt.c.PageURL(), tt.host, got, failure, tt.want)
		}
	}
}

// A page of another site learns nothing from the REST API, not even from the response
// time. The collector's pages, links to them, and programs are allowed.
func TestSiteGuard(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "secret"))
	collectortest.Await(t, c, search.Query{}, 1)
	page, err := url.Parse(c.PageURL())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string, headers ...string) (int, string) {
		r, err := http.NewRequest(method, strings.TrimSuffix(c.PageURL(), "/")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return answerTo(t, r)
	}
	foreign := [][]string{
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
		{"Sec-Fetch-Site", "same-site"}, // another port of this host
		{"Sec-Fetch-Site", "from a browser to come"},
		{"Origin", "https://evil.example"},
		{"Origin", "http://" + page.Hostname() + ":1"},
		{"Origin", "null"},
		{"Origin", "http://%zz"},
	}
	var described struct {
		Paths map[string]map[string]any // by path and method
	}
	collectortest.GetJSON(t, c, "/api/openapi.json", &described)
	for path, methods := range described.Paths {
		if !strings.HasPrefix(path, "/api/") {
			continue
		}
		path = strings.ReplaceAll(path, "{id}", "1")
		method := "GET"
		if methods["post"] != nil {
			method = "POST"
		}
		for _, headers := range foreign {
			status, failure := ask(method, path, headers...)
			if status != 403 || !strings.Contains(failure, "another site") {
				t.Errorf("%s %q: status %d %s, want 403", path, headers, status, failure)
			}
		}
	}
	began := time.Now()
	for _, path := range []string{"/api/wait?q=none&timeout=1m", "/%61pi/wait?q=none&timeout=1m"} {
		if status, _ := ask("GET", path, foreign[0]...); status != 403 {
			t.Errorf("%s: status %d, want 403", path, status)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("a page of another site was kept waiting for %v", took)
	}
	for _, tt := range []struct {
		path    string
		headers []string
	}{
		{"/api/wait?q=secret", nil},
		{"/api/wait?q=secret", []string{"Sec-Fetch-Site", "same-origin"}},
		{"/api/wait?q=secret", []string{"Sec-Fetch-Site", "none"}},
		{"/api/wait?q=secret", []string{"Origin", "http://" + page.Host}},
		{"/search?q=secret", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}},
		{"/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}},
		{"/healthz", nil},
	} {
		if status, failure := ask("GET", tt.path, tt.headers...); status != 200 {
			t.Errorf("%s %q: status %d %s, want 200", tt.path, tt.headers, status, failure)
		}
	}

	// The same in another server, with a path prefix.
	outer := httptest.NewServer(http.StripPrefix("/logs", c))
	defer outer.Close()
	r, err := http.NewRequest("GET", outer.URL+"/logs/api/search", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := answerTo(t, r); status != 403 {
		t.Errorf("in another server: status %d, want 403", status)
	}
}

func TestToken(t *testing.T) {
	const token = "0123456789abcdef"
	c := collectortest.Start(t, collector.Config{Token: token})
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
		{"/", nil, 401},
		{"/api/search", nil, 401},
		{"/assets/page.css", nil, 401},
		{"/healthz", nil, 200},
		{"/?token=wrong", nil, 401},
		{"/api/search?token=" + token, nil, 401},
		{"/api/search", []string{"Authorization", "Bearer " + token}, 200},
		{"/api/search", []string{"Authorization", "bearer " + token}, 200},
		{"/api/search", []string{"Authorization", "Bearer x"}, 401},
		{"/api/search", []string{"Cookie", "synlogger_token=" + token}, 200}, {"/?token=" + token + "&q=a", nil, 303},
	} {
		if got := ask(tt.path, tt.headers...); got.StatusCode != tt.want {
			t.Errorf("%s %v: status %d, want %d", tt.path, tt.headers, got.StatusCode, tt.want)
		}
	}
	entry := ask("/?token=" + token + "&q=a")
	if cookie := entry.Header.Get("Set-Cookie"); entry.Header.Get("Location") != "/?q=a" ||
		!strings.Contains(cookie, "HttpOnly; SameSite=Strict") {
		t.Errorf("Location %s, Set-Cookie %s", entry.Header.Get("Location"), cookie)
	}
	if want := c.PageURL() + "?token=" + token; c.EntryURL() != want {
		t.Errorf("EntryURL is %s", c.EntryURL())
	}

	for _, tt := range []struct {
		opts collector.Config
		want bool
	}{
		{collector.Config{Page: "127.0.0.1:0"}, false},
		{collector.Config{Page: "0.0.0.0:0"}, true},
		{collector.Config{Page: "0.0.0.0:0", NoToken: true}, false},
	} {
		tt.opts.Inputs = collectortest.FreeInputs()
		c, err := collector.New(tt.opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(c.EntryURL(), "token="); got != tt.want {
			t.Errorf("%s: token is %v", tt.opts.Page, got)
		}
		c.Close()
	}
	if _, err := collector.New(collector.Config{
		Inputs: collectortest.FreeInputs(),
		Page:   collector.PageOff,
		Token:  "short",
	}); err == nil {
		t.Error("a short token is accepted")
	}
}
