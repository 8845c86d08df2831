package api

import (
	"context"
	"fmt"
	"net/http"
)

func AllowMethod(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method || method == "GET" && r.Method == http.MethodHead {
		return true
	}
	allow := method
	if method == "GET" {
		allow = "GET, HEAD"
	}
	w.Header().Set("Allow", allow)
	WriteError(w, http.StatusMethodNotAllowed, fmt.Errorf("method %s: this path takes %s", r.Method, allow))
	return false
}

// handler returns a handler that checks the method and the parameters and applies the
// limit, nil for no limit.
func (rt endpoint) handler(g *limiter) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !AllowMethod(w, r, rt.httpMethod()) {
			return
		}
		p, err := parseParams(r, rt.params)
		if err != nil {
			WriteFailure(w, err)
			return
		}
		if g != nil {
			if err := g.enter(r.Context()); err != nil {
				w.Header().Set("Retry-After", "1")
				WriteFailure(w, err)
				return
			}
			defer g.leave()
		}
		if rt.timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), rt.timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if err := rt.serve(w, r, p); err != nil {
			WriteFailure(w, err)
		}
	}
}

func (rt endpoint) httpMethod() string {
	if rt.method == "" {
		return "GET"
	}
	return rt.method
}
