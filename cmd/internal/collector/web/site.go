// Package web serves the pages of a collector, and the TCP port of the pages and the
// REST API.
package web

import (
	"fmt"
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
)

// A site serves the pages of a collector, and its REST API.
type site struct {
	api       *api.API
	collector StatsSource
	handler   http.Handler
}

// A StatsSource returns the counters of a collector.
type StatsSource interface{ Stats() api.Stats }

// New returns a handler for the pages and the REST API of a collector.
func New(a *api.API, c StatsSource) http.Handler {
	s := &site{api: a, collector: c}
	s.handler = s.routes()
	return s
}

// ServeHTTP serves the pages and the REST API.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// routes returns the handler of all paths.
func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	for _, v := range pageViews {
		mux.HandleFunc(v.pattern(), onlyGET(s.serveView(v)))
	}
	mux.HandleFunc("/assets/", onlyGET(serveAsset))
	s.api.Register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		rest.WriteError(w, http.StatusNotFound, fmt.Errorf("no page %s", r.URL.Path))
	})
	guarded := guardSite(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

func onlyGET(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if rest.AllowMethod(w, r, "GET") {
			serve(w, r)
		}
	}
}
