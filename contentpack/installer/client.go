package installer

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// DefaultFailuresWithin is the period in which [Client.Verify] looks for records
// that the index has refused.
const DefaultFailuresWithin = 24 * time.Hour

// A Client changes one Graylog server, of version 3.3 or later, through its REST
// API. Its methods are safe for concurrent use, but do not run two of them that
// change the same server at the same time.
type Client struct {
	// URL is the address of Graylog's web page. (Default: http://127.0.0.1:9000.)
	URL string

	// User and Password log in, or an access Token does. The user must have the
	// role Admin.
	User, Password string
	Token          string

	// TLS configures https. (Default: trust the authorities of the system.)
	TLS *tls.Config

	// Wait is how long to wait for a server that is starting. (Default: 0, which
	// sends one request.)
	Wait time.Duration

	// Force makes Install ignore three obstacles: a stream or a dashboard with the
	// same title, which is kept; a newer revision, which is replaced; and the same
	// revision uploaded by another program, which is deleted.
	Force bool

	// Reset makes Install replace a dashboard that people have changed by the pack's
	// own.
	Reset bool

	// OpenSearch is where Install puts contentpack.IndexTemplate, Verify looks for it, and
	// Remove deletes it. (Default: the zero value, which leaves it alone.)
	OpenSearch OpenSearch

	// FieldTypes makes Install fix contentpack.FieldTypes in the index sets of the streams,
	// which requires Graylog 6.0. Use it if OpenSearch cannot be reached. (Default: false.)
	FieldTypes bool

	// FailuresWithin is the period before now in which Verify looks for records
	// that the index has refused. A negative value disables this. (Default:
	// DefaultFailuresWithin.)
	FailuresWithin time.Duration

	// Progress is called with a line for each step, and while a method waits. It
	// is called by the goroutine that calls the method. (Default: nil, which
	// discards the lines.)
	Progress func(line string)
}

const (
	inputTimeout = 30 * time.Second       // for inputs that are starting
	inputPoll    = 500 * time.Millisecond // between two requests for their states
)

// OpenSearch is the address of OpenSearch or Elasticsearch, and a login if it needs one.
type OpenSearch struct {
	URL            string
	User, Password string
	TLS            *tls.Config
}

// A session is one call of a method.
type session struct {
	api      *graylog.Client
	version  version.Version
	force    bool
	reset    bool
	types    bool
	search   *graylog.Client // of OpenSearch, nil without one
	progress func(format string, args ...any)
	report   Report
}

// run opens a session, calls do, and returns the report. Errors begin with what
// the method does.
func (c *Client) run(ctx context.Context, what string, do func(*session) error) (Report, error) {
	s, err := c.open(ctx)
	if err == nil {
		defer s.close()
		err = do(s)
	}
	if err != nil {
		err = fmt.Errorf("%s the content pack: %w", what, err)
	}
	return s.report, err
}

// open waits for the server and logs in. If it returns an error, only the report
// of the session may be used.
func (c *Client) open(ctx context.Context) (*session, error) {
	s := &session{
		force:  c.Force,
		reset:  c.Reset,
		types:  c.FieldTypes,
		report: Report{Steps: []Step{}, Findings: []Finding{}},
		progress: func(format string, args ...any) {
			if c.Progress != nil {
				c.Progress(fmt.Sprintf(format, args...))
			}
		},
	}
	var err error
	s.api, err = graylog.New(graylog.Config{
		URL:      c.URL,
		User:     c.User,
		Password: c.Password,
		Token:    c.Token,
		TLS:      c.TLS,
	})
	if err != nil {
		return s, err
	}
	if c.OpenSearch.URL != "" {
		if s.search, err = openSearch(c.OpenSearch); err != nil {
			return s, err
		}
	}
	s.report.Server = s.api.URL()
	system, err := s.api.Wait(ctx, c.Wait, func(reason string) { s.progress("waiting for Graylog: %s", reason) })
	if err != nil {
		s.close()
		return s, err
	}
	s.report.Version, s.version = system.Version, system.ParsedVersion()
	return s, nil
}

func (s *session) close() {
	s.api.Close()
	if s.search != nil {
		s.search.Close()
	}
}

// problem adds a finding that is a problem.
func (s *session) problem(where, advice, format string, args ...any) {
	s.report.Findings = append(s.report.Findings, Finding{
		Problem: true,
		Where:   where,
		Found:   fmt.Sprintf(format, args...),
		Advice:  advice,
	})
}

// note adds a finding that is not a problem.
func (s *session) note(where, advice, format string, args ...any) {
	s.report.Findings = append(s.report.Findings, Finding{
		Where:  where,
		Found:  fmt.Sprintf(format, args...),
		Advice: advice,
	})
}
