package collector

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
)

// rowSQL selects what scanRow reads.
const rowSQL = "SELECT id, received, timestamp, level, streams, remote_port, remote_ip, input, " +
	"source, logger, message, full_message, fields, findings, sum FROM record WHERE "

// scanRow reads a row and compares its checksum.
func scanRow(rows *sql.Rows, sums *summer) (id int64, r row, err error) {
	var sum sql.NullInt64
	err = rows.Scan(&id, &r.received, &r.timestamp, &r.level, &r.streams, &r.remotePort, &r.remoteIP, &r.input, &r.source, &r.logger,
		&r.message, &r.fullMessage, &r.fields, &r.findings, &sum)
	if err == nil && sum.Valid && sum.Int64 != sums.row(id, &r) {
		err = fmt.Errorf("%w: record %d is not as it was written", ErrDamaged, id)
	}
	return id, r, err
}

// A span is what of the store a query is about: a snapshot, so that records
// which come and go meanwhile do not matter.
type span struct {
	*counts
	filter
	lo, hi int64 // ids, hi not included
}

func (s *store) span(f filter) span {
	c := s.counts.Load()
	sp := span{c, f, max(c.first, f.after+1), c.next}
	if f.before > 0 {
		sp.hi = min(sp.hi, f.before)
	}
	return sp
}

// tailFirst returns the id of the first record of the tail.
func (c *counts) tailFirst() int64 { return c.next - int64(len(c.tail)) }

// touches reports whether a block has to be looked at.
func (sp span) touches(m blockMeta) bool {
	return m.last >= sp.lo && m.first < sp.hi && m.to >= sp.from && m.from < sp.to
}

// trim takes out the rows of a block that are beyond the span.
func (sp span) trim(b *block, rows bitmap) {
	if b.first >= sp.lo && b.first+int64(b.n) <= sp.hi {
		return
	}
	for i := range b.n {
		if id := b.first + int64(i); id < sp.lo || id >= sp.hi {
			rows[i/64] &^= 1 << (i % 64)
		}
	}
}

// resolve returns the rows of a block that match.
func (s *store) resolve(ctx context.Context, sp span, b *block, tail []row) (bitmap, error) {
	sure, maybe := sp.match.find(b)
	if b.err != nil {
		return nil, b.err
	}
	sp.trim(b, sure)
	sp.trim(b, maybe)
	open := maybe.without(sure)
	if open.empty() {
		return sure, nil
	}
	if tail != nil {
		open.each(func(i int) {
			if sp.match.match(&tail[i]) {
				sure.set(i)
			}
		})
		return sure, nil
	}
	_, err := s.rows(ctx, b, open, true, func(id int64, r *row) bool {
		if sp.match.match(r) {
			sure.set(int(id - b.first))
		}
		return true
	})
	return sure, err
}

// eachBlock calls one of the visitors with each block and the rows of it that
// match, newest block first, if there are any. Each visitor has a goroutine; it
// returns false to end the scan.
func (s *store) eachBlock(ctx context.Context, sp span, visitors ...func(b *block, rows bitmap) bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var all sync.WaitGroup
	for _, visit := range visitors {
		all.Go(func() {
			for i := range work {
				if ctx.Err() != nil { // another visitor has enough
					continue
				}
				b, tail := s.spanBlock(ctx, sp, i)
				rows, err := s.resolve(ctx, sp, b, tail)
				if err == nil {
					err = b.err
				}
				if err != nil {
					if err := s.unlessDeleted(b, err); err != nil {
						cancel(err)
					}
					continue
				}
				if !rows.empty() && !visit(b, rows) {
					cancel(errEnough)
				}
				if b.err != nil {
					cancel(s.checked(b.err))
				}
			}
		})
	}
dispatch:
	for i := len(sp.blocks); i >= 0; i-- {
		if i == len(sp.blocks) {
			if len(sp.tail) == 0 || sp.hi <= sp.tailFirst() {
				continue
			}
		} else if !sp.touches(sp.blocks[i]) {
			continue
		}
		select {
		case work <- i:
		case <-ctx.Done():
			break dispatch
		}
	}
	close(work)
	all.Wait()
	if err := context.Cause(ctx); err != nil && err != errEnough {
		return err
	}
	return nil
}

var errEnough = errors.New("enough")

