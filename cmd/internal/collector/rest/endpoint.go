// Package rest serves endpoints of a REST API and describes them in OpenAPI: it
// parses parameters, limits requests, and writes answers.
package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// An Endpoint is a path of a REST API. Describe describes it by its fields.
type Endpoint struct {
	Method  string // GET, which includes HEAD, or POST
	Path    string
	Summary string
	Params  []Param
	Body    Object        // schema of the body of a POST
	Answer  any           // a value of the type; nil if the answer is not JSON
	Kind    string        // content type of an answer that is not JSON
	AltKind string        // another content type that a parameter selects
	Late    string        // meaning of status 504, if its answer has the form of a success
	Limit   string        // kind of request that is limited, "" for no limit
	Timeout time.Duration // 0: the handler sets its own
	Also    []int         // statuses besides 200, 400, 401, 403, 405 and 500
	Serve   func(w http.ResponseWriter, r *http.Request, p Params) error
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
	WriteError(w, http.StatusMethodNotAllowed, fmt.Errorf("method %s is not allowed: use %s", r.Method, allow))
	return false
}

// Handler returns a handler that checks the method and the parameters and applies the
// limit, nil for no limit. It calls fail to answer errors.
func (e Endpoint) Handler(l *Limiter, fail func(http.ResponseWriter, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !AllowMethod(w, r, e.HTTPMethod()) {
			return
		}
		p, err := ParseParams(r, e.Params)
		if err != nil {
			fail(w, err)
			return
		}
		if l != nil {
			if err := l.acquire(r.Context()); err != nil {
				w.Header().Set("Retry-After", "1")
				fail(w, err)
				return
			}
			defer l.release()
		}
		if e.Timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), e.Timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if err := e.Serve(w, r, p); err != nil {
			fail(w, err)
		}
	}
}

// HTTPMethod returns the method of the endpoint.
func (e Endpoint) HTTPMethod() string {
	if e.Method == "" {
		return "GET"
	}
	return e.Method
}
