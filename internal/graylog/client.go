package graylog

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

const (
	defaultTimeout = 2 * time.Minute // installing a pack takes seconds
	maxBody        = 64 << 20        // bytes; more than a thousand dashboards
)

// A Client sends requests to one Graylog. Its methods are safe for concurrent
// use.
type Client struct {
	base           string // URL without a slash or /api at its end
	user, password string // both empty without a login
	anonymous      bool   // sends no login
	http           *http.Client
	skew           *atomic.Int64 // time.Duration
}

// New returns a client. It sends no request. Errors are about the configuration.
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, skew: new(atomic.Int64)}
	switch {
	case cfg.Token != "" && cfg.Password != "":
		return nil, errors.New("a password and a token are given: give only one of them")
	case cfg.Token != "":
		c.user, c.password = cfg.Token, "token" // Graylog's form
	case cfg.HasLogin():
		c.user, c.password = cfg.User, cfg.Password
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = cfg.TLS.Clone()
	c.http = &http.Client{
		Transport: transport,
		Timeout:   cmp.Or(cfg.Timeout, defaultTimeout),
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect would turn POST into GET, and send the login elsewhere
		},
	}
	return c, nil
}

// baseURL returns the URL without a slash or /api at its end. Its errors do not
// contain a password.
func baseURL(text string) (string, error) {
	u, err := url.Parse(cmp.Or(text, DefaultURL))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: write it as %s", ErrInvalidURL, DefaultURL)
	case u.User != nil:
		return "", fmt.Errorf("%w: the URL contains a user, which others can see: "+
			"give the user and the password separately", ErrInvalidURL)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("%w %q: write it as %s", ErrInvalidURL, text, DefaultURL)
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api"), nil
}

// URL returns the address of the web page, without a slash at its end.
func (c *Client) URL() string { return c.base }

// HasLogin reports whether requests can log in.
func (c *Client) HasLogin() bool { return c.user != "" }

// Anonymous returns a client that sends no login. It shares the connections of c.
func (c *Client) Anonymous() *Client {
	anonymous := *c
	anonymous.user, anonymous.password, anonymous.anonymous = "", "", true
	return &anonymous
}

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ClockSkew returns how far the server's clock was ahead of this machine's at
// the last response, to the second.
func (c *Client) ClockSkew() time.Duration { return time.Duration(c.skew.Load()) }

// Get sends a GET request. See [Client.Do].
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) error {
	return c.Do(ctx, http.MethodGet, path, query, nil, into)
}

// Do sends a request. The path starts with /api. If body is not nil, it is sent
// as JSON. If into is not nil, the JSON of the response is decoded into it, also
// that of an error response. Numbers become [json.Number] in a field of type any.
// The error is [ErrNoLogin] or an [*Error].
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, into any) error {
	if !c.anonymous && c.user == "" {
		return ErrNoLogin
	}
	req, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	fail := func(failure Error) error {
		failure.Method, failure.URL = method, c.base+path
		return &failure
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var request *url.Error // repeats the method and the URL
		if errors.As(err, &request) {
			err = request.Err
		}
		return fail(Error{Err: err})
	}
	defer resp.Body.Close()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.skew.Store(int64(time.Until(at).Round(time.Second)))
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	switch {
	case err != nil && into == nil && success:
		return nil // the server has done it
	case err != nil:
		return fail(Error{Err: err})
	case len(answer) > maxBody:
		return fail(Error{Err: fmt.Errorf("the response has more than %d bytes", maxBody)})
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return fail(Error{Status: resp.StatusCode, Advice: "the server redirects to " +
			Printable(resp.Header.Get("Location")) + ": use that address"})
	case !success:
		_ = decode(answer, into) // a response without JSON has a status
		return fail(Error{Status: resp.StatusCode, Text: message(answer), Advice: advice(resp.StatusCode)})
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"), // a proxy's login page, for example
		decode(answer, into) != nil:
		return fail(Error{Err: fmt.Errorf("%w: the response is not JSON in its form", ErrNotGraylog),
			Advice: notGraylogAdvice})
	}
	return nil
}

func (c *Client) request(
	ctx context.Context, method, path string, query url.Values, body any,
) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		content = bytes.NewReader(text)
	}
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, err
	}
	if !c.anonymous {
		req.SetBasicAuth(c.user, c.password)
	}
	req.Header.Set("Accept", "application/json")
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Requested-By", "synlogger") // Graylog's protection against forged requests
	}
	return req, nil
}

func decode(text []byte, into any) error {
	if into == nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return dec.Decode(into)
}

// Entity returns the body of a request that creates something that can be
// shared, such as a stream. Graylog 7 wants it wrapped, and older versions do not.
func Entity(v version.Version, body any) any {
	if v.Major >= 7 {
		return map[string]any{"entity": body, "share_request": nil}
	}
	return body
}
