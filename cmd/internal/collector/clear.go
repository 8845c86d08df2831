package collector

import (
	"context"
	"database/sql"
	"fmt"
)

// clear deletes all records and returns how many.
func (w *writerLoop) clear() cleared {
	n, err := w.c.store.clear()
	if err != nil {
		return cleared{0, fmt.Errorf("collector: store in %s: %w", w.c.store.dir, err)}
	}
	w.c.tally.pruned.Add(n)
	w.c.turn.ring()
	return cleared{n, nil}
}

// cleared is what became of a request to delete all records.
type cleared struct {
	records int64
	err     error
}

// Clear deletes all records that the store holds, and returns how many. Those
// that come later have greater IDs. It waits for the writer while a batch is
// written; a collector that does not run has none, and ctx ends the wait.
func (c *Collector) Clear(ctx context.Context) (int64, error) {
	done := make(chan cleared, 1)
	select {
	case c.clears <- done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	result := <-done
	return result.records, result.err
}

// clear deletes all records.
func (s *store) clear() (n int64, err error) {
	defer func() {
		if err == nil {
			s.damage.Store(nil)
		}
	}()
	err = s.change(func(tx *sql.Tx, c *counts) error {
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
