package graylogtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	// Patience is how long a test waits for the server to do something. A
	// message can be searched 1 to 4 s after it was sent.
	Patience = 30 * time.Second

	poll = 300 * time.Millisecond
)

// A Server is a running Graylog, as one test sees it. What it cannot do ends
// the test, so that its methods belong into the test's own goroutine.
type Server struct {
	// URL is that of the web interface, without a slash at its end.
	URL string
	// User and Password may do everything.
	User, Password string
	// Version is as Graylog gives it, "7.0.1+29f3984".
	Version string

	t      testing.TB
	client http.Client
}

// Open returns the server that the environment names, once it takes messages.
// It skips the test if none is named, and fails it if nobody is there. A test
// has the server for itself until it ends, and so calls this once.
func Open(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		URL:      strings.TrimSuffix(strings.TrimRight(os.Getenv("GRAYLOG_URL"), "/"), "/api"),
		User:     cmp.Or(os.Getenv("GRAYLOG_USER"), "admin"),
		Password: cmp.Or(os.Getenv("GRAYLOG_PASSWORD"), "admin"),
		t:        t,
	}
	if s.URL == "" {
		t.Skip("GRAYLOG_URL says which Graylog to ask")
	}
	alone(t)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // leaves no goroutine behind
	s.client = http.Client{Transport: transport, Timeout: Patience}
	var system struct {
		Version    string `json:"version"`
		Balancer   string `json:"lb_status"` // what a load balancer is told
		Processing bool   `json:"is_processing"`
	}
	err := s.until(func() (bool, error) {
		err := s.call(http.MethodGet, "/system", nil, nil, &system)
		var status *StatusError
		if errors.As(err, &status) && status.Status == http.StatusUnauthorized {
			t.Fatalf("graylogtest: %s does not let %s in; GRAYLOG_USER and GRAYLOG_PASSWORD say who may", s.URL, s.User)
		}
		return err == nil && system.Balancer == "alive" && system.Processing, err
	})
	if err != nil {
		t.Fatalf("graylogtest: GRAYLOG_URL is %s, where no Graylog takes messages: %v", s.URL, err)
	}
	s.Version = system.Version
	return s
}

// lock is a port that is open while a test has the server. It is free again
// when the test's process ends, in whatever way.
const lock = "127.0.0.1:24099"

// alone waits until no other test has the server: the packages of go test run at
// the same time.
func alone(t testing.TB) {
	for {
		l, err := net.Listen("tcp", lock)
		if err == nil {
			t.Cleanup(func() { l.Close() })
			return
		}
		select {
		case <-time.After(poll):
		case <-t.Context().Done():
			t.Fatalf("graylogtest: another test has the server, for which it opened %s: %v", lock, err)
		}
	}
}

// A StatusError is an answer that is no success.
type StatusError struct {
	Method, Path string
	Status       int
	Text         string // the answer's own
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s: %s", e.Method, e.Path, e.Status, http.StatusText(e.Status), e.Text)
}

// call sends a request to the REST API. Numbers of the answer are kept as
// [json.Number] where into leaves that open.
func (s *Server) call(method, path string, query url.Values, body, into any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	target := s.URL + "/api" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequest(method, target, sent) // also when the test's context is done, to clean up
	if err != nil {
		return err
	}
	req.SetBasicAuth(s.User, s.Password)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Requested-By", "graylogtest")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		return &StatusError{method, path, resp.StatusCode, string(text)}
	}
	if into == nil {
		return nil
	}
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// must is call for requests that have to succeed.
func (s *Server) must(method, path string, query url.Values, body, into any) {
	s.t.Helper()
	if err := s.call(method, path, query, body, into); err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
}

// deleteAtEnd removes what a test has made.
func (s *Server) deleteAtEnd(path string, query url.Values) {
	s.t.Cleanup(func() {
		if err := s.call(http.MethodDelete, path, query, nil, nil); err != nil {
			s.t.Errorf("graylogtest: %v", err)
		}
	})
}

// until asks until the answer is yes, and returns the last error if it is no
// for too long.
func (s *Server) until(done func() (bool, error)) error {
	limit := time.Now().Add(Patience)
	for {
		ok, err := done()
		if ok {
			return nil
		}
		if time.Now().After(limit) {
			return cmp.Or(err, fmt.Errorf("not within %v", Patience))
		}
		time.Sleep(poll)
	}
}

// major returns the first number of the version.
func (s *Server) major() int {
	var n int
	fmt.Sscan(strings.SplitN(s.Version, ".", 2)[0], &n)
	return n
}
