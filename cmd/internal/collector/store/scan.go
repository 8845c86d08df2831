package store

import (
	"context"
	"errors"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// resolve returns the rows of a block that match.
func (snap Snapshot) resolve(ctx context.Context, b *index.Block, tail []index.Row) (index.Bitmap, error) {
	sure, maybe := snap.Match.Find(b)
	if b.Err != nil {
		return nil, b.Err
	}
	snap.trim(b, sure)
	snap.trim(b, maybe)
	open := maybe.Without(sure)
	if open.IsEmpty() {
		return sure, nil
	}
	if tail != nil {
		open.Each(func(i int) {
			if snap.Match.Match(&tail[i]) {
				sure.Set(i)
			}
		})
		return sure, nil
	}
	_, err := snap.store.rows(ctx, b, open, true, func(id int64, r *index.Row) bool {
		if snap.Match.Match(r) {
			sure.Set(int(id - b.First))
		}
		return true
	})
	return sure, err
}

// EachBlock calls visit with each block that has matching rows, and with these rows.
// It calls visit from several goroutines at once. The scan ends when visit returns
// false.
func (snap Snapshot) EachBlock(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error {
	return snap.scan(ctx, index.Workers(), visit)
}

// EachBlockInOrder is EachBlock with one goroutine. The newest block comes first.
func (snap Snapshot) EachBlockInOrder(ctx context.Context, visit func(b *index.Block, rows index.Bitmap) bool) error {
	return snap.scan(ctx, 1, visit)
}

func (snap Snapshot) scan(ctx context.Context, goroutines int,
	visit func(b *index.Block, rows index.Bitmap) bool) error {
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
				b, tail := snap.nth(scan, i)
				rows, err := snap.resolve(scan, b, tail)
				if err == nil {
					err = b.Err
				}
				if err != nil {
					if err := snap.store.unlessDeleted(b, err); err != nil {
						cancel(err)
					}
					continue
				}
				if !rows.IsEmpty() && !visit(b, rows) {
					cancel(errEnough)
				}
				if b.Err != nil {
					cancel(snap.store.checked(b.Err))
				}
			}
		})
	}
dispatch:
	for i := len(snap.blocks); i >= 0; i-- {
		if i == len(snap.blocks) {
			if len(snap.tail) == 0 || snap.Hi <= snap.TailFirst() {
				continue
			}
		} else if !snap.touches(snap.blocks[i]) {
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
