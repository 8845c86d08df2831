package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
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

// server returns the server of the collector's own port. Its requests end with
// ctx.
func (c *Collector) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           markServing(c.guardHost(c.guardToken(c))),
		ConnContext:       connContext,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      gateLimits["query"].wait + requestTime + 5*time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    256 << 10, // a query of 4,096 characters, each of which may be 12 bytes in a URL
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

// serveSearch answers with the records, and with where the next page begins if
// there may be one.
func (c *Collector) serveSearch(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := newFilter(p.query())
	if err != nil {
		return err
	}
	v, err := p.view()
	if err != nil {
		return err
	}
	records, more, err := c.store.search(r.Context(), f, v)
	if err != nil {
		return err
	}
	answer := searchAnswer{Records: records}
	switch n := len(records); {
	case !more:
	case f.oldest:
		answer.After = records[n-1].ID
	default:
		answer.Before = records[n-1].ID
	}
	return writeJSON(w, http.StatusOK, answer)
}

// serveWait answers 200 when n records match and 504 if they do not in time,
// with their number in both.
func (c *Collector) serveWait(w http.ResponseWriter, r *http.Request, p params) error {
	n, timeout := p.int("n"), p.duration("timeout")
	// A server that cannot set it has no such deadline of ours either.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout + 2*requestTime))
	ctx, cancel := context.WithTimeout(r.Context(), timeout+requestTime)
	defer cancel()
	patience, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	count, err := c.wait(ctx, patience, p.query(), n)
	answer := waitAnswer{Count: count, Wanted: n}
	switch {
	case err == nil:
		return writeJSON(w, http.StatusOK, answer)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		answer.Error = fmt.Sprintf("%d of %d records after %v", count, n, timeout)
		return writeJSON(w, http.StatusGatewayTimeout, answer)
	}
	return err
}

// serveHealth answers 200 while Err returns nil and the store can be read.
func (c *Collector) serveHealth(w http.ResponseWriter, r *http.Request, _ params) error {
	if err := errors.Join(c.store.ping(r.Context()), c.Err()); err != nil {
		writeError(w, http.StatusServiceUnavailable, err)
		return nil
	}
	return writeJSON(w, http.StatusOK, healthAnswer{"ok"})
}

// maxBody is more than any request needs.
const maxBody = 4 << 10

var errMedia = errors.New("the body has to be JSON: send Content-Type: application/json")

// serveClear deletes all records. Beside guardSite it asks for a header that a
// page of another site cannot send.
func (c *Collector) serveClear(w http.ResponseWriter, r *http.Request, _ params) error {
	if r.Header.Get("X-Requested-By") == "" {
		writeError(w, http.StatusForbidden, errors.New("the header X-Requested-By is missing: send it with any value"))
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errMedia
	}
	var body clearRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil || body.Confirm != "clear" {
		return fmt.Errorf(`%w: to delete all records, send {"confirm": "clear"}`, ErrQuery)
	}
	n, err := c.Clear(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, clearAnswer{n})
}

func writeFailure(w http.ResponseWriter, err error) { writeError(w, statusOf(err), err) }

// statusOf returns the status that tells of an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, ErrQuery), errors.Is(err, ErrNoStream):
		return http.StatusBadRequest
	case errors.Is(err, ErrNoTab), errors.Is(err, errNoRecord):
		return http.StatusNotFound
	case errors.Is(err, errMedia):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, errBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable // the collector ends
	}
	return http.StatusInternalServerError
}

func writeError(w http.ResponseWriter, status int, err error) {
	answer := errorAnswer{Error: err.Error()}
	if at := (*query.Error)(nil); errors.As(err, &at) {
		answer.Position = &at.Pos
	}
	_ = writeJSON(w, status, answer)
}

// writeJSON answers with a value. What goes wrong then is the client's, who is
// gone, or reads so slowly that others would have to wait.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(newSlowWriter(w))
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
	return nil
}
