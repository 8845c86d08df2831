package collector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newStore opens a store in a directory of the test.
func newStore(t *testing.T) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), "100% new ?#"), streamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// someRows are rows of a few loggers and levels, received a second apart from
// the time 1000 s on.
func someRows(n int) []row {
	loggers := []string{"TTP_a", "WKR_a", "DIR_TTP_a", "other"}
	rows := make([]row, n)
	for i := range rows {
		logger := loggers[i%len(loggers)]
		rows[i] = row{
			received: int64(1000+i) * 1000, timestamp: int64(1000+i) * 1000, level: i%7 + 1,
			streams: routeLogger(logger), logger: logger, source: "h", message: fmt.Sprint("message ", i),
		}
	}
	return rows
}

const noLimit = math.MaxInt

// checkCounts compares the counts of a store with what is in its table.
func checkCounts(t *testing.T, s *store) {
	t.Helper()
	c := s.state.Load()
	var total int64
	if err := s.readers.QueryRow("SELECT count(*) FROM record").Scan(&total); err != nil {
		t.Fatal(err)
	}
	if total != c.records() {
		t.Errorf("the store counts %d records and has %d", c.records(), total)
	}
	var oldest int64
	err := s.readers.QueryRow("SELECT received FROM record ORDER BY id LIMIT 1").Scan(&oldest)
	if total > 0 && (err != nil || oldest != c.oldest) {
		t.Errorf("the oldest record came at %d, %v; the store says %d", oldest, err, c.oldest)
	}
	want := s.newCounts()
	for i := range want {
		err := s.readers.QueryRow("SELECT count(*), count(CASE WHEN level BETWEEN 0 AND 3 THEN 1 END), count(CASE WHEN level = 4 THEN 1 END) FROM record WHERE "+fmt.Sprintf("streams & %d <> 0", 1<<i)).
			Scan(&want[i].records, &want[i].errors, &want[i].warnings)
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, c.streams, cmp.AllowUnexported(streamCount{})); diff != "" {
		t.Errorf("counts (-in the table +counted):\n%s", diff)
	}
}

func TestPruneByNumber(t *testing.T) {
	s := newStore(t)
	var pruned int64
	for _, n := range []int{70, 1, 30, 250, 3} {
		p, err := s.write(someRows(n), 100, noLimit)
		if err != nil {
			t.Fatal(err)
		}
		pruned += p
		checkCounts(t, s)
	}
	if got := s.state.Load().records(); got != 100 {
		t.Errorf("%d records are left, want 100", got)
	}
	if pruned != 254 {
		t.Errorf("%d records were pruned, want 254", pruned)
	}
}

