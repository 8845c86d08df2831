package handler

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A reporter passes troubles to OnError. One that comes up while another is
// reported is left out, for it may be OnError's own: a filter that panics for
// the record which tells of a filter's panic.
type reporter struct {
	onError func(error)
	busy    atomic.Bool
}

func newReporter(onError func(error)) *reporter {
	if onError == nil {
		onError = (&stderrReporter{}).report
	}
	return &reporter{onError: onError}
}

func (r *reporter) report(err error) {
	if !r.busy.CompareAndSwap(false, true) {
		return
	}
	defer r.busy.Store(false)
	defer func() { recover() }() // the host's OnError must not end the host
	r.onError(err)
}

// stderrPause is the time between two lines on standard error.
const stderrPause = 10 * time.Second

// A stderrReporter writes troubles to standard error, but seldom.
type stderrReporter struct {
	mu     sync.Mutex
	next   time.Time
	unsaid int
}

func (r *stderrReporter) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.next) {
		r.unsaid++
		return
	}
	r.next = time.Now().Add(stderrPause)
	if r.unsaid > 0 {
		err = fmt.Errorf("%w (and %d more troubles since the last line)", err, r.unsaid)
		r.unsaid = 0
	}
	fmt.Fprintln(os.Stderr, "synlogger:", err)
}
