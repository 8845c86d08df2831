package collector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver
)

// schemaVersion counts the changes of schema. A store of another version is
// refused, not guessed at.
const schemaVersion = 3

// The ids of records have no holes, as only the oldest are ever deleted. So
// their number is known without counting, and a range of ids is a batch.
const schema = `
CREATE TABLE record (
	id           INTEGER PRIMARY KEY,
	received     INTEGER NOT NULL, -- milliseconds since 1970
	timestamp    INTEGER NOT NULL, -- likewise
	level        INTEGER NOT NULL, -- -1: none
	streams      INTEGER NOT NULL, -- a bit for each
	remote_port  INTEGER NOT NULL,
	remote_ip    TEXT NOT NULL,
	input        TEXT NOT NULL,
	source       TEXT NOT NULL,
	logger       TEXT NOT NULL,
	message      TEXT NOT NULL,
	full_message TEXT NOT NULL,
	fields       TEXT NOT NULL,    -- JSON
	findings     TEXT NOT NULL,    -- JSON, '' for none
	sum          INTEGER           -- checksum, as in all tables; NULL: written by an older version
);
CREATE TABLE count (
	name     TEXT PRIMARY KEY,     -- of a stream
	records  INTEGER NOT NULL,
	errors   INTEGER NOT NULL,
	warnings INTEGER NOT NULL
);
CREATE TABLE span (
	first INTEGER NOT NULL,        -- id of the oldest record
	next  INTEGER NOT NULL         -- id of the next record to come
);
INSERT INTO span VALUES (1, 1);
-- All but the newest few thousand records once more, as columns.
CREATE TABLE block (
	first   INTEGER PRIMARY KEY,   -- id of its first record
	last    INTEGER NOT NULL,
	from_ms INTEGER NOT NULL,      -- the least timestamp
	to_ms   INTEGER NOT NULL,      -- the greatest
	sum     INTEGER
);
CREATE TABLE part (
	first INTEGER NOT NULL,        -- of the block
	name  TEXT NOT NULL,           -- of a field, or a blank and what it is
	data  BLOB NOT NULL,
	sum   INTEGER,
	PRIMARY KEY (first, name)
);
`

// upgrades lead from a schema to the next. Version 1 was never released.
var upgrades = map[int]string{
	2: `ALTER TABLE record ADD COLUMN sum INTEGER;
		ALTER TABLE block ADD COLUMN sum INTEGER;
		ALTER TABLE part ADD COLUMN sum INTEGER;`,
}

// A store keeps records in SQLite: one connection writes, a few read at the
// same time. Only the writer goroutine calls its write and prune methods.
type store struct {
	dir       string
	temporary bool // dir is removed in the end
	created   bool // it was not there before

	lock    dirLock
	writer  *sql.DB
	readers *sql.DB
	insert  *sql.Stmt // insertRows rows at once
	single  *sql.Stmt // one row
	part    *sql.Stmt // reads a part of a block

	builder blockBuilder // of the writer
	sums    summer       // likewise
	parts   partCache

	counts atomic.Pointer[counts] // of what is committed
	damage atomic.Pointer[error]  // the first that was found

	onDamage func(error) // is called with that, unless nil
}

// counts are what the store knows about its records without reading them.
type counts struct {
	first, next int64 // ids: of the oldest record, and of the next to come
	oldest      int64 // when the oldest record was received, in milliseconds
	streams     []Stream

	blocks    []blockMeta // ascending
	tail      []row       // the records behind the last block, in memory, too
	tailBytes int
	asBlock   *lazyBlock
}

func (c counts) records() int64 { return c.next - c.first }

func (c counts) clone() counts {
	c.streams = append([]Stream(nil), c.streams...)
	c.asBlock = new(lazyBlock)
	return c
}

// add counts n records of one level in the streams of a set; n may be negative.
func (c counts) add(set streamSet, level int, n int64) {
	for i := range c.streams {
		if !set.has(i) {
			continue
		}
		s := &c.streams[i]
		s.Records += n
		switch {
		case 0 <= level && level <= 3:
			s.Errors += n
		case level == 4:
			s.Warnings += n
		}
	}
}

// openStore opens the store in a directory, or in a new temporary one if dir is
// empty.
func openStore(dir string) (*store, error) {
	if dir == "" {
		return openTemporary()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("collector: store: %w", err)
	}
	s := &store{dir: dir}
	return s.opened(s.lock.create(dir))
}

// opened opens the store unless its directory could not be locked.
func (s *store) opened(locked error) (*store, error) {
	err := locked
	if err == nil {
		err = s.checked(s.open())
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("collector: store in %s: %w", s.dir, err)
	}
	return s, nil
}

