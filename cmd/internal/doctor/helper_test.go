package doctor

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	_ "github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/role"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// options returns options for a server, with those of a TTP's probe.
func options(t *testing.T, server string) Config {
	t.Helper()
	ttp, err := role.Lookup("ttp")
	if err != nil {
		t.Fatal(err)
	}
	return Config{Role: ttp, Server: server, Name: "unit", Timeout: 10 * time.Second}
}

// withTLS adds the files and the name of the handler's TLS options.
func withTLS(opts Config, tls delivery.TLS) Config {
	opts.TLS = tls
	return opts
}

// withAPI adds the REST API of a collector, which needs no login.
func withAPI(opts Config, url string) Config {
	opts.API = &graylog.Config{URL: url}
	return opts
}

// check runs a doctor, compares the outcome of the run with want, and the printed
// steps with patterns, in this order.
func check(t *testing.T, want Status, opts Config, patterns ...string) {
	t.Helper()
	var out strings.Builder
	opts.OnStep = func(s Step) { s.Print(&out) }
	d, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Run(t.Context())
	if got := outcome(err); got != want {
		t.Errorf("the run is %s (%v), want %s", got, err, want)
	}
	if err != nil {
		out.WriteString(err.Error() + "\n")
	}
	clitest.Match(t, out.String(), patterns...)
}

func outcome(err error) Status {
	switch {
	case err == nil:
		return StatusOK
	case errors.Is(err, ErrUnknown):
		return StatusUnknown
	}
	return StatusFailed
}

// quietLog is the log of servers that receive requests in the wrong protocol.
var quietLog = log.New(io.Discard, "", 0)

// otherCertificate returns the certificate of a server that is unrelated to the
// tested one.
func otherCertificate(t *testing.T) string {
	t.Helper()
	other := httptest.NewTLSServer(http.NotFoundHandler())
	defer other.Close()
	return clitest.PEMFile(t, other.Certificate().Raw)
}

// runCollector runs a collector on free ports until the test ends. It returns the
// addresses of its page and of the TTP's input.
func runCollector(t *testing.T) (page, ttp string) {
	t.Helper()
	inputs := collector.RoleInputs("127.0.0.1")
	for i := range inputs {
		inputs[i].Addr = "127.0.0.1:0"
	}
	c, err := collector.New(collector.Config{
		Inputs:  inputs,
		Page:    "127.0.0.1:0",
		OnError: func(err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for _, in := range c.Inputs() {
		if in.Title == "TTP Logs" {
			ttp = in.Addr
		}
	}
	for deadline := time.Now().Add(30 * time.Second); !healthy(t, c); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the collector's inputs do not run")
		}
	}
	return c.PageURL(), ttp
}

func healthy(t *testing.T, c *collector.Collector) bool {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil))
	return w.Code == http.StatusOK
}

// elsewhere returns the address of a server that accepts records, but does not belong
// to the API.
func elsewhere(t *testing.T) string {
	t.Helper()
	return gelftest.NewServer(t).Addr()
}
