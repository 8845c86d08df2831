package store

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// Only their owner can read the files of a store, also files that an older collector
// created readable for all.
func TestStoreIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes tell nothing of other users here")
	}
	dir := filepath.Join(t.TempDir(), "new", "logs")
	check := func(when string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s has mode %v, %v; want 0600", when, e.Name(), info.Mode(), err)
			}
		}
		if len(entries) < 4 {
			t.Errorf("%s: %v are there, want records.db, -wal, -shm and lock.db", when, entries)
		}
	}
	s, err := Open(dir, record.StreamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(rowtest.Simple(100), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	check("new")
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v, %v; want 0700", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{recordsFile, recordsFile + "-wal", recordsFile + "-shm", "lock.db"} {
		path := filepath.Join(dir, name)
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = Open(dir, record.StreamNames(), func(error) {}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Write(rowtest.Simple(100), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	check("from an older collector")
	if n := s.state.Load().records(); n != 200 {
		t.Errorf("%d records, want 200", n)
	}
}
