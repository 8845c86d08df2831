package delivery

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// maxReports is how many errors may wait for OnError.
const maxReports = 16

// A reporter passes errors to OnError, one at a time, on a goroutine that exists only while
// there are errors, so OnError may block and may log. Errors that do not fit into the list
// of waiting errors are counted.
type reporter struct {
	onError func(error)
	stderr  *stderrReporter // is called by onError; nil if the caller has set onError

	mu      sync.Mutex
	waiting []error // the first is being reported
	leftOut int     // errors that were not reported since the last report
	idle    sync.Cond
}

func newReporter(onError func(error)) *reporter {
	r := &reporter{onError: onError}
	if onError == nil {
		r.stderr = new(stderrReporter)
		r.onError = r.stderr.report
	}
	r.idle.L = &r.mu
	return r
}

// report calls OnError with the error, later. An error with the text of a waiting one is
// left out: OnError may have caused it, for example by logging, and would cause it again.
func (r *reporter) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := slices.ContainsFunc(r.waiting, func(e error) bool { return e.Error() == err.Error() })
	if known || len(r.waiting) == maxReports {
		r.leftOut++
		return
	}
	r.waiting = append(r.waiting, err)
	if len(r.waiting) == 1 {
		go r.run()
	}
}

func (r *reporter) run() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) > 0 {
		err := r.waiting[0]
		if r.leftOut > 0 {
			err = fmt.Errorf("%w (%d more errors were not reported)", err, r.leftOut)
			r.leftOut = 0
		}
		r.mu.Unlock()
		r.call(err)
		r.mu.Lock()
		r.waiting = slices.Delete(r.waiting, 0, 1)
	}
	r.idle.Broadcast()
}

// call calls OnError and recovers its panic.
func (r *reporter) call(err error) {
	defer func() { recover() }()
	r.onError(err)
}

// reportLast reports the error of a shutdown and waits until OnError has returned. The
// error is written to standard error even if there was a line a moment ago.
func (r *reporter) reportLast(err error) {
	r.wait()
	if r.stderr != nil {
		r.stderr.permit()
	}
	r.report(err)
	r.wait()
}

// reportTimeout is how long a shutdown waits for OnError.
const reportTimeout = 250 * time.Millisecond

// wait waits until all errors are reported, for at most reportTimeout: OnError may be slow,
// or may have called shutdown.
func (r *reporter) wait() {
	end := time.Now().Add(reportTimeout)
	timer := time.AfterFunc(time.Until(end), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.idle.Broadcast()
	})
	defer timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) > 0 && time.Now().Before(end) {
		r.idle.Wait()
	}
}

// stderrPause is the time between two lines on standard error.
const stderrPause = 10 * time.Second

// A stderrReporter writes errors to standard error, at most one every stderrPause.
type stderrReporter struct {
	mu         sync.Mutex
	next       time.Time
	unreported int
}

func (r *stderrReporter) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.next) {
		r.unreported++
		return
	}
	r.next = time.Now().Add(stderrPause)
	if r.unreported > 0 {
		err = fmt.Errorf("%w (%d more errors since the last line)", err, r.unreported)
		r.unreported = 0
	}
	fmt.Fprintln(os.Stderr, "synlogger:", err)
}

// permit makes report write the next error at once.
func (r *stderrReporter) permit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = time.Time{}
}
