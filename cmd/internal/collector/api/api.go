// Package api serves the REST API of a collector.
package api

import (
	"context"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Bounds of the duration of a request.
const (
	requestTime = 30 * time.Second
	maxWait     = 10 * time.Minute
	defaultWait = 10 * time.Second
)

// A Backend is the collector as the REST API sees it, apart from its store.
type Backend interface {
	// Stats returns the counters as they are now.
	Stats() Stats
	// Err returns what is wrong now, nil if nothing is wrong.
	Err() error
	// Clear deletes all records and returns how many it deleted.
	Clear(ctx context.Context) (int64, error)
}

// An API serves the REST API of a collector.
type API struct {
	store     *store.Store
	collector Backend
	gates     map[string]*limiter
}

// New returns the REST API of a collector with its store.
func New(s *store.Store, c Backend) *API {
	a := &API{store: s, collector: c, gates: make(map[string]*limiter)}
	for kind, limits := range requestLimits {
		a.gates[kind] = newLimiter(limits)
	}
	return a
}

// Register adds the paths of the REST API to a mux.
func (a *API) Register(mux *http.ServeMux) {
	for _, rt := range a.table() {
		mux.HandleFunc(rt.path, rt.handler(a.gates[rt.limit]))
	}
}
