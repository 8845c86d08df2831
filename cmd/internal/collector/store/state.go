package store

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// A state is what the store keeps in memory about its records. A published state does
// not change; the writer changes a copy.
type state struct {
	first, next int64 // ids of the oldest record, and of the next record to come
	oldest      int64 // time of arrival of the oldest record, in milliseconds
	streams     []StreamCount

	blocks    []blockMeta // in ascending order
	tail      []index.Row // the records after the last block
	tailBytes int
	lazyTail  *lazyBlock
}

func (c state) records() int64 { return c.next - c.first }

func (c state) clone() state {
	c.streams = append([]StreamCount(nil), c.streams...)
	c.lazyTail = new(lazyBlock)
	return c
}

// TailFirst returns the id of the first record of the tail.
func (c *state) TailFirst() int64 { return c.next - int64(len(c.tail)) }

// add adds n to the counts of some streams, for records of one level. n may be
// negative.
func (c state) add(set index.StreamSet, level int, n int64) {
	for i := range c.streams {
		if !set.Has(i) {
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

// A StreamCount has the number of records of a stream.
type StreamCount struct {
	name     string
	Records  int64
	Errors   int64 // with severity 0 to 3
	Warnings int64 // with severity 4
}

// newCounts returns counts of zero for all streams.
func (s *Store) newCounts() []StreamCount {
	counts := make([]StreamCount, len(s.streams))
	for i, name := range s.streams {
		counts[i].name = name
	}
	return counts
}

// A Summary describes the records of the store at one moment.
type Summary struct {
	Records int64
	LastID  int64     // the greatest id so far, 0 if there were no records yet
	Oldest  time.Time // time of arrival of the oldest record, zero if the store is empty
	Streams []StreamCount
}

// Summary returns the present state of the store.
func (s *Store) Summary() Summary {
	c := s.state.Load()
	sum := Summary{Records: c.records(), LastID: c.next - 1, Streams: slices.Clone(c.streams)}
	if sum.Records > 0 {
		sum.Oldest = time.UnixMilli(c.oldest).UTC()
	}
	return sum
}

const oldestSQL = "SELECT received FROM record WHERE id = ?"

// load reads the state of an opened store.
func (s *Store) load() error {
	c := state{streams: s.newCounts(), lazyTail: new(lazyBlock)}
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
	s.state.Store(&c)
	return nil
}

// readStreams reads the counts of the streams.
func (c *state) readStreams(db interface {
	QueryRow(query string, args ...any) *sql.Row
}) error {
	for i := range c.streams {
		st := &c.streams[i]
		err := db.QueryRow("SELECT records, errors, warnings FROM count WHERE name = ?", st.name).
			Scan(&st.Records, &st.Errors, &st.Warnings)
		if err != nil {
			return fmt.Errorf("counts of stream %s: %w", st.name, err)
		}
	}
	return nil
}

// checkRange checks that the ids of the records are those that the store has counted.
func (s *Store) checkRange(c *state) error {
	var first, last sql.NullInt64
	err := s.readers.QueryRow("SELECT (SELECT min(id) FROM record), (SELECT max(id) FROM record)").Scan(&first, &last)
	if err != nil {
		return err
	}
	empty := c.first == c.next && !first.Valid
	if !empty && (first.Int64 != c.first || last.Int64 != c.next-1) {
		return fmt.Errorf("%w: the store has the records %d to %d instead of %d to %d",
			index.ErrDamaged, first.Int64, last.Int64, c.first, c.next-1)
	}
	return nil
}

// loadBlocks reads the descriptions of the blocks.
func (s *Store) loadBlocks(c *state) error {
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
		if sum.Valid && sum.Int64 != m.sum() || n == 0 && m.first > c.first ||
			n > 0 && m.first != c.blocks[n-1].last+1 {
			return fmt.Errorf("%w: block %d differs from what was written", index.ErrDamaged, m.first)
		}
		c.blocks = append(c.blocks, m)
	}
	return rows.Err()
}

// loadTail reads the records after the blocks.
func (s *Store) loadTail(c *state) error {
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
			err = fmt.Errorf("%w: record %d is missing", index.ErrDamaged, id)
		}
		if err != nil {
			return err
		}
		c.tail = append(c.tail, r)
		c.tailBytes += r.Size()
	}
	return tail.Err()
}