// workers is how many goroutines share the blocks of one chart.
func workers() int { return min(4, runtime.GOMAXPROCS(0)) }

// spanBlock returns the ith block of a span; behind the blocks is the tail.
func (s *store) spanBlock(ctx context.Context, sp span, i int) (*block, []row) {
	if i < len(sp.blocks) {
		return s.block(ctx, sp.blocks[i]), nil
	}
	return s.tailBlock(sp.counts), sp.tail
}

// unlessDeleted returns an error of reading a block, or nil if the block was
// deleted after the span was taken.
func (s *store) unlessDeleted(b *block, err error) error {
	var one int
	missing := s.readers.QueryRow("SELECT 1 FROM block WHERE first = ?", b.first).Scan(&one)
	if errors.Is(missing, sql.ErrNoRows) {
		err = s.deleted(b.first+int64(b.n), "block", b.first)
	}
	return s.checked(err)
}

// A blockMeta is what is known of a block without reading it.
type blockMeta struct {
	first, last int64 // ids
	from, to    int64 // of the timestamps
}

func (s *store) block(ctx context.Context, m blockMeta) *block {
	return &block{
		first: m.first, n: int(m.last - m.first + 1),
		load: func(name string) (any, error) {
			return s.parts.get(m.first, name, func() (string, error) { return s.readPart(ctx, m.first, name) })
		},
		names: func() ([]string, error) { return s.partNames(ctx, m.first) },
	}
}

func (s *store) partNames(ctx context.Context, first int64) ([]string, error) {
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

// readPart returns a part of a block as it is stored, "" if there is none.
func (s *store) readPart(ctx context.Context, first int64, name string) (string, error) {
	var data []byte
	var sum sql.NullInt64
	err := s.part.QueryRowContext(ctx, first, name).Scan(&data, &sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("block %d: %w", first, endOf(ctx, err))
	case sum.Valid && sum.Int64 != partSum(first, name, data):
		return "", fmt.Errorf("%w: block %d: the part %q is not as it was written", ErrDamaged, first, name)
	}
	return string(data), nil
}

// tailBlock returns the tail as a block. It is made once for all who ask before
// the next batch.
func (s *store) tailBlock(c *counts) *block {
	c.asBlock.once.Do(func() {
		var builder blockBuilder
		c.asBlock.parts = make(map[string]any)
		for name, data := range builder.build(c.tail) {
			if p, err := decodePart(name, string(data)); err == nil {
				c.asBlock.parts[name] = p
			}
		}
	})
	parts := c.asBlock.parts
	return &block{
		first: c.tailFirst(), n: len(c.tail),
		load:  func(name string) (any, error) { return parts[name], nil },
		names: func() ([]string, error) { return slices.Collect(maps.Keys(parts)), nil },
	}
}

// lazyBlock is the tail as a block, once someone asked for it.
type lazyBlock struct {
	once  sync.Once
	parts map[string]any
}

// cacheBytes bounds the parts of blocks that are kept in memory.
const cacheBytes = 96 << 20

// A partCache keeps parts of blocks in memory. A block never changes, and no id
// is used twice.
type partCache struct {
	mu    sync.Mutex
	parts map[partKey]cachedPart
	bytes int
}

type partKey struct {
	first int64
	name  string
}

type cachedPart struct {
	part  any
	bytes int
}

func (c *partCache) get(first int64, name string, read func() (string, error)) (any, error) {
	key := partKey{first, name}
	c.mu.Lock()
	hit, ok := c.parts[key]
	c.mu.Unlock()
	if ok {
		return hit.part, nil
	}
	data, err := read()
	if err != nil {
		return nil, err
	}
	var made cachedPart
	if data != "" {
		if made.part, err = decodePart(name, data); err != nil {
			return nil, fmt.Errorf("block %d, %s: %w", first, name, err)
		}
	}
	made.bytes = len(data) + 100
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts == nil {
		c.parts = make(map[partKey]cachedPart)
	}
	if old, ok := c.parts[key]; ok {
		c.bytes -= old.bytes
	}
	c.parts[key] = made
	c.bytes += made.bytes
	for k, p := range c.parts { // any of them: the order of a map is random
		if c.bytes <= cacheBytes {
			break
		}
		delete(c.parts, k)
		c.bytes -= p.bytes
	}
	return made.part, nil
}
