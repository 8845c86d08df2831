package graylog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// A System is the state of the node that responded.
type System struct {
	Version      string `json:"version"`       // "7.0.1+29f3984"
	Lifecycle    string `json:"lifecycle"`     // running, starting, …
	LoadBalancer string `json:"lb_status"`     // alive or dead, for load balancers
	Processing   bool   `json:"is_processing"` // whether messages are processed
}

// ParsedVersion returns the version as numbers. [Client.System] has checked it.
func (s System) ParsedVersion() version.Version {
	v, _ := version.Parse(s.Version)
	return v
}

// Starting reports whether the server cannot answer other requests yet.
func (s System) Starting() bool { return s.Lifecycle == "uninitialized" || s.Lifecycle == "starting" }

// System returns the state of the server. The error is ErrNotGraylog if another
// program responded.
func (c *Client) System(ctx context.Context) (System, error) {
	const path = "/api/system"
	var s System
	err := c.Get(ctx, path, nil, &s)
	if err == nil {
		if _, err = version.Parse(s.Version); s.Version == "" {
			err = errors.New("the response has no version")
		}
		if err == nil {
			return s, nil
		}
		return s, &Error{Method: http.MethodGet, URL: c.base + path, Err: fmt.Errorf("%w: %w", ErrNotGraylog, err),
			Advice: notGraylogAdvice}
	}
	var failure *Error
	if errors.As(err, &failure) && failure.Status == http.StatusNotFound {
		failure.Err = fmt.Errorf("%w: 404 Not Found", ErrNotGraylog)
		failure.Advice = notGraylogAdvice
	}
	return s, err
}

// A Greeting is what Graylog tells everyone.
type Greeting struct {
	ClusterID string `json:"cluster_id"`
	Version   string `json:"version"`
}

// Greeting asks whether Graylog is there, without a login.
func (c *Client) Greeting(ctx context.Context) (Greeting, error) {
	const path = "/api/"
	var g Greeting
	err := c.Anonymous().Get(ctx, path, nil, &g)
	if err == nil && g.ClusterID == "" {
		err = &Error{Method: http.MethodGet, URL: c.base + path, Err: ErrNotGraylog, Advice: notGraylogAdvice}
	}
	return g, err
}

// firstTimeout limits the first request to a server, which shows whether it answers.
const firstTimeout = 5 * time.Second

// firstSystem is like System. If the server does not answer soon or in a strange way, it
// returns what is wrong with the URL, if anything.
func (c *Client) firstSystem(ctx context.Context) (System, error) {
	soon, cancel := context.WithTimeout(ctx, firstTimeout)
	defer cancel()
	s, err := c.System(soon)
	late := errors.Is(err, context.DeadlineExceeded)
	var failure *Error
	switch {
	case late, errors.Is(err, http.ErrSchemeMismatch), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, new(tls.RecordHeaderError)),
		errors.As(err, &failure) && failure.Status == http.StatusBadRequest:
		if wrong := c.checkPort(ctx, err); wrong != nil {
			return s, wrong
		}
	}
	if late && ctx.Err() == nil {
		return c.System(ctx) // it is only slow
	}
	return s, err
}

// Pauses between the attempts of Wait, which double from the first to the last.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 4 * time.Second
)

// Wait waits until the server is up and returns its state. It tries again while
// the error is ErrUnavailable. It returns ErrInvalidURL at once if the URL has the wrong
// scheme, or the port of a GELF input. With a timeout of 0 it tries once. If progress is
// not nil, it is called with each new reason for waiting.
func (c *Client) Wait(ctx context.Context, timeout time.Duration, progress func(reason string)) (System, error) {
	deadline := time.Now().Add(timeout)
	last := ""
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		s, err := c.firstSystem(ctx)
		if err == nil && s.Starting() {
			err = fmt.Errorf("%w: it is %s", ErrUnavailable, s.Lifecycle)
		}
		switch {
		case err == nil || !errors.Is(err, ErrUnavailable):
			return s, err
		case ctx.Err() != nil:
			return s, fmt.Errorf("wait for Graylog at %s: %w: %w", c.base, context.Cause(ctx), err)
		case timeout == 0:
			return s, err
		case time.Now().Add(pause).After(deadline):
			return s, fmt.Errorf("wait for Graylog at %s: it was not up within %v: %w", c.base, timeout, err)
		}
		if reason := err.Error(); reason != last && progress != nil {
			progress(reason)
			last = reason
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}
