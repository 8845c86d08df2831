package collector

import (
	"context"
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// gatherTime is how long the first record of a batch waits for others.
const gatherTime = 50 * time.Millisecond

// Bounds of the pause after a failed write. Each pause is twice as long as the one
// before.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// A writerLoop writes the queue to the store.
type writerLoop struct {
	c      *Collector
	giveUp chan struct{} // closed when a failed batch is to be dropped instead of retried
}

// run returns when the queue is closed and empty.
func (w *writerLoop) run() {
	q := w.c.queue
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	gather := time.NewTimer(gatherTime)
	defer gather.Stop()
	var batch []index.Row
	for more := true; more; {
		select {
		case <-q.Ready:
		case <-tick.C:
			w.expire()
			continue
		case done := <-w.c.clears:
			done <- w.clear()
			continue
		}
		gather.Reset(gatherTime)
		select {
		case <-q.BatchReady:
		case <-gather.C:
		}
		batch, more = q.Dequeue(batch)
		if len(batch) > 0 {
			w.write(batch)
			clear(batch) // releases the texts
		}
	}
}

// write stores a batch and retries until it succeeds. Meanwhile the queue fills up and
// senders wait.
func (w *writerLoop) write(batch []index.Row) {
	c := w.c
	retry := firstRetry
	for {
		pruned, err := c.store.Write(batch, c.cfg.MaxRecords, c.cfg.MaxBytes)
		if err == nil {
			c.counters.wrote(len(batch), pruned, time.Now())
			c.store.Notify()
			return
		}
		err = fmt.Errorf("collector: store in %s: %w", c.store.Dir(), err)
		c.counters.failed(err)
		c.fails.Report("store", err)
		select {
		case <-w.giveUp:
			c.counters.lost.Add(int64(len(batch)))
			return
		case <-time.After(retry):
			retry = min(2*retry, lastRetry)
		}
	}
}

// expire deletes the records that are older than Config.MaxAge.
func (w *writerLoop) expire() {
	c := w.c
	if c.cfg.MaxAge <= 0 {
		return
	}
	pruned, err := c.store.Expire(time.Now().Add(-c.cfg.MaxAge))
	c.counters.pruned.Add(pruned)
	if err != nil {
		c.fails.Report("expire", fmt.Errorf("collector: store in %s: %w", c.store.Dir(), err))
	}
}

// clear deletes all records and returns how many.
func (w *writerLoop) clear() cleared {
	n, err := w.c.store.Clear()
	if err != nil {
		return cleared{0, fmt.Errorf("collector: store in %s: %w", w.c.store.Dir(), err)}
	}
	w.c.counters.pruned.Add(n)
	w.c.store.Notify()
	return cleared{n, nil}
}

// cleared is the result of a request to delete all records.
type cleared struct {
	records int64
	err     error
}

// Clear deletes all stored records and returns how many. Later records have greater
// IDs. It waits while a batch is written. If the collector does not run, it waits
// until ctx ends.
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
