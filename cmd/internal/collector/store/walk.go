package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// Descend calls f with the records that match, newest first, until f returns false.
func (snap Snapshot) Descend(ctx context.Context, f func(id int64, r *index.Row) bool) error {
	return endOf(ctx, snap.walk(ctx, true, f))
}

// Ascend is Descend with the oldest record first.
func (snap Snapshot) Ascend(ctx context.Context, f func(id int64, r *index.Row) bool) error {
	return endOf(ctx, snap.walk(ctx, false, f))
}

func (snap Snapshot) walk(ctx context.Context, backward bool, f func(id int64, r *index.Row) bool) error {
	if backward && !snap.walkTail(backward, f) {
		return nil
	}
	for i, meta := range snap.blocks {
		if backward {
			meta = snap.blocks[len(snap.blocks)-1-i]
		}
		if !snap.touches(meta) {
			continue
		}
		if more, err := snap.walkBlock(ctx, meta, backward, f); !more || err != nil {
			return err
		}
	}
	if !backward {
		snap.walkTail(backward, f)
	}
	return nil
}

// walkTail calls f with the records of the tail. It returns false once f has returned
// false.
func (snap Snapshot) walkTail(backward bool, f func(id int64, r *index.Row) bool) bool {
	base := snap.TailFirst()
	lo, hi := max(snap.Lo, base), snap.Hi
	for i := range hi - lo {
		id := lo + i
		if backward {
			id = hi - 1 - i
		}
		if r := &snap.tail[id-base]; snap.Match.Match(r) && !f(id, r) {
			return false
		}
	}
	return true
}

func (snap Snapshot) walkBlock(ctx context.Context, m blockMeta, backward bool,
	f func(id int64, r *index.Row) bool) (more bool, err error) {
	b := snap.store.block(ctx, m)
	sure, maybe := snap.Match.Find(b)
	if b.Err != nil {
		err := snap.store.unlessDeleted(b, b.Err)
		return err == nil, err
	}
	snap.trim(b, maybe)
	return snap.store.rows(ctx, b, maybe, backward, func(id int64, r *index.Row) bool {
		return !sure.Has(int(id-b.First)) && !snap.Match.Match(r) || f(id, r)
	})
}

// rows calls f with some rows of a block until f returns false. It returns false once
// f has returned false.
func (s *Store) rows(ctx context.Context, b *index.Block, which index.Bitmap, backward bool,
	f func(id int64, r *index.Row) bool) (more bool, err error) {
	ids := make([]int64, 0, which.Count())
	which.Each(func(i int) { ids = append(ids, b.First+int64(i)) })
	order := " ORDER BY id"
	if backward {
		slices.Reverse(ids)
		order += " DESC"
	}
	const chunk = 512
	for size := 128; len(ids) > 0; size = chunk { // a small first chunk, because a page may need no more
		part := ids[:min(size, len(ids))]
		ids = ids[len(part):]
		if more, err = s.someRows(ctx, part, order, f); !more || err != nil {
			return more, err
		}
	}
	return true, nil
}

// someRows calls f with the rows of some ids that still exist, until f returns false.
func (s *Store) someRows(ctx context.Context, ids []int64, order string,
	f func(id int64, r *index.Row) bool) (more bool, err error) {
	more, err = s.eachRow(ctx, ids, order, f)
	return more, s.checked(err)
}

func (s *Store) eachRow(ctx context.Context, ids []int64, order string,
	f func(id int64, r *index.Row) bool) (more bool, err error) {
	var q strings.Builder
	q.WriteString(rowSQL + "id IN (")
	for i, id := range ids {
		if i > 0 {
			q.WriteByte(',')
		}
		q.WriteString(strconv.FormatInt(id, 10))
	}
	q.WriteString(")" + order)
	rows, err := s.readers.QueryContext(ctx, q.String())
	if err != nil {
		return false, err
	}
	defer rows.Close()
	missing := make(map[int64]bool, len(ids))
	for _, id := range ids {
		missing[id] = true
	}
	var sums summer
	for rows.Next() {
		id, r, err := scanRow(rows, &sums)
		if err != nil {
			return false, err
		}
		delete(missing, id)
		if !f(id, &r) {
			return false, nil
		}
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	for id := range missing {
		if err := s.deleted(id+1, "record", id); err != nil {
			return false, err
		}
	}
	return true, nil
}

// scanRow reads a row and compares its checksum.
func scanRow(rows *sql.Rows, sums *summer) (id int64, r index.Row, err error) {
	var sum sql.NullInt64
	err = rows.Scan(
		&id,
		&r.Received,
		&r.Timestamp,
		&r.Level,
		&r.Streams,
		&r.RemotePort,
		&r.RemoteIP,
		&r.Input,
		&r.Source,
		&r.Logger,
		&r.Message,
		&r.FullMessage,
		&r.Fields,
		&r.Findings,
		&sum,
	)
	if err == nil && sum.Valid && sum.Int64 != sums.row(id, &r) {
		err = fmt.Errorf("%w: record %d differs from what was written", index.ErrDamaged, id)
	}
	return id, r, err
}
