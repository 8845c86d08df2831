package graylogtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

const (
	// WaitTimeout is how long a test waits for the server to do something. A
	// message can be found 1 to 4 s after it was sent.
	WaitTimeout = 30 * time.Second

	poll = 300 * time.Millisecond
)

// A Server is a running Graylog. Its methods fail the test on errors, so they
// must be called from the test goroutine.
type Server struct {
	// Config has the URL and the login.
	Config graylog.Config
	// API sends requests. It logs in as an administrator.
	API *graylog.Client
	// URL is the address of the web interface, without a slash at its end.
	URL string
	// Version is the version as Graylog gives it, "7.0.1+29f3984".
	Version string

	t       testing.TB
	version version.Version
}

// Open returns the server that the environment names when it processes messages.
// It skips the test if GRAYLOG_URL is not set, and fails it if the server does
// not respond. A test has the server for itself until it ends, so it must call
// Open only once.
func Open(t testing.TB) *Server {
	t.Helper()
	if os.Getenv(graylog.EnvURL) == "" {
		t.Skip("set GRAYLOG_URL to the address of a Graylog")
	}
	cfg, err := graylog.Settings{}.Config()
	if err != nil {
		t.Fatalf("graylogtest: %v", err)
	}
	if !cfg.HasLogin() {
		t.Fatal("graylogtest: set GRAYLOG_PASSWORD or GRAYLOG_TOKEN")
	}
	cfg.Timeout = WaitTimeout
	api, err := graylog.New(cfg)
	if err != nil {
		t.Fatalf("graylogtest: %v", err)
	}
	t.Cleanup(api.Close)
	lock(t)
	s := &Server{Config: cfg, API: api, URL: api.URL(), t: t}
	var system graylog.System
	err = s.until(func() (bool, error) {
		system, err = api.System(context.Background())
		if err != nil && !errors.Is(err, graylog.ErrUnavailable) {
			t.Fatalf("graylogtest: %v", err)
		}
		return err == nil && system.LoadBalancer == "alive" && system.Processing, err
	})
	if err != nil {
		t.Fatalf("graylogtest: Graylog at %s does not process messages: %v", s.URL, err)
	}
	s.Version, s.version = system.Version, system.ParsedVersion()
	return s
}

// lockAddress is a port that is open while a test uses the server. The system
// closes it when the test's process ends.
const lockAddress = "127.0.0.1:24099"

// lock waits until no other test uses the server. Tests of several packages run
// at the same time.
func lock(t testing.TB) {
	for {
		l, err := net.Listen("tcp", lockAddress)
		if err == nil {
			t.Cleanup(func() { l.Close() })
			return
		}
		select {
		case <-time.After(poll):
		case <-t.Context().Done():
			t.Fatalf("graylogtest: another test uses the server and listens at %s: %v", lockAddress, err)
		}
	}
}

// check fails the test if a request failed.
func (s *Server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
}

// cleanup calls a function that deletes something when the test ends, unless the
// test has deleted it. The context of the test is done by then, so all requests use
// the background context.
func (s *Server) cleanup(remove func(context.Context) error) {
	s.t.Cleanup(func() {
		if err := remove(context.Background()); err != nil && !errors.Is(err, graylog.ErrNotFound) {
			s.t.Errorf("graylogtest: %v", err)
		}
	})
}

// until calls done until it returns true. After WaitTimeout it returns the last
// error.
func (s *Server) until(done func() (bool, error)) error {
	limit := time.Now().Add(WaitTimeout)
	for {
		ok, err := done()
		if ok {
			return nil
		}
		if time.Now().After(limit) {
			return cmp.Or(err, fmt.Errorf("not within %v", WaitTimeout))
		}
		time.Sleep(poll)
	}
}
