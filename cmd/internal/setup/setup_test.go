package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/output"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/installer"
	_ "github.com/aimakerspace/synlogger/internal/golden"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const system = `{"version":"7.0.1","lifecycle":"running"}`

// emptyGraylog answers like a Graylog without inputs, streams and packs.
func emptyGraylog(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/system" {
		io.WriteString(w, system)
		return
	}
	io.WriteString(w, `{}`)
}

// serve runs a server until the test ends and returns its URL.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL
}

// newRunner returns a runner for a server, and its output.
func newRunner(url string) (r *Runner, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	client := &installer.Client{URL: url, User: "admin", Password: "very-secret"}
	return &Runner{Client: client, Stdout: stdout, Stderr: stderr}, stdout, stderr
}

func newPack(t *testing.T) contentpack.Pack {
	t.Helper()
	pack, err := contentpack.New(contentpack.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// methods are the methods of a runner.
var methods = map[string]func(context.Context, *Runner, contentpack.Pack) error{
	"install": func(ctx context.Context, r *Runner, p contentpack.Pack) error { return r.Install(ctx, p) },
	"verify":  func(ctx context.Context, r *Runner, p contentpack.Pack) error { return r.Verify(ctx, p, 0) },
	"diff":    func(ctx context.Context, r *Runner, p contentpack.Pack) error { return r.Diff(ctx, p) },
	"remove":  func(ctx context.Context, r *Runner, _ contentpack.Pack) error { return r.Remove(ctx) },
}

// TestLines checks the lines for people about a server without the pack.
func TestLines(t *testing.T) {
	url := serve(t, emptyGraylog)
	for _, tt := range []struct {
		method   string
		err      string
		patterns []string
	}{
		{
			method:   "verify",
			err:      "problems found on the server: 2", // the server does not report refused records
			patterns: []string{"^failed +content pack Synergos Logs: it is not installed$", "^ +> Run 'synlogger contentpack install'.$"},
		},
		{
			method:   "diff",
			err:      ErrDifferent.Error(),
			patterns: []string{"^would upload revision 2", "^would install revision 2", "install would take 2 steps"},
		},
		{
			method:   "remove",
			patterns: []string{"^" + url + ": the pack was not installed; nothing was changed$"},
		},
	} {
		t.Run(tt.method, func(t *testing.T) {
			r, stdout, _ := newRunner(url)
			err := methods[tt.method](t.Context(), r, newPack(t))
			if text := errorText(err); text != tt.err {
				t.Errorf("the error is %q, want %q", text, tt.err)
			}
			clitest.Match(t, stdout.String(), tt.patterns...)
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestJSON checks the JSON object about a server without the pack.
func TestJSON(t *testing.T) {
	url := serve(t, emptyGraylog)
	for _, tt := range []struct {
		method   string
		err      error // nil for any
		ok       bool
		steps    int
		findings int
	}{
		{method: "verify", findings: 2},
		{method: "diff", err: ErrDifferent, ok: true, steps: 2},
		{method: "remove", ok: true},
	} {
		t.Run(tt.method, func(t *testing.T) {
			r, stdout, _ := newRunner(url)
			r.JSON = true
			err := methods[tt.method](t.Context(), r, newPack(t))
			var printed *output.PrintedError
			if err != nil && !errors.As(err, &printed) || tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("the error is %v, want one that wraps %v and was printed", err, tt.err)
			}
			var got struct {
				OK              bool
				Server, Version string
				Steps           []installer.Step
				Findings        []installer.Finding
			}
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
				t.Fatalf("%v\n%s", err, stdout)
			}
			if bytes.Contains(stdout.Bytes(), []byte("null")) {
				t.Errorf("null in\n%s", stdout)
			}
			if got.OK != tt.ok || len(got.Steps) != tt.steps || len(got.Findings) != tt.findings ||
				got.Server != url || got.Version != "7.0.1" {
				t.Errorf("unexpected object:\n%s", stdout)
			}
		})
	}
}
