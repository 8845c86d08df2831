package collector

import "sync"

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
type queue struct {
	mu       sync.Mutex
	notFull  sync.Cond
	rows     []row
	bytes    int
	maxRows  int
	maxBytes int
	closed   bool

	// ready has a token when the queue went from empty to not empty, brisk when
	// there is a full batch or the queue is full: no reason to gather longer.
	ready, brisk chan struct{}
}

func newQueue() *queue {
	q := &queue{
		maxRows: queueRecords, maxBytes: queueBytes,
		ready: make(chan struct{}, 1), brisk: make(chan struct{}, 1),
	}
	q.notFull.L = &q.mu
	return q
}

// put adds a row and waits for room first.
func (q *queue) put(r row) {
	q.mu.Lock()
	for q.full() {
		signal(q.brisk)
		q.notFull.Wait()
	}
	q.rows = append(q.rows, r)
	q.bytes += r.size()
	n := len(q.rows)
	q.mu.Unlock()
	if n == 1 {
		signal(q.ready)
	}
	if n == batchRows {
		signal(q.brisk)
	}
}

func (q *queue) full() bool { return len(q.rows) >= q.maxRows || q.bytes >= q.maxBytes }

// take moves everything that is queued into batch and lets the receivers go
// on. It reports false when nothing will follow.
func (q *queue) take(batch []row) ([]row, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.rows
	q.rows, q.bytes = batch[:0], 0
	select { // what brisk told of is taken
	case <-q.brisk:
	default:
	}
	q.notFull.Broadcast()
	return taken, !q.closed
}

// close says that no row will follow.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.ready)
	signal(q.brisk)
}

func (q *queue) len() int {
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
