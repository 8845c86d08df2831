package collector_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// selected compiles a query.
func selected(t *testing.T, q search.Query) store.Filter {
	t.Helper()
	f, err := search.NewFilter(q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// contents returns the results of several queries of a store, or the first error.
func contents(t *testing.T, dir string) (found []string, err error) {
	s, err := store.Open(dir, record.StreamNames(), func(error) {})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	all := selected(t, search.Query{})
	err = s.Snapshot(all).Descend(t.Context(), func(id int64, r *index.Row) bool {
		found = append(found, fmt.Sprint(id, r.Message, r.Timestamp, r.Fields))
		return true
	})
	if err != nil {
		return nil, err
	}
	for _, q := range []search.Query{
		{Text: "message"}, {Text: "logger:TTP_a"}, {Text: "n:3"}, {Level: "error"}, {Stream: "WKR"},
	} {
		n, err := search.Count(t.Context(), s.Snapshot(selected(t, q)), storetest.NoLimit)
		if err != nil {
			return nil, err
		}
		found = append(found, strconv.Itoa(n))
	}
	tables, err := pivot.Aggregate(t.Context(), s.Snapshot(all), []pivot.Pivot{{
		Row:    &pivot.Group{Field: "logger", Limit: 9},
		Series: []pivot.Series{{Function: "count"}, {Function: "avg", Field: "n"}},
	}})
	if err != nil {
		return nil, err
	}
	facets, err := pivot.CountFacets(t.Context(), s.Snapshot(all), []string{"logger", "n"}, 10)
	if err != nil {
		return nil, err
	}
	for _, row := range tables[0].Cells {
		for _, cell := range row {
			for _, n := range cell {
				found = append(found, fmt.Sprintf("%.6f", *n))
			}
		}
	}
	return append(found, fmt.Sprint(tables[0].Rows, facets)), nil
}

// Whichever page of a database is damaged, a query returns the right result or an
// error.
func TestDamagedPages(t *testing.T) {
	const step = 5 // all pages take 10 s
	dir := storetest.WriteDir(t, index.BlockRows+500, "")
	want, err := contents(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "records.db")
	intact, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	damages := map[string]func(p []byte, n int){
		"zeros": func(p []byte, _ int) { clear(p) },
		"a bit": func(p []byte, n int) { p[(n*997+page/2)%page] ^= 4 },
		"another page": func(p []byte, n int) {
			other := (n + 3) % (len(intact) / page) * page
			copy(p, intact[other:other+page])
		},
	}
	failed := 0
	for n := 0; n < len(intact)/page; n += step {
		for name, damage := range damages {
			broken := append([]byte(nil), intact...)
			damage(broken[n*page:(n+1)*page], n)
			if err := os.WriteFile(file, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := contents(t, dir)
			switch {
			case err == nil:
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s in page %d is not noticed (-want +got):\n%.400s", name, n, d)
				}
			case !errors.Is(err, index.ErrDamaged):
				t.Errorf("%s in page %d: %v, want ErrDamaged", name, n, err)
			default:
				failed++
			}
		}
	}
	t.Logf("%d pages, damage noticed %d times", len(intact)/page, failed)
	if failed == 0 {
		t.Error("no damage was noticed")
	}
}

// Damage that every start reads is the error of New, which says what to do.
func TestDamageAtStart(t *testing.T) {
	dir := storetest.WriteDir(t, 100, "")
	file := filepath.Join(dir, "records.db")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string][]byte{
		"header":     append([]byte("not a database at all"), text[21:]...),
		"half of it": text[:len(text)/2/4096*4096],
	} {
		if err := os.WriteFile(file, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := collector.New(collector.Config{
			Inputs:  collectortest.FreeInputs(),
			Page:    collector.PageOff,
			Dir:     dir,
			OnError: func(err error) { t.Errorf("%s: OnError was called before Run with %v", name, err) },
		})
		if !errors.Is(err, index.ErrDamaged) || !strings.Contains(err.Error(), dir) ||
			!strings.Contains(err.Error(), "restore a copy") {
			t.Errorf("%s: New: %v, want ErrDamaged with the directory and what to do", name, err)
		}
	}
}

// Damage in old records is reported soon after the start, by OnError, Err, /healthz
// and the statistics. Queries that read these records fail.
func TestDamageReported(t *testing.T) {
	dir := storetest.WriteDir(t, 2*index.BlockRows+500, strings.Repeat("x", 2000))
	storetest.ClearRecordPage(t, dir, 700)
	told := make(chan error, 100)
	c, stop := collectortest.StartStop(t, collector.Config{Dir: dir, OnError: func(err error) { told <- err }})
	if err := <-told; !errors.Is(err, index.ErrDamaged) || !strings.Contains(err.Error(), dir) {
		t.Errorf("OnError was called with %v, want ErrDamaged with the directory", err)
	}
	if err := c.Err(); !errors.Is(err, index.ErrDamaged) {
		t.Errorf("Err returns %v", err)
	}
	if s := c.Stats(); !strings.Contains(s.Damage, "damaged") {
		t.Errorf("the statistics have %q", s.Damage)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	ask := func(path string) (*http.Response, string, error) {
		r, err := http.NewRequest("GET", c.PageURL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return answer, string(body), err
	}
	for path, want := range map[string]int{
		"healthz": 503, "api/search?order=oldest&limit=1000": 500, "api/records/700": 500,
		"api/export?before=1000": 500, "api/export?before=1000&format=csv": 500,
		"api/search?limit=1000": 200, "api/wait?timeout=0s": 200,
	} {
		answer, body, err := ask(path)
		var failure struct{ Error string }
		if err != nil || answer.StatusCode != want {
			t.Errorf("%s: status %d, %v, want %d", path, answer.StatusCode, err, want)
		}
		err = json.Unmarshal([]byte(body), &failure)
		if want != 200 && (err != nil || !strings.Contains(failure.Error, index.ErrDamaged.Error())) {
			t.Errorf("%s: %s, %v", path, body, err)
		}
		if answer.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: an error is offered as a file", path)
		}
	}

	// An export that has begun is broken off.
	for _, format := range []string{"ndjson", "csv"} {
		answer, body, err := ask("api/export?format=" + format)
		if answer.StatusCode != 200 || body == "" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf(
				"export of %s: status %d, %d bytes, %v; want an unexpected end",
				format,
				answer.StatusCode,
				len(body),
				err,
			)
		}
		old := collectortest.PageConn(t, c)
		fmt.Fprintf(old, "GET /api/export?format=%s HTTP/1.0\r\nHost: localhost\r\n\r\n", format)
		if n, err := io.Copy(io.Discard, old); err == nil {
			t.Errorf("export of %s over HTTP/1.0 ends in order after %d bytes", format, n)
		}
	}

	// A tail reports why it ends.
	id, failure := tailFailure(t, c, "after=600&q=%22message+699%22")
	if id != "" || !strings.Contains(failure, "damaged") {
		t.Errorf("the tail sends %q and fails with %q", id, failure)
	}
	if err := stop(); !errors.Is(err, index.ErrDamaged) {
		t.Errorf("Run returns %v", err)
	}
}

// tailFailure returns the last id that a tail sends, and the error with which it ends.
func tailFailure(t *testing.T, c *collector.Collector, query string) (id, failure string) {
	t.Helper()
	conn := collectortest.PageConn(t, c)
	fmt.Fprintf(conn, "GET /api/tail?%s HTTP/1.0\r\nHost: localhost\r\n\r\n", query)
	event := ""
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); {
		case name == "event":
			event = value
		case name == "data" && event == "records":
			id = value
		case name == "data" && event == "failure":
			return id, value
		}
	}
	t.Fatal("the tail ends without an error")
	return "", ""
}

// A store of schema 2, which has no checksums, is upgraded.
func TestUpgradeSchema2(t *testing.T) {
	dir := storetest.WriteDir(t, index.BlockRows+500, "")
	want, err := contents(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"record", "block", "part"} {
		if _, err := db.Exec("ALTER TABLE " + table + " DROP COLUMN sum"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"upgraded", "again"} {
		got, err := contents(t, dir)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", when, err, d)
		}
	}
	s, err := store.Open(dir, record.StreamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Write(rowtest.Simple(index.BlockRows), storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
