package collector

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrDamaged says that the database of the store is damaged: records are missing,
// or cannot be read as they were written.
var ErrDamaged = errors.New("the database is damaged: restore a copy of the directory, or use a new one")

// checked returns an error of the database as it is, or as one that wraps
// ErrDamaged and that Err returns from now on, if the database is damaged.
func (s *store) checked(err error) error {
	if err == nil {
		return nil
	}
	if cause := (*sqlite.Error)(nil); errors.As(err, &cause) && !errors.Is(err, ErrDamaged) {
		switch cause.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if errors.Is(err, ErrDamaged) && s.damage.CompareAndSwap(nil, &err) && s.onDamage != nil {
		s.onDamage(s.damaged())
	}
	return err
}

// damaged returns the first damage that was found, nil if there is none.
func (s *store) damaged() error {
	if err := s.damage.Load(); err != nil {
		return fmt.Errorf("collector: store in %s: %w", s.dir, *err)
	}
	return nil
}

// verify reads the whole database and looks for damage in its structure and its
// counts. Records and blocks have checksums, which are compared whenever they are
// read.
func (s *store) verify(ctx context.Context) error {
	return s.checked(endOf(ctx, s.check(ctx)))
}

func (s *store) check(ctx context.Context) error {
	tx, err := s.readers.BeginTx(ctx, nil) // all of it is about one state of the database
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var found string
	if err := tx.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		lines := strings.Split(found, "\n") // the first names the database
		return fmt.Errorf("%w: %s", ErrDamaged, lines[len(lines)-1])
	}
	written := counts{streams: streams()}
	if err := written.readStreams(tx); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT streams, level, count(*) FROM record GROUP BY streams, level")
	if err != nil {
		return err
	}
	defer rows.Close()
	recounted := counts{streams: streams()}
	for rows.Next() {
		var set streamSet
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
			return fmt.Errorf("%w: %s has %d records, %d errors and %d warnings, and should have %d, %d and %d",
				ErrDamaged, st.Title, st.Records, st.Errors, st.Warnings, got.Records, got.Errors, got.Warnings)
		}
	}
	return nil
}

// deleted returns nil if all records before an id are deleted, and ErrDamaged or
// another error if not. It asks the database, which knows of a deletion a moment
// before the counts do.
func (s *store) deleted(end int64, what string, id int64) error {
	var first int64
	err := s.readers.QueryRow("SELECT first FROM span").Scan(&first)
	if err == nil && first < end {
		err = fmt.Errorf("%w: %s %d is missing", ErrDamaged, what, id)
	}
	return err
}

// castagnoli is the polynomial of all checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A summer computes checksums. It keeps its memory from one to the next.
type summer struct{ text []byte }

// row returns the checksum of a row with its id.
func (s *summer) row(id int64, r *row) int64 {
	b := s.text[:0]
	for _, n := range [...]int64{id, r.received, r.timestamp, int64(r.level), int64(r.streams), int64(r.remotePort)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range [...]string{
		r.remoteIP, r.input, r.source, r.logger, r.message, r.fullMessage, r.fields, r.findings,
	} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	s.text = b
	return int64(crc32.Checksum(b, castagnoli))
}

// sum returns the checksum of what is known of a block without its parts.
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
