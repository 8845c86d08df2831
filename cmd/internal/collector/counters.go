package collector

import (
	"sync"
	"sync/atomic"
	"time"
)

// counters count what happens to records after the inputs.
type counters struct {
	stored, pruned, lost atomic.Int64

	mu   sync.Mutex
	err  error // of the last write, nil if it succeeded
	rate rate
}

// wrote counts a stored batch.
func (t *counters) wrote(n int, pruned int64, now time.Time) {
	t.stored.Add(int64(n))
	t.pruned.Add(pruned)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = nil
	t.rate.add(now, int64(n))
}

// failed keeps the error of a failed write.
func (t *counters) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
}

func (t *counters) storeError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// readRate returns the records stored per second.
func (t *counters) readRate(now time.Time) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rate.read(now)
}

// rateSeconds is the number of full seconds that a rate covers.
const rateSeconds = 5

// A rate counts events per second, for the last few seconds.
type rate struct {
	last    int64 // the second of the newest count
	seconds [rateSeconds + 1]int64
}

func (r *rate) add(now time.Time, n int64) {
	r.advance(now.Unix())
	r.seconds[r.last%int64(len(r.seconds))] += n
}

// read returns the events per second over the last full seconds.
func (r *rate) read(now time.Time) float64 {
	r.advance(now.Unix())
	var sum int64
	for i, n := range r.seconds {
		if int64(i) != r.last%int64(len(r.seconds)) {
			sum += n
		}
	}
	return float64(sum) / rateSeconds
}

// advance clears the seconds that are too old.
func (r *rate) advance(now int64) {
	for from := max(r.last+1, now-rateSeconds); from <= now; from++ {
		r.seconds[from%int64(len(r.seconds))] = 0
	}
	r.last = max(r.last, now)
}