func TestPruneByAge(t *testing.T) {
	s := newStore(t)
	if _, err := s.write(someRows(12_000), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		before        int64 // seconds
		pruned, first int64
	}{
		{1000, 0, 1},
		{1007, 7, 8},
		{1007, 0, 8},
		{12_990, 11_983, 11_991},
		{99_999, 10, 12_001},
		{99_999, 0, 12_001},
	} {
		pruned, err := s.expire(time.Unix(tt.before, 0))
		if err != nil {
			t.Fatal(err)
		}
		if first := s.state.Load().first; pruned != tt.pruned || first != tt.first {
			t.Errorf("before %d: %d pruned, first is %d; want %d and %d", tt.before, pruned, first, tt.pruned, tt.first)
		}
		checkCounts(t, s)
	}
	// The ids go on where they were.
	if _, err := s.write(someRows(1), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	if next := s.state.Load().next; next != 12_002 {
		t.Errorf("next id is %d, want 12002", next)
	}
}

func TestPruneBySize(t *testing.T) {
	s := newStore(t)
	rows := someRows(100)
	for i := range rows {
		rows[i].fullMessage = strings.Repeat("x", 10_000)
	}
	const limit = 4 << 20
	for range 20 {
		if _, err := s.write(rows, noLimit, limit); err != nil {
			t.Fatal(err)
		}
	}
	checkCounts(t, s)
	if n := s.state.Load().records(); n < 250 || n > 420 {
		t.Errorf("%d records of 10 kB are kept in 4 MiB", n)
	}
	if info, err := os.Stat(filepath.Join(s.path(), "records.db")); err != nil || info.Size() > limit+3<<20 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

// Blocks are made, found again after a restart, and go with their records.
func TestBlocks(t *testing.T) {
	s := newStore(t)
	all := func() int {
		t.Helper()
		n, err := count(t.Context(), s.span(filterOf(t, Query{Text: "message AND logger:TTP_a"})), noLimit)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := s.write(someRows(10_000), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	c := s.state.Load()
	if len(c.blocks) != 2 || len(c.tail) != 10_000-2*blockRows || all() != 2500 {
		t.Errorf("%d blocks, %d records behind them, %d of TTP_a", len(c.blocks), len(c.tail), all())
	}
	if err := s.load(); err != nil {
		t.Fatal(err)
	}
	if again := s.state.Load(); len(again.blocks) != 2 || len(again.tail) != len(c.tail) || again.tailBytes != c.tailBytes || all() != 2500 {
		t.Errorf("after a restart %d blocks, %d records in %d bytes, before in %d, %d of TTP_a", len(again.blocks), len(again.tail), again.tailBytes, c.tailBytes, all())
	}
	for _, left := range []int64{6000, 4000, 100} {
		if _, err := s.write(someRows(4), left, noLimit); err != nil {
			t.Fatal(err)
		}
		checkCounts(t, s)
		if got := all(); got != int(left/4) {
			t.Errorf("of %d records left, %d are of TTP_a", left, got)
		}
	}
	var blocks, parts int
	if err := s.readers.QueryRow("SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM part)").Scan(&blocks, &parts); err != nil || blocks+parts != 0 {
		t.Errorf("%d blocks and %d parts are left, %v", blocks, parts, err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c, stop := startStop(t, Options{Dir: dir})
	send(t, c, "TTP Logs", frame("TTP_a", "before"), frame("DIR_TTP_a", "before"))
	await(t, c, Query{}, 2)
	want := c.Streams()
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	c = start(t, Options{Dir: dir})
	if diff := cmp.Diff(want, c.Streams()); diff != "" {
		t.Errorf("streams after a restart (-want +got):\n%s", diff)
	}
	send(t, c, "TTP Logs", frame("TTP_a", "after"))
	await(t, c, Query{Stream: "TTP"}, 3)
	records, err := c.Search(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 3 || records[0].ID != 3 || records[0].Message != "after" {
		t.Errorf("records after a restart: %+v", records)
	}
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	start(t, Options{Dir: dir})
	_, err := New(Options{Inputs: freeInputs(), Page: PageOff, Dir: dir})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("New: %v, want ErrLocked with the directory", err)
	}
}

func TestOtherSchema(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, recordsFile)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(file, "deferred"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := openStore(dir, streamNames(), func(error) {}); err == nil || !strings.Contains(err.Error(), "schema 99") {
		t.Errorf("openStore: %v, want it to tell of schema 99", err)
	}
}

// The temporary store is gone when the collector is.
func TestTemporary(t *testing.T) {
	c, stop := startStop(t, Options{})
	dir := c.store.path()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// A disk that is full costs no record as long as it has room again before the
// end. The senders wait meanwhile.
func TestFullDisk(t *testing.T) {
	var told atomic.Int64
	c := start(t, Options{OnError: func(error) { told.Add(1) }})
	limitPages(t, c.store, 1)
	send(t, c, "TTP Logs", frame("TTP_a", strings.Repeat("x", 1<<20)))
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(c.Stats().StoreError, "full") || told.Load() == 0 {
		t.Errorf("store error %q, told %d times", c.Stats().StoreError, told.Load())
	}
	if status, _ := get(t, c, "/healthz"); status != 503 {
		t.Errorf("/healthz says %d, want 503", status)
	}
	limitPages(t, c.store, 1<<30)
	await(t, c, Query{Stream: "TTP"}, 1)
	if status, _ := get(t, c, "/healthz"); status != 200 {
		t.Errorf("/healthz says %d, want 200", status)
	}
}

// A disk that stays full does not keep Run from ending, which says what is lost.
func TestFullDiskAtTheEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the last writes")
	}
	c, stop := startStop(t, Options{OnError: func(error) {}})
	limitPages(t, c.store, 1)
	send(t, c, "TTP Logs", frame("TTP_a", strings.Repeat("x", 1<<20)), frame("TTP_a", strings.Repeat("y", 1<<20)))
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	err := stop()
	if err == nil || !strings.Contains(err.Error(), "2 records could not be stored") {
		t.Errorf("Run: %v, want it to tell of 2 records", err)
	}
}

// limitPages makes the writer's database full at a number of pages, or rather
// at the pages it has by then if these are more.
func limitPages(t *testing.T, s *store, pages int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.limitPages(ctx, pages); err != nil {
		t.Fatal(err)
	}
}
