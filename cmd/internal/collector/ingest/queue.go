package ingest

import (
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// Bounds of the queue between the connections and the store. When the queue is full,
// frames wait in the kernel's buffers and at the senders: senders are slowed down, not
// disconnected.
const (
	queueRecords = 20_000
	queueBytes   = 32 << 20

	batchRows = 5_000 // records of a full batch
)

// A Queue passes rows from many receivers to one writer, in batches. It is bounded in
// rows and in bytes. A single row is accepted whatever its size.
type Queue struct {
	mu       sync.Mutex
	notFull  sync.Cond
	rows     []index.Row
	bytes    int
	maxRows  int
	maxBytes int
	closed   bool

	// Ready has an element when the queue is no longer empty. BatchReady has an
	// element when the queue has a full batch or is full.
	Ready, BatchReady chan struct{}
}

// NewQueue returns an empty queue.
func NewQueue() *Queue {
	q := &Queue{
		maxRows: queueRecords, maxBytes: queueBytes,
		Ready: make(chan struct{}, 1), BatchReady: make(chan struct{}, 1),
	}
	q.notFull.L = &q.mu
	return q
}

// enqueue adds a row. It waits while the queue is full.
func (q *Queue) enqueue(r index.Row) {
	q.mu.Lock()
	for q.full() {
		signal(q.BatchReady)
		q.notFull.Wait()
	}
	q.rows = append(q.rows, r)
	q.bytes += r.Size()
	n := len(q.rows)
	q.mu.Unlock()
	if n == 1 {
		signal(q.Ready)
	}
	if n == batchRows {
		signal(q.BatchReady)
	}
}

func (q *Queue) full() bool { return len(q.rows) >= q.maxRows || q.bytes >= q.maxBytes }

// Dequeue moves all queued rows into batch. It returns false if the queue is closed.
func (q *Queue) Dequeue(batch []index.Row) ([]index.Row, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.rows
	q.rows, q.bytes = batch[:0], 0
	select { // the rows that it announced are taken
	case <-q.BatchReady:
	default:
	}
	q.notFull.Broadcast()
	return taken, !q.closed
}

// Close closes the queue. No row may follow.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.Ready)
	signal(q.BatchReady)
}

// Len returns the number of queued rows.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.rows)
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
