package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long a request may take: a search through a full store, and the longest
// timeout that /api/wait takes.
const (
	requestTime = 30 * time.Second
	maxWait     = 10 * time.Minute
	defaultWait = 10 * time.Second
)

// ServeHTTP serves the page and the REST API, so that a collector can live in
// another server; under a prefix, strip it and let the path end in a slash.
// Unlike the collector's own port it takes requests for any host name: which
// ones to let in is the other server's decision.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// routes returns the handler of all paths.
func (c *Collector) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", c.servePage)
	mux.HandleFunc("/assets/", serveAsset)
	mux.HandleFunc("/healthz", c.serveHealth)
	mux.HandleFunc("/api/streams", c.serveStreams)
	mux.HandleFunc("/api/search", c.serveSearch)
	mux.HandleFunc("/api/wait", c.serveWait)
	mux.HandleFunc("/api/stats", c.serveStats)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, fmt.Errorf("no page %s", r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			writeError(w, http.StatusMethodNotAllowed, fmt.Errorf("method %s: everything here is read with GET", r.Method))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// server returns the server of the collector's own port. Its requests end with
// ctx.
func (c *Collector) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           c.guardHost(c),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      requestTime + 5*time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          log.New(errorWriter{c}, "", 0),
	}
}

// errorWriter takes the log of net/http to OnError.
type errorWriter struct{ c *Collector }

func (w errorWriter) Write(p []byte) (int, error) {
	w.c.fails.tell("http", fmt.Errorf("collector: page: %s", strings.TrimSpace(string(p))))
	return len(p), nil
}

// guardHost refuses requests for other names than this machine's while the
// port is bound to a loopback address. A page of the web whose name resolves
// to 127.0.0.1 (DNS rebinding) would read the records otherwise.
func (c *Collector) guardHost(next http.Handler) http.Handler {
	if addr := c.page.Addr().(*net.TCPAddr); !addr.IP.IsLoopback() {
		return next
	}
	configured, _, _ := net.SplitHostPort(c.opts.Page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
		ip := net.ParseIP(host)
		if !strings.EqualFold(host, "localhost") && !strings.EqualFold(host, configured) && !(ip != nil && ip.IsLoopback()) {
			writeError(w, http.StatusForbidden, fmt.Errorf("host %q: this port answers to localhost alone", r.Host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *Collector) serveStreams(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		writeFailure(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"streams": c.Streams()})
}

func (c *Collector) serveStats(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		writeFailure(w, err)
		return
	}
	writeJSON(w, http.StatusOK, c.Stats())
}

// serveSearch answers with the records, and with the "before" of the next page
// if there may be one.
func (c *Collector) serveSearch(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r, "limit")
	if err != nil {
		writeFailure(w, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	records, err := c.Search(ctx, q)
	if err != nil {
		writeFailure(w, err)
		return
	}
	answer := struct {
		Records []Record `json:"records"`
		Before  int64    `json:"before,omitempty"`
	}{Records: records}
	if n := len(records); n > 0 && records[n-1].ID > c.store.counts.Load().first {
		answer.Before = records[n-1].ID
	}
	writeJSON(w, http.StatusOK, answer)
}

// serveWait answers 200 when n records match and 504 if they do not in time,
// with their number in both.
func (c *Collector) serveWait(w http.ResponseWriter, r *http.Request) {
	n, timeout := 1, defaultWait
	q, err := parseQuery(r, "n", "timeout")
	if text := r.URL.Query().Get("n"); err == nil && text != "" {
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			err = fmt.Errorf("%w: n %q: use a positive number", ErrQuery, text)
		}
	}
	if text := r.URL.Query().Get("timeout"); err == nil && text != "" {
		if timeout, err = time.ParseDuration(text); err != nil || timeout < 0 || timeout > maxWait {
			err = fmt.Errorf("%w: timeout %q: use a duration such as 10s, at most %v", ErrQuery, text, maxWait)
		}
	}
	if err != nil {
		writeFailure(w, err)
		return
	}
	// A server that cannot set it has no such deadline of ours either.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout + requestTime))
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	count, err := c.Wait(ctx, q, n)
	answer := struct {
		Count  int    `json:"count"`
		Wanted int    `json:"wanted"`
		Error  string `json:"error,omitempty"`
	}{Count: count, Wanted: n}
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, answer)
	case ctx.Err() == context.DeadlineExceeded:
		answer.Error = fmt.Sprintf("%d of %d records after %v", count, n, timeout)
		writeJSON(w, http.StatusGatewayTimeout, answer)
	default:
		writeFailure(w, err)
	}
}

// serveHealth answers 200 while every input receives and the store accepts
// writes, as far as the last one tells.
func (c *Collector) serveHealth(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	err := errors.Join(c.tally.storeError(), c.store.ping(ctx))
	for _, in := range c.inputs {
		if in.running.Load() != 2 {
			err = errors.Join(err, fmt.Errorf("collector: %s is not running", in.Title))
		}
	}
	if err != nil {
		writeError(w, http.StatusServiceUnavailable, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// parseQuery reads the parameters of a Query and allows others by name.
func parseQuery(r *http.Request, others ...string) (Query, error) {
	v, err := parameters(r, append(others, "stream", "q", "level", "after", "before")...)
	if err != nil {
		return Query{}, err
	}
	q := Query{Stream: v.Get("stream"), Text: v.Get("q"), Level: v.Get("level")}
	var limit int64 = DefaultLimit
	for name, to := range map[string]*int64{"after": &q.After, "before": &q.Before, "limit": &limit} {
		text := v.Get(name)
		if text == "" {
			continue
		}
		if *to, err = strconv.ParseInt(text, 10, 64); err != nil || *to < 1 && name != "after" || *to < 0 {
			return Query{}, fmt.Errorf("%w: %s %q: use a positive number", ErrQuery, name, text)
		}
	}
	q.Limit = int(min(limit, MaxLimit+1)) // too large stays too large
	return q, nil
}

// parameters returns the parameters of a request. One that is unknown or given
// twice is an error: a misspelt name would select every record.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	hint := "this path takes none"
	if len(known) > 0 {
		hint = "use " + strings.Join(known, ", ")
	}
	for name, values := range v {
		switch {
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("%w: unknown parameter %q: %s", ErrQuery, name, hint)
		case len(values) > 1:
			return nil, fmt.Errorf("%w: parameter %q is given %d times", ErrQuery, name, len(values))
		}
	}
	return v, nil
}

func writeFailure(w http.ResponseWriter, err error) { writeError(w, statusOf(err), err) }

// statusOf returns the status that tells of an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrQuery), errors.Is(err, ErrNoStream):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable // the collector ends
	}
	return http.StatusInternalServerError
}

func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // an error is the client's, who is gone
}
