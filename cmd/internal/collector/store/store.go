// Package store keeps records in SQLite, as rows and as blocks of package index.
// It deletes the oldest records when a bound is reached.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storedir"

	_ "modernc.org/sqlite"
)

// registers the driver

// recordsFile is the name of the database in the directory of a store.
const recordsFile = "records.db"

// A Store keeps records in SQLite. One connection writes and a few read at the same
// time. Only one goroutine may call the methods that write: Write, Expire and Clear.
type Store struct {
	dir     *storedir.Dir
	streams []string // names, by their bit in an index.StreamSet
	Created bool     // the database is new

	writer  *sql.DB
	readers *sql.DB
	insert  *sql.Stmt // inserts insertRows rows
	single  *sql.Stmt // inserts one row
	part    *sql.Stmt // selects parts of a block

	builder index.Builder // of the writer
	sums    summer        // of the writer
	parts   partCache

	state  atomic.Pointer[state] // the committed state
	damage atomic.Pointer[error] // the first damage that was found

	onDamage func(error) // is called with the first damage
	changes  broadcast
}

// Open opens the store in a directory, or in a new temporary directory if dir is
// empty. The streams are the names of the bits of an [index.StreamSet]. onDamage is
// called with the first damage that is found later, from any goroutine.
func Open(dir string, streams []string, onDamage func(error)) (*Store, error) {
	d, err := storedir.Open(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: d, streams: streams, onDamage: func(error) {}} // Open returns damage that it finds
	if err := s.checked(s.open()); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("collector: store in %s: %w", d.Path, err)
	}
	s.onDamage = onDamage
	return s, nil
}

func (s *Store) open() error {
	if err := s.dir.Restrict(recordsFile); err != nil {
		return err
	}
	// A temporary store does not need to survive a power failure.
	synchronous := "NORMAL"
	if s.dir.Temporary {
		synchronous = "OFF"
	}
	records := filepath.Join(s.dir.Path, recordsFile)
	var err error
	s.writer, err = sql.Open("sqlite", storedir.DSN(records, "immediate",
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous("+synchronous+")",
		"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "cache_size(-32768)"))
	if err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.migrate(); err != nil {
		return err
	}
	if s.insert, err = s.writer.Prepare(insertSQL(insertRows)); err != nil {
		return err
	}
	if s.single, err = s.writer.Prepare(insertSQL(1)); err != nil {
		return err
	}
	s.readers, err = sql.Open("sqlite", storedir.DSN(records, "deferred",
		"busy_timeout(5000)", "query_only(1)", "cache_size(-8192)"))
	if err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(8)
	s.readers.SetMaxIdleConns(8)
	if s.part, err = s.readers.Prepare(partsSQL); err != nil {
		return err
	}
	return s.load()
}

// migrate creates the schema in a new file, upgrades an older schema, and rejects a
// newer one.
func (s *Store) migrate() error {
	var version int
	if err := s.writer.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version == schemaVersion {
		return nil
	}
	change, known := upgrades[version]
	switch {
	case version == 0:
		change, s.Created = schema, true
		for _, name := range s.streams {
			change += fmt.Sprintf("INSERT INTO count VALUES ('%s', 0, 0, 0);\n", name)
		}
	case !known:
		return fmt.Errorf("the store has schema %d, but this program supports %d: use another directory", version,
			schemaVersion)
	}
	tx, err := s.writer.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(change + fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	return tx.Commit()
}

// Size returns the size of the store on disk, in bytes.
func (s *Store) Size() int64 {
	var sum int64
	for _, name := range []string{recordsFile, recordsFile + "-wal"} {
		if info, err := os.Stat(filepath.Join(s.dir.Path, name)); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// Ping reports whether the store can be read.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.checked(s.readers.QueryRowContext(ctx, "SELECT 1 FROM span").Scan(&one))
}

// Close closes the store, and removes it if it is temporary.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writer} { // also closes their statements
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	errs = append(errs, s.dir.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("collector: store in %s: %w", s.dir.Path, err)
	}
	return nil
}

// Changed returns a channel that the next call of Notify closes.
func (s *Store) Changed() <-chan struct{} { return s.changes.next() }

// Notify wakes those who wait for Changed. The writer calls it after it has stored and
// counted a change.
func (s *Store) Notify() { s.changes.ring() }

// Dir returns the directory of the store.
func (s *Store) Dir() string { return s.dir.Path }

// Temporary reports whether Close removes the store.
func (s *Store) Temporary() bool { return s.dir.Temporary }

// LimitPages makes the database full at a number of pages, or at its present size if
// that is larger. Tests use it to simulate a full disk.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	_, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// A broadcast wakes everyone who waits for the next event. The zero broadcast is ready
// to use.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

// next returns a channel that is closed at the next event.
func (b *broadcast) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
