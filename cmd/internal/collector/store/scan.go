package store

import (
	"context"
	"errors"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// resolve returns the rows of a block that match.
func (sp Snapshot) resolve(ctx context.Context, b *index.Block, tail []index.Row) (index.Bitmap, error) {
	sure, maybe := sp.Match.Find(b)
	if b.Err != nil {
		return nil, b.Err
	}
	sp.trim(b, sure)
	sp.trim(b, maybe)
	open := maybe.Without(sure)
	if open.IsEmpty() {
		return sure, nil
	}
	if tail != nil {
		open.Each(func(i int) {
			if sp.Match.Match(&tail[i]) {
				sure.Set(i)
			}
		})
		return sure, nil
	}
	_, err := sp.store.rows(ctx, b, open, true, func(id int64, r *index.Row) bool {
		if sp.Match.Match(r) {
			sure.Set(int(id - b.First))
		}
		return true
	})
	return sure, err
}

// EachBlock calls visit with each block that has matching rows, and with these rows.
// It calls visit from several goroutines at once. The scan ends when visit returns
// false.
func (sp Snapshot) EachBlock(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error {
	return sp.scan(ctx, index.Workers(), visit)
}

// EachBlockInOrder is EachBlock with one goroutine. The newest block comes first.
func (sp Snapshot) EachBlockInOrder(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error {
	return sp.scan(ctx, 1, visit)
}

func (sp Snapshot) scan(ctx context.Context, goroutines int, visit func(b *index.Block, rows index.Bitmap) bool) error {
	scan, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range work {
				if scan.Err() != nil { // visit returned false
					continue
				}
				b, tail := sp.nth(scan, i)
				rows, err := sp.resolve(scan, b, tail)
				if err == nil {
					err = b.Err
				}
				if err != nil {
					if err := sp.store.unlessDeleted(b, err); err != nil {
						cancel(err)
					}
					continue
				}
				if !rows.IsEmpty() && !visit(b, rows) {
					cancel(errEnough)
				}
				if b.Err != nil {
					cancel(sp.store.checked(b.Err))
				}
			}
		})
	}
dispatch:
	for i := len(sp.blocks); i >= 0; i-- {
		if i == len(sp.blocks) {
			if len(sp.tail) == 0 || sp.Hi <= sp.TailFirst() {
				continue
			}
		} else if !sp.touches(sp.blocks[i]) {
			continue
		}
		select {
		case work <- i:
		case <-scan.Done():
			break dispatch
		}
	}
	close(work)
	all.Wait()
	if err := context.Cause(scan); err != nil && err != errEnough {
		return endOf(ctx, err)
	}
	return nil
}

var errEnough = errors.New("enough")

// endOf returns the error of ctx if ctx has ended, because the driver only reports an
// interruption. Otherwise it returns err.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
