// Package storetest opens and fills stores in tests.
package storetest

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Open opens a store in a directory of the test.
func Open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "100% new ?#"), record.StreamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Fill stores n records of rowtest.Handled.
func Fill(t testing.TB, s *store.Store, n int) {
	t.Helper()
	began := time.Now().Add(-299 * time.Second).UnixMilli()
	for at := 0; at < n; {
		rows := make([]index.Row, min(20_000, n-at))
		for i := range rows {
			rows[i] = rowtest.Handled(at+i, n, began)
		}
		if _, err := s.Write(rows, NoLimit, NoLimit); err != nil {
			t.Fatal(err)
		}
		at += len(rows)
	}
}

// NoLimit is a limit that no test reaches.
const NoLimit = math.MaxInt

// WriteDir writes a store with rowtest.Simple records and returns its directory.
func WriteDir(t *testing.T, records int, fullMessage string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "logs")
	s, err := store.Open(dir, record.StreamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	rows := rowtest.Simple(records)
	for i := range rows {
		rows[i].Fields = fmt.Sprintf(`{"n":%d}`, i%7)
		rows[i].FullMessage = fullMessage
	}
	if _, err := s.Write(rows, NoLimit, NoLimit); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ClearRecordPage overwrites the page of the database that has a record. The full
// message of the record must begin with an x.
func ClearRecordPage(t *testing.T, dir string, id int) {
	t.Helper()
	const page, leaf = 4096, 0x0D // type of a table's leaf page
	file := filepath.Join(dir, "records.db")
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
