package collector

import (
	"sync"
	"time"
)

// An errorLimiter reports errors, but errors of the same cause at most once a second.
type errorLimiter struct {
	report func(error)
	mu     sync.Mutex
	last   map[string]time.Time
}

// Report reports an error, unless one with the same cause was reported less than a
// second ago.
func (l *errorLimiter) Report(kind string, err error) {
	l.mu.Lock()
	now := time.Now()
	pass := now.Sub(l.last[kind]) >= time.Second
	if pass {
		if l.last == nil {
			l.last = make(map[string]time.Time)
		}
		l.last[kind] = now
	}
	l.mu.Unlock()
	if pass {
		l.report(err)
	}
}
