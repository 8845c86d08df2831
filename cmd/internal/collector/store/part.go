package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// nth returns the ith block of the snapshot. The tail follows the last block; its rows
// are returned, too.
func (snap Snapshot) nth(ctx context.Context, i int) (*index.Block, []index.Row) {
	if i < len(snap.blocks) {
		return snap.store.block(ctx, snap.blocks[i]), nil
	}
	return snap.store.tailBlock(snap.state), snap.tail
}

// Block returns the block whose first record has the id.
func (snap Snapshot) Block(ctx context.Context, first int64) *index.Block {
	i, _ := slices.BinarySearchFunc(snap.blocks, first,
		func(m blockMeta, id int64) int { return cmp.Compare(m.first, id) })
	b, _ := snap.nth(ctx, i)
	return b
}

// UnlessDeleted returns the error of reading a block, or nil if the block was deleted
// after the snapshot was taken.
func (snap Snapshot) UnlessDeleted(b *index.Block, err error) error {
	return snap.store.unlessDeleted(b, err)
}

// unlessDeleted returns the error of reading a block, or nil if the block is deleted.
func (s *Store) unlessDeleted(b *index.Block, err error) error {
	var one int
	missing := s.readers.QueryRow("SELECT 1 FROM block WHERE first = ?", b.First).Scan(&one)
	if errors.Is(missing, sql.ErrNoRows) {
		err = s.deleted(b.First+int64(b.Rows), "block", b.First)
	}
	return s.checked(err)
}

// A blockMeta describes a block.
type blockMeta struct {
	first, last int64 // ids
	from, to    int64 // bounds of the timestamps
}

func (s *Store) block(ctx context.Context, m blockMeta) *index.Block {
	return &index.Block{
		First: m.first, Rows: int(m.last - m.first + 1),
		Load: func(names []string) (map[string]any, error) {
			return s.parts.get(m.first, names, func(names []string) (map[string]string, error) {
				return s.readParts(ctx, m.first, names)
			})
		},
		PartNames: func() ([]string, error) { return s.partNames(ctx, m.first) },
	}
}

func (s *Store) partNames(ctx context.Context, first int64) ([]string, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT name FROM part WHERE first = ?", first)
	if err != nil {
		return nil, s.checked(endOf(ctx, err))
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, s.checked(rows.Err())
}

// readParts returns parts of a block in their stored form, without those that the block
// does not have.
func (s *Store) readParts(ctx context.Context, first int64, names []string) (map[string]string, error) {
	list, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	rows, err := s.part.QueryContext(ctx, first, string(list))
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", first, endOf(ctx, err))
	}
	defer rows.Close()
	parts := make(map[string]string, len(names))
	for rows.Next() {
		var name string
		var data sql.RawBytes
		var sum sql.NullInt64
		if err := rows.Scan(&name, &data, &sum); err != nil {
			return nil, fmt.Errorf("block %d: %w", first, endOf(ctx, err))
		}
		if sum.Valid && sum.Int64 != partSum(first, name, data) {
			return nil, fmt.Errorf("%w: block %d: the part %q differs from what was written", index.ErrDamaged, first, name)
		}
		parts[name] = string(data)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("block %d: %w", first, endOf(ctx, err))
	}
	return parts, nil
}

// tailBlock returns the tail as a block. The block is built once per state.
func (s *Store) tailBlock(c *state) *index.Block {
	c.lazyTail.once.Do(func() {
		var builder index.Builder
		c.lazyTail.parts = make(map[string]any)
		for name, data := range builder.Build(c.tail) {
			if p, err := index.DecodePart(name, string(data)); err == nil {
				c.lazyTail.parts[name] = p
			}
		}
	})
	parts := c.lazyTail.parts
	return &index.Block{
		First: c.TailFirst(), Rows: len(c.tail),
		Load:      func([]string) (map[string]any, error) { return parts, nil },
		PartNames: func() ([]string, error) { return slices.Collect(maps.Keys(parts)), nil },
	}
}

// A lazyBlock is a tail as a block, built on first use.
type lazyBlock struct {
	once  sync.Once
	parts map[string]any
}
