package api

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// An endpoint is a path of the REST API. /api/openapi.json is generated from its
// fields.
type endpoint struct {
	method  string // GET, which includes HEAD, or POST
	path    string
	summary string
	params  []param
	body    any           // a value of the type of a POST's body
	answer  any           // a value of the type; nil if the answer is not JSON
	kind    string        // content type of an answer that is not JSON
	limit   string        // key of requestLimits; in table, "" means query with requestTime
	timeout time.Duration // 0: the handler sets its own
	also    []int         // statuses besides 200, 400, 401, 403, 405 and 500
	serve   func(w http.ResponseWriter, r *http.Request, p params) error
}

// AllowMethod reports whether a request has a method, and otherwise answers 405. HEAD
// is allowed where GET is.
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
func (e endpoint) handler(l *limiter) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !AllowMethod(w, r, e.httpMethod()) {
			return
		}
		p, err := parseParams(r, e.params)
		if err != nil {
			WriteFailure(w, err)
			return
		}
		if l != nil {
			if err := l.acquire(r.Context()); err != nil {
				w.Header().Set("Retry-After", "1")
				WriteFailure(w, err)
				return
			}
			defer l.release()
		}
		if e.timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), e.timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if err := e.serve(w, r, p); err != nil {
			WriteFailure(w, err)
		}
	}
}

func (e endpoint) httpMethod() string {
	if e.method == "" {
		return "GET"
	}
	return e.method
}
