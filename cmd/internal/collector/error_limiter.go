package collector

import (
	"sync"
	"time"
)

// An errorGate passes an error on, but not the same kind of error over and
// over while its cause lasts.
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
