package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storedir"
)

// testStore opens a store in a directory of the test.
func testStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "100% new ?#"), record.StreamNames(), func(error) {})
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

// A storeQuery selects records of a test.
type storeQuery struct {
	Text          string
	After, Before int64
	From, To      time.Time
}

// filterFor compiles a query.
func filterFor(t *testing.T, q storeQuery) Filter {
	t.Helper()
	m, err := match.Compile(q.Text, record.StreamIndex)
	if err != nil {
		t.Fatal(err)
	}
	f := Filter{Match: m, After: q.After, Before: q.Before, From: match.MinTime, To: match.MaxTime}
	if !q.From.IsZero() {
		f.From = q.From.UnixMilli()
	}
	if !q.To.IsZero() {
		f.To = q.To.UnixMilli()
	}
	f.Match = match.And{match.InTime(f.From, f.To), m}
	return f
}

// numberOf returns how many records match.
func numberOf(t *testing.T, snap Snapshot) (n int, err error) {
	t.Helper()
	var mu sync.Mutex
	err = snap.EachBlock(t.Context(), func(_ *index.Block, rows index.Bitmap) bool {
		mu.Lock()
		defer mu.Unlock()
		n += rows.Count()
		return true
	})
	return n, err
}

// checkCounts compares the counts of a store with its table.
func checkCounts(t *testing.T, s *Store) {
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
		t.Errorf("the oldest record came at %d, %v, and for the store at %d", oldest, err, c.oldest)
	}
	want := s.newCounts()
	for i := range want {
		err := s.readers.QueryRow("SELECT count(*), count(CASE WHEN level BETWEEN 0 AND 3 THEN 1 END), count(CASE WHEN "+
			"level = 4 THEN 1 END) FROM record WHERE "+fmt.Sprintf("streams & %d <> 0", 1<<i)).
			Scan(&want[i].Records, &want[i].Errors, &want[i].Warnings)
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, c.streams, cmp.AllowUnexported(StreamCount{})); diff != "" {
		t.Errorf("counts (-in the table +counted):\n%s", diff)
	}
}

func TestPruneByNumber(t *testing.T) {
	s := testStore(t)
	var pruned int64
	for _, n := range []int{70, 1, 30, 250, 3} {
		p, err := s.Write(rowtest.Simple(n), 100, math.MaxInt)
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
	s := testStore(t)
	if _, err := s.Write(rowtest.Simple(12_000), math.MaxInt, math.MaxInt); err != nil {
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
		pruned, err := s.Expire(time.Unix(tt.before, 0))
		if err != nil {
			t.Fatal(err)
		}
		if first := s.state.Load().first; pruned != tt.pruned || first != tt.first {
			t.Errorf("before %d: %d pruned, first is %d; want %d and %d", tt.before, pruned, first, tt.pruned, tt.first)
		}
		checkCounts(t, s)
	}
	// Ids continue after the store was empty.
	if _, err := s.Write(rowtest.Simple(1), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	if next := s.state.Load().next; next != 12_002 {
		t.Errorf("next id is %d, want 12002", next)
	}
}

func TestPruneBySize(t *testing.T) {
	s := testStore(t)
	rows := rowtest.Simple(100)
	for i := range rows {
		rows[i].FullMessage = strings.Repeat("x", 10_000)
	}
	const limit = 4 << 20
	for range 20 {
		if _, err := s.Write(rows, math.MaxInt, limit); err != nil {
			t.Fatal(err)
		}
	}
	checkCounts(t, s)
	if n := s.state.Load().records(); n < 250 || n > 420 {
		t.Errorf("%d records of 10 kB are kept in 4 MiB", n)
	}
	if info, err := os.Stat(filepath.Join(s.Dir(), "records.db")); err != nil || info.Size() > limit+3<<20 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

// Blocks are written, survive a restart, and are deleted with their records.
func TestBlocks(t *testing.T) {
	s := testStore(t)
	all := func() int {
		t.Helper()
		n, err := numberOf(t, s.Snapshot(filterFor(t, storeQuery{Text: "message AND logger:TTP_a"})))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := s.Write(rowtest.Simple(10_000), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	c := s.state.Load()
	if len(c.blocks) != 2 || len(c.tail) != 10_000-2*index.BlockRows || all() != 2500 {
		t.Errorf("%d blocks, %d records after them, %d of TTP_a", len(c.blocks), len(c.tail), all())
	}
	if err := s.load(); err != nil {
		t.Fatal(err)
	}
	if again := s.state.Load(); len(again.blocks) != 2 || len(again.tail) != len(c.tail) ||
		again.tailBytes != c.tailBytes || all() != 2500 {
		t.Errorf("after a restart %d blocks, %d records in %d bytes, before in %d, %d of TTP_a", len(again.blocks),
			len(again.tail), again.tailBytes, c.tailBytes, all())
	}
	for _, left := range []int64{6000, 4000, 100} {
		if _, err := s.Write(rowtest.Simple(4), left, math.MaxInt); err != nil {
			t.Fatal(err)
		}
		checkCounts(t, s)
		if got := all(); got != int(left/4) {
			t.Errorf("of %d records left, %d are of TTP_a", left, got)
		}
	}
	var blocks, parts int
	if err := s.readers.QueryRow("SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM part)").Scan(&blocks,
		&parts); err != nil || blocks+parts != 0 {
		t.Errorf("%d blocks and %d parts are left, %v", blocks, parts, err)
	}
}

func TestUnknownSchema(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, recordsFile)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", storedir.DSN(file, "deferred"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := Open(dir, record.StreamNames(), func(error) {}); err == nil ||
		!strings.Contains(err.Error(), "schema 99") {
		t.Errorf("Open: %v, want an error about schema 99", err)
	}
}

// Counts that differ from the records are damage.
func TestVerifyFindsWrongCounts(t *testing.T) {
	s := testStore(t)
	if _, err := s.Write(rowtest.Simple(100), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.writer.Exec("UPDATE count SET records = records + 1 WHERE name = 'TTP'"); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context()); !errors.Is(err, index.ErrDamaged) || !strings.Contains(err.Error(), "stream TTP") {
		t.Errorf("verify: %v, want ErrDamaged of the stream TTP", err)
	}
	if err := s.Damage(); !errors.Is(err, index.ErrDamaged) {
		t.Errorf("the store reports %v", err)
	}
}

// Collectors that start and stop at the same time do not remove each other's temporary
// stores.
func TestTemporaryStoresStartTogether(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, parent)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				s, err := Open("", record.StreamNames(), func(error) {})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Write(rowtest.Simple(10), math.MaxInt, math.MaxInt); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 0 {
		t.Errorf("%v are left, %v", entries, err)
	}
}
