// Package api serves the REST API of a collector.
package api

import (
	"context"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
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
	limiters  map[string]*rest.Limiter
}

// New returns the REST API of a collector with its store.
func New(s *store.Store, c Backend) *API {
	a := &API{store: s, collector: c, limiters: make(map[string]*rest.Limiter)}
	for kind, limits := range requestLimits {
		a.limiters[kind] = rest.NewLimiter(limits)
	}
	return a
}

// Register adds the paths of the REST API to a mux.
func (a *API) Register(mux *http.ServeMux) {
	for _, e := range a.table() {
		mux.HandleFunc(e.Path, e.Handler(a.limiters[e.Limit], WriteFailure))
	}
}

// requestLimits bound how many requests of a kind run at once, and how many more may
// wait.
var requestLimits = map[string]rest.Limit{
	"query":  {Concurrent: 8, Waiting: 64, MaxWait: 10 * time.Second},
	"health": {Concurrent: 8, Waiting: 16, MaxWait: time.Second},
	"wait":   {Concurrent: 64},
	"tail":   {Concurrent: 32},
	"export": {Concurrent: 3},
}

// QueryTimeout is the longest time of a query, including its wait.
var QueryTimeout = requestLimits["query"].MaxWait + requestTime

// MaxRequests returns how many requests may run or wait at once.
func MaxRequests() int {
	all := 0
	for _, limit := range requestLimits {
		all += limit.Concurrent + limit.Waiting
	}
	return all
}
