package contentpack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultURL is where Graylog is on its own machine.
const DefaultURL = "http://127.0.0.1:9000"

// DefaultFailuresWithin is how far back [Client.Verify] looks for records that
// the index has refused.
const DefaultFailuresWithin = 24 * time.Hour

// A Client talks to a Graylog server of version 3.3 or later through its REST
// API. Its methods may be called from several goroutines, but two that change
// one server at the same time get in each other's way.
type Client struct {
	// URL is the address of Graylog's page. "" means [DefaultURL].
	URL string

	// User and Password log in, or an access Token does. The user needs the
	// role Admin.
	User, Password string
	Token          string

	// TLS is for https. Nil trusts the authorities that the system trusts.
	TLS *tls.Config

	// Wait is how long a server that starts is waited for. 0 asks once.
	Wait time.Duration

	// Force installs where a stream or a dashboard of the same title exists,
	// which then stands beside the pack's; where a newer revision is installed,
	// which it replaces; and where another program has uploaded a pack of the
	// same id and revision, which it deletes.
	Force bool

	// FailuresWithin is how far back Verify looks for records that the index has
	// refused. 0 means [DefaultFailuresWithin], a negative value does not look.
	FailuresWithin time.Duration

	// Progress is told in a line each what is being done. It is called by the
	// goroutine of the method. Nil tells no one.
	Progress func(string)
}

// Times of the client.
const (
	requestTimeout = 2 * time.Minute // of one request; to install takes seconds
	inputTimeout   = 30 * time.Second
	firstPause     = 500 * time.Millisecond // between attempts, doubling up to lastPause
	lastPause      = 4 * time.Second
)

// A session is what one call of a method does with the server.
type session struct {
	api
	version  version
	force    bool
	progress func(format string, args ...any)
	report   Report
}

// with opens a session, lets a function do its work, and returns the report.
func (c *Client) with(ctx context.Context, do func(*session) error) (Report, error) {
	s, err := c.open(ctx)
	if err != nil {
		return s.report, fmt.Errorf("contentpack: %w", err)
	}
	defer s.close()
	if err = do(s); err != nil && err != ErrObstacle {
		err = fmt.Errorf("contentpack: %w", err)
	}
	return s.report, err
}

// open waits for the server, logs in, and finds out its version. The session is
// not nil if there is an error, but all that it is good for is its report.
func (c *Client) open(ctx context.Context) (*session, error) {
	s := &session{force: c.Force, report: Report{Steps: []Step{}, Findings: []Finding{}}}
	base, err := baseURL(c.URL)
	if err != nil {
		return s, err
	}
	s.api = api{base: base, user: c.User, password: c.Password, tls: c.TLS}
	s.report.Server = base
	switch {
	case c.Token != "" && c.Password != "":
		return s, errors.New("there is a password and a token: give one of them")
	case c.Token != "":
		s.user, s.password = c.Token, "token" // as Graylog has it
	case c.User == "" || c.Password == "":
		return s, errors.New("there is nothing to log in with: give a user and a password, or a token")
	}
	s.progress = func(format string, args ...any) {
		if c.Progress != nil {
			c.Progress(fmt.Sprintf(format, args...))
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = c.TLS.Clone()
	s.http = &http.Client{
		Transport: transport,
		Timeout:   requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a POST would become a GET, and the password go elsewhere
		},
	}
	if err := s.awaken(ctx, c.Wait); err != nil {
		s.close()
		return s, err
	}
	return s, nil
}

func (s *session) close() { s.http.CloseIdleConnections() }

// baseURL returns the address of the API. No error shows what may be a
// password.
func baseURL(text string) (string, error) {
	u, err := url.Parse(or(text, DefaultURL))
	switch {
	case err != nil:
		return "", errors.New("this is no URL: write it as " + DefaultURL)
	case u.User != nil:
		return "", errors.New("the URL has a user in it, which would show in logs: give the user and the password by themselves")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("the URL %q: write it as %s", text, DefaultURL)
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api"), nil
}

// awaken asks until the server is up.
func (s *session) awaken(ctx context.Context, wait time.Duration) error {
	deadline := time.Now().Add(wait)
	told := ""
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		why, err := s.greet(ctx)
		if err == nil || why == "" {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the server %s is not up: %s: %w", s.base, why, ctx.Err())
		}
		if time.Now().Add(pause).After(deadline) {
			if wait > 0 {
				return fmt.Errorf("the server %s was not up within %v: %w", s.base, wait, err)
			}
			return fmt.Errorf("the server %s is not up: %w", s.base, err)
		}
		if why != told {
			s.progress("waiting for Graylog at %s: %s", s.base, why)
			told = why
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// greet asks once. If the error is one that passes when the server is up, why
// says so.
func (s *session) greet(ctx context.Context) (why string, err error) {
	var system struct {
		Version   string `json:"version"`
		Lifecycle string `json:"lifecycle"`
	}
	err = s.get(ctx, "/api/system", &system)
	var status *statusError
	var network *net.OpError
	switch {
	case errors.As(err, &status) && (status.code == 502 || status.code == 503 || status.code == 504):
		return status.Error(), err
	case errors.As(err, &status) && status.code == http.StatusUnauthorized:
		return "", fmt.Errorf("the server %s does not let the user in: %w: are user and password, or the token, right?", s.base, err)
	case errors.As(err, &status) && status.code == http.StatusNotFound:
		return "", fmt.Errorf("%s is not Graylog: %w: is this the address that you open in a browser?", s.base, err)
	case errors.As(err, &network):
		if inner := errors.Unwrap(network); inner != nil && strings.HasPrefix(network.Op, "remote error") {
			return "", err // an alert of TLS
		}
		return network.Err.Error(), err
	case isEnd(err):
		return "it closes the connection", err
	case err != nil:
		return "", err
	case system.Version == "":
		return "", fmt.Errorf("%s is not Graylog: it tells no version", s.base)
	}
	if s.version, err = parseVersion(system.Version); err != nil {
		return "", fmt.Errorf("%s: %w", s.base, err)
	}
	s.report.Version = system.Version
	switch system.Lifecycle {
	case "uninitialized", "starting":
		return "it is " + system.Lifecycle, errors.New("it is " + system.Lifecycle)
	}
	return "", nil
}