func (s *store) open() error {
	if err := restrict(s.dir); err != nil {
		return err
	}
	// A store that ends with the process need not survive a loss of power.
	synchronous := "NORMAL"
	if s.temporary {
		synchronous = "OFF"
	}
	records := filepath.Join(s.dir, recordsFile)
	var err error
	s.writer, err = sql.Open("sqlite", dsn(records, "immediate",
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
	s.readers, err = sql.Open("sqlite", dsn(records, "deferred",
		"busy_timeout(5000)", "query_only(1)", "cache_size(-8192)"))
	if err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(8)
	s.readers.SetMaxIdleConns(8)
	if s.part, err = s.readers.Prepare("SELECT data, sum FROM part WHERE first = ? AND name = ?"); err != nil {
		return err
	}
	return s.load()
}

// migrate creates the schema in a new file, upgrades that of an older version, and
// rejects that of a newer one.
func (s *store) migrate() error {
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
		change, s.created = schema, true
		for _, st := range streams() {
			change += fmt.Sprintf("INSERT INTO count VALUES ('%s', 0, 0, 0);\n", st.Name)
		}
	case !known:
		return fmt.Errorf("it has schema %d, and this program knows %d: use another directory", version, schemaVersion)
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

const oldestSQL = "SELECT received FROM record WHERE id = ?"

// load reads the counts of an opened store.
func (s *store) load() error {
	c := counts{streams: streams(), asBlock: new(lazyBlock)}
	if err := s.readers.QueryRow("SELECT first, next FROM span").Scan(&c.first, &c.next); err != nil {
		return err
	}
	if err := c.readStreams(s.readers); err != nil {
		return err
	}
	if err := s.checkRange(&c); err != nil {
		return err
	}
	if c.records() > 0 {
		if err := s.readers.QueryRow(oldestSQL, c.first).Scan(&c.oldest); err != nil {
			return fmt.Errorf("record %d: %w", c.first, err)
		}
	}
	if err := s.loadBlocks(&c); err != nil {
		return err
	}
	if err := s.loadTail(&c); err != nil {
		return err
	}
	s.counts.Store(&c)
	return nil
}

// readStreams reads the counts of the streams.
func (c *counts) readStreams(db interface {
	QueryRow(query string, args ...any) *sql.Row
}) error {
	for i := range c.streams {
		st := &c.streams[i]
		err := db.QueryRow("SELECT records, errors, warnings FROM count WHERE name = ?", st.Name).
			Scan(&st.Records, &st.Errors, &st.Warnings)
		if err != nil {
			return fmt.Errorf("counts of stream %s: %w", st.Name, err)
		}
	}
	return nil
}

// checkRange compares the ids that the store counts with those of the records.
func (s *store) checkRange(c *counts) error {
	var first, last sql.NullInt64
	err := s.readers.QueryRow("SELECT (SELECT min(id) FROM record), (SELECT max(id) FROM record)").Scan(&first, &last)
	if err != nil {
		return err
	}
	empty := c.first == c.next && !first.Valid
	if !empty && (first.Int64 != c.first || last.Int64 != c.next-1) {
		return fmt.Errorf("%w: it has the records %d to %d, and should have %d to %d",
			ErrDamaged, first.Int64, last.Int64, c.first, c.next-1)
	}
	return nil
}

// loadBlocks reads what is known of the blocks.
func (s *store) loadBlocks(c *counts) error {
	rows, err := s.readers.Query("SELECT first, last, from_ms, to_ms, sum FROM block ORDER BY first")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var m blockMeta
		var sum sql.NullInt64
		if err := rows.Scan(&m.first, &m.last, &m.from, &m.to, &sum); err != nil {
			return err
		}
		n := len(c.blocks)
		if sum.Valid && sum.Int64 != m.sum() || n == 0 && m.first > c.first || n > 0 && m.first != c.blocks[n-1].last+1 {
			return fmt.Errorf("%w: block %d is not as it was written", ErrDamaged, m.first)
		}
		c.blocks = append(c.blocks, m)
	}
	return rows.Err()
}

// loadTail reads the records behind the blocks.
func (s *store) loadTail(c *counts) error {
	id := c.first
	if n := len(c.blocks); n > 0 {
		id = max(id, c.blocks[n-1].last+1)
	}
	tail, err := s.readers.Query(rowSQL+"id >= ? ORDER BY id", id)
	if err != nil {
		return err
	}
	defer tail.Close()
	var sums summer
	for ; tail.Next(); id++ {
		got, r, err := scanRow(tail, &sums)
		if err == nil && got != id {
			err = fmt.Errorf("%w: record %d is missing", ErrDamaged, id)
		}
		if err != nil {
			return err
		}
		c.tail = append(c.tail, r)
		c.tailBytes += r.size()
	}
	return tail.Err()
}

// bytes returns the size of the store on disk.
func (s *store) bytes() int64 {
	var sum int64
	for _, name := range []string{recordsFile, recordsFile + "-wal"} {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// ping reports whether the store can be read.
func (s *store) ping(ctx context.Context) error {
	var one int
	return s.checked(s.readers.QueryRowContext(ctx, "SELECT 1 FROM span").Scan(&one))
}

// close closes the store and removes it if it is temporary.
func (s *store) close() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writer} { // and their statements
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.temporary {
		errs = append(errs, removeTemporary(s.dir, &s.lock))
	}
	errs = append(errs, s.lock.release())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("collector: store in %s: %w", s.dir, err)
	}
	return nil
}

// dsn returns the data source name of an existing database file.
func dsn(path, txlock string, pragmas ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	query := url.Values{"mode": {"rw"}, "_txlock": {txlock}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}
