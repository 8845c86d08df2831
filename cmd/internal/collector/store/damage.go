package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"modernc.org/sqlite"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"

	sqlite3 "modernc.org/sqlite/lib"
)

// checked returns an error of the database. If the database is damaged, the error
// wraps ErrDamaged, and Damage returns it from now on.
func (s *Store) checked(err error) error {
	if err == nil {
		return nil
	}
	if cause := (*sqlite.Error)(nil); errors.As(err, &cause) && !errors.Is(err, index.ErrDamaged) {
		switch cause.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
			err = fmt.Errorf("%w: %w", index.ErrDamaged, err)
		}
	}
	if errors.Is(err, index.ErrDamaged) && s.damage.CompareAndSwap(nil, &err) {
		s.onDamage(s.Damage())
	}
	return err
}

// Damage returns the first damage that was found, nil if the database is intact.
func (s *Store) Damage() error {
	if err := s.damage.Load(); err != nil {
		return fmt.Errorf("collector: store in %s: %w", s.dir.Path, *err)
	}
	return nil
}

// Verify reads the whole database and checks its structure and its counts. The
// checksums of records and blocks are compared whenever they are read.
func (s *Store) Verify(ctx context.Context) error {
	return s.checked(endOf(ctx, s.check(ctx)))
}

func (s *Store) check(ctx context.Context) error {
	tx, err := s.readers.BeginTx(ctx, nil) // one state of the database for all checks
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var found string
	if err := tx.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		lines := strings.Split(found, "\n") // the first line names the database
		return fmt.Errorf("%w: %s", index.ErrDamaged, lines[len(lines)-1])
	}
	written := state{streams: s.newCounts()}
	if err := written.readStreams(tx); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT streams, level, count(*) FROM record GROUP BY streams, level")
	if err != nil {
		return err
	}
	defer rows.Close()
	recounted := state{streams: s.newCounts()}
	for rows.Next() {
		var set index.StreamSet
		var level int
		var n int64
		if err := rows.Scan(&set, &level, &n); err != nil {
			return err
		}
		recounted.add(set, level, n)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i, st := range recounted.streams {
		if got := written.streams[i]; got != st {
			return fmt.Errorf("%w: stream %s has %d records, %d errors and %d warnings instead of %d, %d and %d",
				index.ErrDamaged, st.name, st.Records, st.Errors, st.Warnings, got.Records, got.Errors, got.Warnings)
		}
	}
	return nil
}

// deleted returns nil if all records before an id are deleted, and otherwise
// ErrDamaged or another error. It asks the database, because a deletion is committed
// shortly before the state changes.
func (s *Store) deleted(end int64, what string, id int64) error {
	var first int64
	err := s.readers.QueryRow("SELECT first FROM span").Scan(&first)
	if err == nil && first < end {
		err = fmt.Errorf("%w: %s %d is missing", index.ErrDamaged, what, id)
	}
	return err
}

// castagnoli is the polynomial of all checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A summer computes checksums. It reuses its memory.
type summer struct{ text []byte }

// row returns the checksum of a row and its id.
func (s *summer) row(id int64, r *index.Row) int64 {
	b := s.text[:0]
	for _, n := range [...]int64{id, r.Received, r.Timestamp, int64(r.Level), int64(r.Streams), int64(r.RemotePort)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range [...]string{
		r.RemoteIP, r.Input, r.Source, r.Logger, r.Message, r.FullMessage, r.Fields, r.Findings,
	} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	s.text = b
	return int64(crc32.Checksum(b, castagnoli))
}

// sum returns the checksum of the description of a block.
func (m blockMeta) sum() int64 {
	var b []byte
	for _, n := range [...]int64{m.first, m.last, m.from, m.to} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return int64(crc32.Checksum(b, castagnoli))
}

// partSum returns the checksum of a part of a block.
func partSum(first int64, name string, data []byte) int64 {
	head := append(binary.LittleEndian.AppendUint64(nil, uint64(first)), name...)
	return int64(crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, data))
}
