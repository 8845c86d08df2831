package collector

import (
	"bufio"
	"bytes"
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
)

// writeStore writes a store of so many records and returns its directory.
func writeStore(t *testing.T, records int, fullMessage string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "logs")
	s, err := openStore(dir, streamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	rows := someRows(records)
	for i := range rows {
		rows[i].fields = fmt.Sprintf(`{"n":%d}`, i%7)
		rows[i].fullMessage = fullMessage
	}
	if _, err := s.write(rows, noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// contents is all that queries find in a store, or the first error.
func contents(t *testing.T, dir string) (found []string, err error) {
	s, err := openStore(dir, streamNames(), func(error) {})
	if err != nil {
		return nil, err
	}
	defer s.close()
	all := filterOf(t, Query{})
	err = s.span(all).descend(t.Context(), func(id int64, r *row) bool {
		found = append(found, fmt.Sprint(id, r.message, r.timestamp, r.fields))
		return true
	})
	if err != nil {
		return nil, err
	}
	for _, q := range []Query{
		{Text: "message"}, {Text: "logger:TTP_a"}, {Text: "n:3"}, {Level: "error"}, {Stream: "WKR"},
	} {
		n, err := count(t.Context(), s.span(filterOf(t, q)), noLimit)
		if err != nil {
			return nil, err
		}
		found = append(found, strconv.Itoa(n))
	}
	tables, err := aggregate(t.Context(), s.span(all), []Pivot{{
		Row: &Group{Field: "logger", Limit: 9}, Series: []Series{{"count", ""}, {"avg", "n"}},
	}})
	if err != nil {
		return nil, err
	}
	facets, err := facets(t.Context(), s.span(all), []string{"logger", "n"}, 10)
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

// Whichever page of a database is damaged, a query finds all that is there or
// fails: never less, and nothing else.
func TestDamagedPages(t *testing.T) {
	const step = 5 // all pages take 10 s
	dir := writeStore(t, blockRows+500, "")
	want, err := contents(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, recordsFile)
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
			case !errors.Is(err, ErrDamaged):
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

// clearRecordPage overwrites the page of the database that has a record, whose
// full message begins with an x.
func clearRecordPage(t *testing.T, dir string, id int) {
	t.Helper()
	const page, leaf = 4096, 0x0D // of a table
	file := filepath.Join(dir, recordsFile)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for at := 0; at < len(text); at += page {
		if p := text[at : at+page]; p[0] == leaf && bytes.Contains(p, fmt.Appendf(nil, "message %dx", id-1)) {
			clear(p)
			found = true
		}
	}
	if !found {
		t.Fatalf("no page has record %d", id)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A store whose database is damaged where every start looks is refused, with
// what to do.
func TestDamagedStart(t *testing.T) {
	dir := writeStore(t, 100, "")
	file := filepath.Join(dir, recordsFile)
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
		_, err := New(Options{Inputs: freeInputs(), Page: PageOff, Dir: dir})
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), dir) ||
			!strings.Contains(err.Error(), "restore a copy") {
			t.Errorf("%s: New: %v, want ErrDamaged with the directory and what to do", name, err)
		}
	}
}

// Damage in old records is reported soon after the start, by OnError, Err,
// /healthz and the statistics, and each query that needs them fails with it.
func TestDamageIsReported(t *testing.T) {
	dir := writeStore(t, 2*blockRows+500, strings.Repeat("x", 2000))
	clearRecordPage(t, dir, 700)
	told := make(chan error, 100)
	c, stop := startStop(t, Options{Dir: dir, OnError: func(err error) { told <- err }})
	if err := <-told; !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), dir) {
		t.Errorf("OnError was called with %v, want ErrDamaged with the directory", err)
	}
	if err := c.Err(); !errors.Is(err, ErrDamaged) {
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
		var failure errorAnswer
		if err != nil || answer.StatusCode != want {
			t.Errorf("%s: status %d, %v, want %d", path, answer.StatusCode, err, want)
		}
		err = json.Unmarshal([]byte(body), &failure)
		if want != 200 && (err != nil || !strings.Contains(failure.Error, ErrDamaged.Error())) {
			t.Errorf("%s: %s, %v", path, body, err)
		}
		if answer.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: an error is offered as a file", path)
		}
	}

	// An export that has begun breaks off.
	for _, format := range []string{"ndjson", "csv"} {
		answer, body, err := ask("api/export?format=" + format)
		if answer.StatusCode != 200 || body == "" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("export of %s: status %d, %d bytes, %v; want an unexpected end", format, answer.StatusCode, len(body), err)
		}
		old := pageConn(t, c)
		fmt.Fprintf(old, "GET /api/export?format=%s HTTP/1.0\r\nHost: localhost\r\n\r\n", format)
		if n, err := io.Copy(io.Discard, old); err == nil {
			t.Errorf("export of %s over HTTP/1.0 ends in order after %d bytes", format, n)
		}
	}

	// A tail says why it ends.
	id, failure := tailFailure(t, c, "after=600&q=%22message+699%22")
	if id != "" || !strings.Contains(failure, "damaged") {
		t.Errorf("the tail sends %q and fails with %q", id, failure)
	}
	if err := stop(); !errors.Is(err, ErrDamaged) {
		t.Errorf("Run returns %v", err)
	}
}

// Counts that are not those of the records are damage.
func TestDamagedCounts(t *testing.T) {
	s := newStore(t)
	if _, err := s.write(someRows(100), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	if err := s.verify(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.writer.Exec("UPDATE count SET records = records + 1 WHERE name = 'TTP'"); err != nil {
		t.Fatal(err)
	}
	if err := s.verify(t.Context()); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "stream TTP") {
		t.Errorf("verify: %v, want ErrDamaged of the stream TTP", err)
	}
	if err := s.damaged(); !errors.Is(err, ErrDamaged) {
		t.Errorf("the store reports %v", err)
	}
}

// tailFailure returns the last id of the records that a tail sends, and the error
// that it ends with.
func tailFailure(t *testing.T, c *Collector, query string) (id, failure string) {
	t.Helper()
	conn := pageConn(t, c)
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
func TestUpgrade(t *testing.T) {
	dir := writeStore(t, blockRows+500, "")
	want, err := contents(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, recordsFile), "immediate"))
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
	s, err := openStore(dir, streamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := s.write(someRows(blockRows), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	checkCounts(t, s)
	if err := s.verify(t.Context()); err != nil {
		t.Error(err)
	}
}
