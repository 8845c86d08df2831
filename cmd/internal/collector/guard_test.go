package collector

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// answerTo sends a request through a real connection and returns the status and
// the error of the answer.
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
	var body errorAnswer
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Errorf("status %d without a JSON error: %v", answer.StatusCode, err)
	}
	return answer.StatusCode, body.Error
}

// Without a token, a web page whose name resolves to this machine cannot read
// records.
func TestHostGuard(t *testing.T) {
	loopback := start(t, Options{})
	page, err := url.Parse(loopback.PageURL())
	if err != nil {
		t.Fatal(err)
	}
	open := start(t, Options{Page: "0.0.0.0:0", NoToken: true})
	token := start(t, Options{Token: "0123456789abcdef"})
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		c    *Collector
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
		{open, "collector:9000", 200}, // such as another container's name for it
		{open, "evil.example", 403},
		{open, "evil.example:9000", 403},
		{open, "localhost.evil.example", 403},
		{token, "logs.example", 200}, // of a proxy
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

// A page of another site learns nothing from the REST API, not even from how
// long an answer takes. The collector's own page, links to it, and programs are
// let through.
func TestSiteGuard(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "secret"))
	await(t, c, Query{}, 1)
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
	for _, rt := range (&restAPI{}).table() {
		if !strings.HasPrefix(rt.path, "/api/") {
			continue
		}
		path := strings.ReplaceAll(rt.path, "{id}", "1")
		for _, headers := range foreign {
			status, failure := ask(rt.httpMethod(), path, headers...)
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

	// In another server, behind a prefix, too.
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
