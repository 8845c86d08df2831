package ingest

import (
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// The bounds of the queue between the connections and the store. What does not
// fit waits in the kernel's buffers and then at the sender: it is slowed, not
// cut off.
const (
	queueRecords = 20_000
	queueBytes   = 32 << 20

	batchRows = 5_000 // a batch of so many records need not grow
)

// A queue hands rows from many receivers to the one writer, a batch at a time.
// It is bounded in rows and in bytes; a single row is taken whatever its size.
type Queue struct {
	mu       sync.Mutex
	notFull  sync.Cond
	rows     []index.Row
	bytes    int
	maxRows  int
	maxBytes int
	closed   bool

	// ready has a token when the queue went from empty to not empty, brisk when
	// there is a full batch or the queue is full: no reason to gather longer.
	Ready, BatchReady chan struct{}
}

func NewQueue() *Queue {
	q := &Queue{
		maxRows: queueRecords, maxBytes: queueBytes,
		Ready: make(chan struct{}, 1), BatchReady: make(chan struct{}, 1),
	}
	q.notFull.L = &q.mu
	return q
}

// put adds a row and waits for room first.
func (q *Queue) put(r index.Row) {
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

// take moves everything that is queued into batch and lets the receivers go
// on. It reports false when nothing will follow.
func (q *Queue) Take(batch []index.Row) ([]index.Row, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.rows
	q.rows, q.bytes = batch[:0], 0
	select { // what brisk told of is taken
	case <-q.BatchReady:
	default:
	}
	q.notFull.Broadcast()
	return taken, !q.closed
}

// close says that no row will follow.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.Ready)
	signal(q.BatchReady)
}

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
