package collector

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// A batch is written when this many records have gathered, or when the first of
// them has waited for gatherTime.
const (
	batchRows  = 5_000
	gatherTime = 50 * time.Millisecond
)

// How long a store that failed is left alone before the next attempt: doubling
// from the first to the last.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// A writerLoop carries the queue into the store.
type writerLoop struct {
	c      *Collector
	giveUp chan struct{} // closed: a batch that fails is lost, not tried again
}

// run returns when the queue is closed and empty.
func (w *writerLoop) run() {
	q := w.c.queue
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	gather := time.NewTimer(gatherTime)
	defer gather.Stop()
	var batch []row
	for more := true; more; {
		select {
		case <-q.ready:
		case <-tick.C:
			w.expire()
			continue
		case done := <-w.c.clears:
			done <- w.clear()
			continue
		}
		gather.Reset(gatherTime)
		select {
		case <-q.brisk:
		case <-gather.C:
		}
		batch, more = q.take(batch)
		if len(batch) > 0 {
			w.write(batch)
			clear(batch) // lets go of the texts
		}
	}
}

// write stores a batch, and tries until it can. Meanwhile the queue fills up,
// and then the senders wait.
func (w *writerLoop) write(batch []row) {
	c := w.c
	retry := firstRetry
	for {
		pruned, err := c.store.write(batch, c.opts.MaxRecords, c.opts.MaxBytes)
		if err == nil {
			c.tally.wrote(len(batch), pruned, time.Now())
			c.turn.ring()
			return
		}
		err = fmt.Errorf("collector: store in %s: %w", c.store.dir, err)
		c.tally.failed(err)
		c.fails.tell("store", err)
		select {
		case <-w.giveUp:
			c.tally.lost.Add(int64(len(batch)))
			return
		case <-time.After(retry):
			retry = min(2*retry, lastRetry)
		}
	}
}

// expire deletes the records that are older than Options.MaxAge.
func (w *writerLoop) expire() {
	c := w.c
	if c.opts.MaxAge <= 0 {
		return
	}
	pruned, err := c.store.expire(time.Now().Add(-c.opts.MaxAge))
	c.tally.pruned.Add(pruned)
	if err != nil {
		c.fails.tell("expire", fmt.Errorf("collector: store in %s: %w", c.store.dir, err))
	}
}

// insertRows is how many rows one INSERT takes: most of what a statement costs
// is then shared.
const insertRows = 20

// columns are those of the record table in the order that appendValues has.
var columns = [...]string{
	"id", "received", "timestamp", "level", "streams", "remote_port", "remote_ip", "input",
	"source", "logger", "message", "full_message", "fields", "findings", "sum",
}

func appendValues(dst []any, id int64, r *row, sum int64) []any {
	return append(dst, id, r.received, r.timestamp, int64(r.level), int64(r.streams), int64(r.remotePort), r.remoteIP, r.input,
		r.source, r.logger, r.message, r.fullMessage, r.fields, r.findings, sum)
}

func insertSQL(rows int) string {
	one := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	return "INSERT INTO record (" + strings.Join(columns[:], ", ") + ") VALUES " + one + strings.Repeat(","+one, rows-1)
}

