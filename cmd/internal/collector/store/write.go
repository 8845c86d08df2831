package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// Write stores a batch in one transaction and deletes the oldest records beyond the
// bounds. It returns how many it deleted.
func (s *Store) Write(batch []index.Row, maxRecords, maxBytes int64) (pruned int64, err error) {
	err = s.change(func(tx *sql.Tx, c *state) error {
		many, one := tx.Stmt(s.insert), tx.Stmt(s.single)
		values := make([]any, 0, insertRows*len(columns))
		for rest := batch; len(rest) > 0; {
			stmt, n := many, insertRows
			if len(rest) < insertRows {
				stmt, n = one, 1
			}
			values = values[:0]
			for i := range rest[:n] {
				r := &rest[i]
				values = appendValues(values, c.next, r, s.sums.row(c.next, r))
				c.next++
				c.add(r.Streams, r.Level, 1)
			}
			if _, err := stmt.Exec(values...); err != nil {
				return err
			}
			rest = rest[n:]
		}
		if err := s.seal(tx, c, batch); err != nil {
			return err
		}
		first := c.first
		if over := c.records() - maxRecords; over > 0 {
			if err := prune(tx, c, c.first+over); err != nil {
				return err
			}
		}
		if err := shrink(tx, c, maxBytes); err != nil {
			return err
		}
		pruned = c.first - first
		return nil
	})
	return pruned, err
}

// seal adds a batch to the tail and writes full blocks of it. It only appends to the
// rows of the tail, because older snapshots share them.
func (s *Store) seal(tx *sql.Tx, c *state, batch []index.Row) error {
	c.tail = append(c.tail, batch...)
	for i := range batch {
		c.tailBytes += batch[i].Size()
	}
	first := c.TailFirst()
	rest := c.tail
	for len(rest) >= index.BlockRows || c.tailBytes >= index.BlockBytes {
		n, bytes := 0, 0
		for n < len(rest) && n < index.BlockRows && bytes < index.BlockBytes {
			bytes += rest[n].Size()
			n++
		}
		if err := s.writeBlock(tx, c, first, rest[:n]); err != nil {
			return err
		}
		c.tailBytes -= bytes
		rest = rest[n:]
		first += int64(n)
	}
	if len(rest) < len(c.tail) {
		c.tail = append(make([]index.Row, 0, 2*index.BlockRows), rest...)
	}
	return nil
}

// writeBlock stores rows as a block.
func (s *Store) writeBlock(tx *sql.Tx, c *state, first int64, rows []index.Row) error {
	m := blockMeta{first: first, last: first + int64(len(rows)) - 1, from: rows[0].Timestamp, to: rows[0].Timestamp}
	for i := range rows {
		m.from, m.to = min(m.from, rows[i].Timestamp), max(m.to, rows[i].Timestamp)
	}
	if _, err := tx.Exec(
		"INSERT INTO block VALUES (?, ?, ?, ?, ?)",
		m.first,
		m.last,
		m.from,
		m.to,
		m.sum(),
	); err != nil {
		return err
	}
	insert, err := tx.Prepare("INSERT INTO part VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for name, data := range s.builder.Build(rows) {
		if _, err := insert.Exec(first, name, data, partSum(first, name, data)); err != nil {
			return err
		}
	}
	c.blocks = append(c.blocks[:len(c.blocks):len(c.blocks)], m)
	return nil
}

// change runs f in a transaction, on a copy of the state. It publishes the copy once
// the transaction is committed.
func (s *Store) change(f func(*sql.Tx, *state) error) error {
	return s.checked(s.transact(f))
}

func (s *Store) transact(f func(*sql.Tx, *state) error) error {
	before := s.state.Load()
	c := before.clone()
	tx, err := s.writer.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx, &c); err != nil {
		return err
	}
	if c.first == before.first && c.next == before.next {
		return nil
	}
	if c.records() > 0 && (before.records() == 0 || c.first != before.first) {
		if err := tx.QueryRow(oldestSQL, c.first).Scan(&c.oldest); err != nil {
			return fmt.Errorf("record %d: %w", c.first, err)
		}
	}
	if _, err := tx.Exec("UPDATE span SET first = ?, next = ?", c.first, c.next); err != nil {
		return err
	}
	for i, st := range c.streams {
		if st == before.streams[i] {
			continue
		}
		_, err := tx.Exec(
			"UPDATE count SET records = ?, errors = ?, warnings = ? WHERE name = ?",
			st.Records,
			st.Errors,
			st.Warnings,
			st.name,
		)
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.state.Store(&c)
	return nil
}
