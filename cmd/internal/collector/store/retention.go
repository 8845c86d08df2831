package store

import (
	"database/sql"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// Expire deletes the records that arrived before a time. It returns how many it
// deleted.
func (s *Store) Expire(before time.Time) (pruned int64, err error) {
	const chunk = 5_000 // the size of a batch, so that the queue waits only briefly
	for {
		var deleted int64
		err := s.change(func(tx *sql.Tx, c *state) error {
			// Ids are in the order of arrival, except for a few milliseconds. The
			// first record that is recent enough ends the deletion.
			end := min(c.first+chunk, c.next)
			err := tx.QueryRow("SELECT id FROM record WHERE id < ? AND received >= ? ORDER BY id LIMIT 1", end,
				before.UnixMilli()).Scan(&end)
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

// prune deletes the records with an id below end.
func prune(tx *sql.Tx, c *state, end int64) error {
	if end <= c.first {
		return nil
	}
	rows, err := tx.Query("SELECT streams, level, count(*) FROM record WHERE id < ? GROUP BY streams, level", end)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var set index.StreamSet
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

// pruneBlocks deletes the blocks whose records are all deleted, and drops deleted
// records from the tail.
func pruneBlocks(tx *sql.Tx, c *state) error {
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
	if over := c.first - c.TailFirst(); over > 0 {
		for i := range c.tail[:over] {
			c.tailBytes -= c.tail[i].Size()
		}
		c.tail = append(make([]index.Row, 0, index.BlockRows), c.tail[over:]...)
	}
	return nil
}

// shrink deletes the oldest records until the used pages are within the bound. The
// file keeps its size; new records use its free pages.
func shrink(tx *sql.Tx, c *state, maxBytes int64) error {
	for c.first < c.next {
		var pages, free, size int64
		err := tx.QueryRow("SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, "+
			"pragma_page_size").
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

// Clear deletes all records and returns how many.
func (s *Store) Clear() (n int64, err error) {
	defer func() {
		if err == nil {
			s.damage.Store(nil)
		}
	}()
	err = s.change(func(tx *sql.Tx, c *state) error {
		for _, table := range []string{"record", "part", "block"} {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		n = c.records()
		for i := range c.streams {
			st := &c.streams[i]
			st.Records, st.Errors, st.Warnings = 0, 0, 0
		}
		c.first, c.blocks, c.tail, c.tailBytes = c.next, nil, nil, 0
		return nil
	})
	return n, err
}
