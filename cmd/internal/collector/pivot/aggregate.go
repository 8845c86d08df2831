package pivot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

// Blocks are the blocks of a store with the records that match a filter.
type Blocks interface {
	// EachBlock calls visit with each block that has matching rows, and with these
	// rows, from several goroutines at once. The scan ends when visit returns false.
	EachBlock(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error
	// EachBlockInOrder is EachBlock with one goroutine. The newest block comes first.
	EachBlockInOrder(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error
	// Block returns the block whose first record has the id.
	Block(ctx context.Context, first int64) *index.Block
	// UnlessDeleted returns the error of reading a block, or nil if the block was
	// deleted.
	UnlessDeleted(b *index.Block, err error) error
	// Bounds returns the range of the timestamps, in milliseconds.
	Bounds() (from, to int64)
}

// Aggregate computes pivots over the records that match. If a pivot is invalid, the
// error wraps [query.ErrInvalid].
//
// It reads the blocks twice: first to find the matching records and the most frequent
// values, then to compute the numbers of those values. So its memory depends only on
// the limits of the pivots.
func Aggregate(ctx context.Context, in Blocks, pivots []Pivot) ([]Table, error) {
	for _, p := range pivots {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%w: %w", query.ErrInvalid, err)
		}
	}
	if len(pivots) > maxPivots {
		return nil, fmt.Errorf("%w: %d pivots: use at most %d", query.ErrInvalid, len(pivots), maxPivots)
	}
	hits, values, err := survey(ctx, in, pivots)
	if err != nil {
		return nil, err
	}
	return tabulate(ctx, in, pivots, hits, values)
}

// A hit is a block with its matching rows.
type hit struct {
	first int64 // id of the first record of the block
	rows  index.Bitmap
}

// survey finds the matching rows and counts the values of the fields that the pivots
// group by.
func survey(ctx context.Context, in Blocks, pivots []Pivot) ([]hit, map[string]*valueCounts, error) {
	total := make(map[string]*valueCounts)
	for _, p := range pivots {
		for _, g := range []*Group{p.Row, p.Column} {
			if g != nil && g.Field != "timestamp" {
				total[g.Field] = new(valueCounts)
			}
		}
	}
	var mu sync.Mutex
	var hits []hit
	err := in.EachBlock(ctx, func(b *index.Block, rows index.Bitmap) bool {
		found := make(map[string]*valueCounts)
		for field := range total {
			found[field] = new(valueCounts)
			found[field].count(b, field, rows)
		}
		mu.Lock()
		defer mu.Unlock()
		hits = append(hits, hit{b.First, rows})
		for field, g := range found {
			total[field].addAll(g)
		}
		return ctx.Err() == nil
	})
	return hits, total, cmp.Or(err, ctx.Err())
}

// tabulate computes the tables of pivots over hits. It ignores blocks that were
// deleted since survey.
func tabulate(ctx context.Context, in Blocks, pivots []Pivot, hits []hit,
	values map[string]*valueCounts) ([]Table, error) {
	axis := newTimeAxis(in.Bounds())
	fields := fieldsOf(pivots)
	parts := make([][]*partialTable, index.Workers())
	work := make(chan hit)
	errs := make([]error, len(parts))
	var all sync.WaitGroup
	for w := range parts {
		for _, p := range pivots {
			parts[w] = append(parts[w], newPartialTable(p, axis, values))
		}
		all.Go(func() {
			for h := range work {
				b := in.Block(ctx, h.first)
				b.Prefetch(fields)
				list := newRowList(b, h.rows, axis)
				for _, p := range parts[w] {
					if b.Err == nil {
						p.visit(b, list)
					}
				}
				if b.Err != nil {
					errs[w] = cmp.Or(in.UnlessDeleted(b, b.Err), errs[w])
				}
			}
		})
	}
	for _, h := range hits {
		if ctx.Err() != nil {
			break
		}
		work <- h
	}
	close(work)
	all.Wait()
	if err := cmp.Or(ctx.Err(), errors.Join(errs...)); err != nil {
		return nil, err
	}
	tables := make([]Table, len(pivots))
	for i := range pivots {
		whole := parts[0][i]
		for _, more := range parts[1:] {
			whole.merge(more[i])
		}
		tables[i] = whole.table()
	}
	return tables, nil
}

// fieldsOf returns the fields that pivots read.
func fieldsOf(pivots []Pivot) (fields []string) {
	for _, p := range pivots {
		for _, g := range []*Group{p.Row, p.Column} {
			if g != nil && g.Field != "timestamp" {
				fields = append(fields, g.Field)
			}
		}
		for _, s := range p.Series {
			if s.Field != "" {
				fields = append(fields, s.Field)
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// A rowList has the matching rows of a block, with the index of the time interval of
// each.
type rowList struct {
	rows  []int32
	times index.Times
	spans []int32
}

func newRowList(b *index.Block, set index.Bitmap, axis timeAxis) rowList {
	l := rowList{rows: make([]int32, 0, set.Count()), times: b.Times()}
	l.spans = make([]int32, 0, cap(l.rows))
	set.Each(func(i int) {
		l.rows = append(l.rows, int32(i))
		at := (l.times.At(i) - axis.first) / axis.interval
		l.spans = append(l.spans, int32(max(0, min(at, axis.n-1))))
	})
	return l
}
