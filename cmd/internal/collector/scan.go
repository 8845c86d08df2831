package collector

import (
	"context"
	"errors"
	"sync"
)

// resolve returns the rows of a block that match.
func (sp span) resolve(ctx context.Context, b *block, tail []row) (bitmap, error) {
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
	_, err := sp.store.rows(ctx, b, open, true, func(id int64, r *row) bool {
		if sp.match.match(r) {
			sure.set(int(id - b.first))
		}
		return true
	})
	return sure, err
}

// eachBlock calls visit with each block and the rows of it that match, if there are
// any. It calls visit from several goroutines at once. The scan ends when visit
// returns false.
func (sp span) eachBlock(ctx context.Context, visit func(b *block, rows bitmap) bool) error {
	return sp.scan(ctx, workers(), visit)
}

// eachBlockInOrder is eachBlock with one goroutine, and the newest block first.
func (sp span) eachBlockInOrder(ctx context.Context, visit func(b *block, rows bitmap) bool) error {
	return sp.scan(ctx, 1, visit)
}

func (sp span) scan(ctx context.Context, goroutines int, visit func(b *block, rows bitmap) bool) error {
	scan, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan int)
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range work {
				if scan.Err() != nil { // another visitor has enough
					continue
				}
				b, tail := sp.nth(scan, i)
				rows, err := sp.resolve(scan, b, tail)
				if err == nil {
					err = b.err
				}
				if err != nil {
					if err := sp.store.unlessDeleted(b, err); err != nil {
						cancel(err)
					}
					continue
				}
				if !rows.empty() && !visit(b, rows) {
					cancel(errEnough)
				}
				if b.err != nil {
					cancel(sp.store.checked(b.err))
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

// endOf returns the error of ctx in place of the driver's, which knows only
// that it was interrupted.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
