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

// A reporter passes errors to OnError, one at a time, on a goroutine that exists
// only while there are errors: OnError may take as long as it likes and may log.
// Errors that do not fit into the list of waiting ones are left out and counted.
type reporter struct {
	onError func(error)
	stderr  *stderrReporter // what onError calls by default, else nil

	mu      sync.Mutex
	waiting []error // the first of them is being reported
	leftOut int     // errors left out since the last report
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

// report has OnError called with the error. An error with the text of one that
// waits is left out: OnError may have caused it, for instance by a record on
// which a filter panics, and would cause it again.
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

// call calls OnError, whose panic must not end the host.
func (r *reporter) call(err error) {
	defer func() { recover() }()
	r.onError(err)
}

// reportLast reports the error of a shutdown, which standard error shows whatever
// it showed before, and waits until OnError has returned.
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

// wait waits until all errors are reported, for reportTimeout at most: OnError may
// be slow, or be what calls this.
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

// A stderrReporter writes errors to standard error, at most one in stderrPause.
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
		err = fmt.Errorf("%w (%d more errors since the last line)", err, r.unsaid)
		r.unsaid = 0
	}
	fmt.Fprintln(os.Stderr, "synlogger:", err)
}

// permit has the next error written at once.
func (r *stderrReporter) permit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = time.Time{}
}
