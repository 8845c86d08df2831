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

func (g *errorLimiter) Report(kind string, err error) {
	g.mu.Lock()
	now := time.Now()
	pass := now.Sub(g.last[kind]) >= time.Second
	if pass {
		if g.last == nil {
			g.last = make(map[string]time.Time)
		}
		g.last[kind] = now
	}
	g.mu.Unlock()
	if pass {
		g.report(err)
	}
}
