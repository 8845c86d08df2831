package indexfailure

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// serve starts a server that responds with the result of a function for each
// path, and returns a client.
func serve(t *testing.T, answers map[string]func(query url.Values) string) *graylog.Client {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := answers[r.URL.Path]
		if answer == nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, answer(r.URL.Query()))
	}))
	t.Cleanup(web.Close)
	api, err := graylog.New(graylog.Config{URL: web.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

// always returns a function that returns the text.
func always(text string) func(url.Values) string { return func(url.Values) string { return text } }

// since returns the duration from a time to now.
func since(t *testing.T, at string) time.Duration {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return time.Since(when)
}

// TestRead replays the response of Graylog 7.0.1 about ten refused records. One
// has a timestamp in the year 10001.
func TestRead(t *testing.T) {
	text, err := os.ReadFile("testdata/failures-7.0.1.json")
	if err != nil {
		t.Fatal(err)
	}
	api := serve(t, map[string]func(url.Values) string{failuresPath: always(string(text))})
	r, err := Read(t.Context(), api, since(t, "2026-11-27T11:00:00Z"))
	if err != nil || r.Total != 10 || r.Rest() != "" || len(r.Groups) != 9 {
		t.Fatalf("%+v, %v", r, err)
	}
	var lines []string
	for _, g := range r.Groups {
		lines = append(lines, g.Found())
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"2 refused, the last at 2026-11-27 11:12:34 UTC: the field unit_num is an integer (long) in the index graylog_0, " +
			"and a text in the refused records; logger of the refused records: unknown",
		"the field unit_num is an integer (long) in the index graylog_0, and a text that looks like a date in",
		"the field unit_num is an integer (long) in the index graylog_0, and a number out of its range in",
		"the field unit_date is a date in the index graylog_0, and a text in",
		"the field unit_float is a number (float) in the index graylog_0, and a text in",
		"the field unit_huge is a number (float) in the index graylog_0, and a number out of its range in",
		"by the index graylog_0: field unit_big: the text is longer than 32766 bytes",
		"by the index graylog_0: field _version: the index reserves the name",
		"the field timestamp is a date in the index graylog_0",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no group says %q:\n%s", want, all)
		}
	}
	if n, newest, err := Count(t.Context(), api); err != nil || n < 10 || newest == "" {
		t.Errorf("Count() = %d, %q, %v", n, newest, err)
	}
}

// TestReadByArrival checks that a record from a spool counts although its
// timestamp is old, and that a record with the same timestamp which arrived long
// ago does not.
func TestReadByArrival(t *testing.T) {
	const old = `{"total":1,"failures":[{"timestamp":"2020-01-01T00:00:00.000Z",` +
		`"message":"failed to parse field [n] of type [long] in document with id '%s'"}]}`
	for id, want := range map[string]int{
		"728b4130-ea53-11f1-ba36-02fc00000001": 1, // created at 11:12:35
		"728b4130-ea53-11e1-ba36-02fc00000001": 0, // years before
		"728b4130-ea53-41f1-ba36-02fc00000001": 0, // not version 1
		"x":                                    0,
	} {
		api := serve(t, map[string]func(url.Values) string{failuresPath: always(fmt.Sprintf(old, id))})
		r, err := Read(t.Context(), api, since(t, "2026-11-27T11:00:00Z"))
		if err != nil || r.Total != want {
			t.Errorf("%s: %d records, want %d; %v", id, r.Total, want, err)
		}
	}
	at, ok := arrived("document with id '728b4130-ea53-11f1-ba36-02fc00000001'")
	if want := "2026-11-27T11:12:35"; !ok || at.Format("2006-01-02T15:04:05") != want {
		t.Errorf("arrived() = %v, %v; want %s", at, ok, want)
	}
}

// TestReadPages has more refused records than Read requests.
func TestReadPages(t *testing.T) {
	const most = pageSize * maxPages
	pages := 0
	api := serve(t, map[string]func(url.Values) string{
		failuresPath: func(query url.Values) string {
			want := fmt.Sprint(pages * pageSize)
			if query.Get("offset") != want || query.Get("limit") != fmt.Sprint(pageSize) {
				t.Errorf("page %d is requested with %v", pages, query)
			}
			pages++
			one := fmt.Sprintf(`{"timestamp":%q,"message":"failed to parse field [n] of type [long]"},`,
				time.Now().UTC().Format(graylog.TimeFormat))
			list := strings.TrimSuffix(strings.Repeat(one, pageSize), ",")
			return `{"total":99999,"failures":[` + list + `]}`
		},
		failuresPath + "/count": always(fmt.Sprintf(`{"count":%d}`, most+7)),
	})
	r, err := Read(t.Context(), api, time.Hour)
	if err != nil || pages != maxPages || len(r.Groups) != 1 || r.Groups[0].Count != most {
		t.Fatalf("%d pages, %+v, %v", pages, r, err)
	}
	if want := fmt.Sprintf("7 more refused, of %d in all", most+7); r.Rest() != want {
		t.Errorf("Rest() = %q, want %q", r.Rest(), want)
	}
}

func TestReadErrors(t *testing.T) {
	if _, err := Read(t.Context(), serve(t, nil), time.Hour); err == nil {
		t.Error("no error if the server forbids it")
	}
	api := serve(t, map[string]func(url.Values) string{failuresPath: always("{}")})
	if _, err := Read(t.Context(), api, time.Hour); err == nil || !strings.Contains(err.Error(), "has no total") {
		t.Errorf("the error for a response without a list is %v", err)
	}
}