// write stores a batch in one transaction and deletes the oldest records
// beyond the bounds. It returns how many it deleted.
func (s *store) write(batch []row, maxRecords, maxBytes int64) (pruned int64, err error) {
	err = s.change(func(tx *sql.Tx, c *counts) error {
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
				c.add(r.streams, r.level, 1)
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

// seal adds a batch to the tail and makes blocks of it. The rows that an older
// snapshot has of the tail stay as they are: only what is behind them changes.
func (s *store) seal(tx *sql.Tx, c *counts, batch []row) error {
	c.tail = append(c.tail, batch...)
	for i := range batch {
		c.tailBytes += batch[i].size()
	}
	first := c.tailFirst()
	rest := c.tail
	for len(rest) >= blockRows || c.tailBytes >= blockBytes {
		n, bytes := 0, 0
		for n < len(rest) && n < blockRows && bytes < blockBytes {
			bytes += rest[n].size()
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
		c.tail = append(make([]row, 0, 2*blockRows), rest...)
	}
	return nil
}

// writeBlock stores rows as a block.
func (s *store) writeBlock(tx *sql.Tx, c *counts, first int64, rows []row) error {
	m := blockMeta{first: first, last: first + int64(len(rows)) - 1, from: rows[0].timestamp, to: rows[0].timestamp}
	for i := range rows {
		m.from, m.to = min(m.from, rows[i].timestamp), max(m.to, rows[i].timestamp)
	}
	if _, err := tx.Exec("INSERT INTO block VALUES (?, ?, ?, ?, ?)", m.first, m.last, m.from, m.to, m.sum()); err != nil {
		return err
	}
	insert, err := tx.Prepare("INSERT INTO part VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for name, data := range s.builder.build(rows) {
		if _, err := insert.Exec(first, name, data, partSum(first, name, data)); err != nil {
			return err
		}
	}
	c.blocks = append(c.blocks[:len(c.blocks):len(c.blocks)], m)
	return nil
}

// expire deletes the records that arrived before a time.
func (s *store) expire(before time.Time) (pruned int64, err error) {
	const chunk = 5_000 // as many as a batch: the queue does not wait for long
	for {
		var deleted int64
		err := s.change(func(tx *sql.Tx, c *counts) error {
			// Records arrive in the order of their ids, but for a few
			// milliseconds: the first young one ends the old ones.
			end := min(c.first+chunk, c.next)
			err := tx.QueryRow("SELECT id FROM record WHERE id < ? AND received >= ? ORDER BY id LIMIT 1", end, before.UnixMilli()).Scan(&end)
			if err != nil && err != sql.ErrNoRows {
				return err
			}
			deleted = end - c.first
			return prune(tx, c, end)
		})
		if err != nil || deleted == 0 {
			return pruned, err
		}
		pruned += deleted
	}
}

// change runs f in a transaction of the writer, on a copy of the counts that
// takes their place when the transaction is committed.
func (s *store) change(f func(*sql.Tx, *counts) error) error {
	return s.checked(s.transact(f))
}

func (s *store) transact(f func(*sql.Tx, *counts) error) error {
	before := s.counts.Load()
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
		_, err := tx.Exec("UPDATE count SET records = ?, errors = ?, warnings = ? WHERE name = ?", st.Records, st.Errors, st.Warnings, st.Name)
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.counts.Store(&c)
	return nil
}

// prune deletes the records with an id below end.
func prune(tx *sql.Tx, c *counts, end int64) error {
	if end <= c.first {
		return nil
	}
	rows, err := tx.Query("SELECT streams, level, count(*) FROM record WHERE id < ? GROUP BY streams, level", end)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var set streamSet
		var level int
		var n int64
		if err := rows.Scan(&set, &level, &n); err != nil {
			return err
		}
		c.add(set, level, -n)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM record WHERE id < ?", end); err != nil {
		return err
	}
	c.first = end
	return pruneBlocks(tx, c)
}

// pruneBlocks deletes the blocks of which no record is left, and lets go of
// those records of the tail that are gone.
func pruneBlocks(tx *sql.Tx, c *counts) error {
	gone := 0
	for gone < len(c.blocks) && c.blocks[gone].last < c.first {
		gone++
	}
	if gone > 0 {
		last := c.blocks[gone-1].first
		if _, err := tx.Exec("DELETE FROM part WHERE first <= ?", last); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM block WHERE first <= ?", last); err != nil {
			return err
		}
		c.blocks = c.blocks[gone:]
	}
	if over := c.first - c.tailFirst(); over > 0 {
		for i := range c.tail[:over] {
			c.tailBytes -= c.tail[i].size()
		}
		c.tail = append(make([]row, 0, blockRows), c.tail[over:]...)
	}
	return nil
}

// shrink deletes the oldest records until the pages in use are within bounds.
// The file keeps its size, and its free pages take the next records.
func shrink(tx *sql.Tx, c *counts, maxBytes int64) error {
	for c.first < c.next {
		var pages, free, size int64
		err := tx.QueryRow("SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").
			Scan(&pages, &free, &size)
		if err != nil || (pages-free)*size <= maxBytes {
			return err
		}
		if err := prune(tx, c, c.first+1+c.records()/50); err != nil {
			return err
		}
	}
	return nil
}
