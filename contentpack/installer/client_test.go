package installer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
)

// The servers of this file show one fault each. What a healthy server does is
// tested with a real Graylog, and the errors of requests in internal/graylog.

// serve starts a server and returns a client for it.
func serve(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	web := httptest.NewUnstartedServer(answer)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.Start()
	t.Cleanup(web.Close)
	return &Client{URL: web.URL, User: "admin", Password: "very-secret"}
}

const running = `{"version":"7.0.1","lifecycle":"running"}`

func newPack(t *testing.T, o contentpack.Config) contentpack.Pack {
	t.Helper()
	p, err := contentpack.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// problems returns the problems among the findings.
func problems(r Report) (out []string) {
	for _, f := range r.Findings {
		if f.Problem {
			out = append(out, f.Where+": "+f.Found)
		}
	}
	return out
}

func TestErrors(t *testing.T) {
	respond := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, tc := range []struct {
		name   string
		client *Client
		kind   error
		text   string
	}{
		{"no login", &Client{}, ErrNoLogin, "give a token, or a user and a password"},
		{"unauthorized", serve(t, respond(401, "")), ErrUnauthorized, "/api/system: 401 Unauthorized: check the user"},
		{"forbidden", serve(t, respond(403, "")), ErrForbidden, "403 Forbidden: use a user with the role Admin"},
		{"another server", serve(t, respond(404, "")), ErrNotGraylog, "that you open in a browser?"},
		{"starting", serve(t, respond(503, "")), ErrUnavailable, "503 Service Unavailable"},
		{
			name:   "no server",
			client: &Client{URL: "http://" + l.Addr().String(), Token: "very-secret"},
			kind:   ErrUnavailable,
			text:   "connection refused",
		},
		{
			name:   "user in the URL",
			client: &Client{URL: "http://admin:very-secret@graylog.example"},
			text:   "the URL contains a user",
		},
	} {
		for method, run := range methods(tc.client, newPack(t, contentpack.Config{})) {
			report, err := run(t.Context())
			if tc.kind != nil && !errors.Is(err, tc.kind) {
				t.Errorf("%s, %s: the error is %v, want %v", tc.name, method, err, tc.kind)
			}
			text := fmt.Sprint(err)
			if !strings.HasPrefix(text, method+" the content pack: ") || !strings.Contains(text, tc.text) ||
				strings.Contains(text, "very-secret") || len(report.Steps) > 0 {
				t.Errorf("%s, %s: %v, %+v, want the error %s", tc.name, method, err, report, tc.text)
			}
		}
	}
}

// methods returns the methods of a client by the start of their errors.
func methods(c *Client, p contentpack.Pack) map[string]func(context.Context) (Report, error) {
	return map[string]func(context.Context) (Report, error){
		"install": func(ctx context.Context) (Report, error) { return c.Install(ctx, p) },
		"verify":  func(ctx context.Context) (Report, error) { return c.Verify(ctx, p) },
		"compare": func(ctx context.Context) (Report, error) { return c.Diff(ctx, p) },
		"remove":  c.Remove,
	}
}

// TestWait checks that a method waits for a server that is starting, and repeats no
// request once it is up.
func TestWait(t *testing.T) {
	var requests atomic.Int32
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			io.WriteString(w, running)
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	c.Wait = time.Minute
	var lines []string
	c.Progress = func(line string) { lines = append(lines, line) }
	_, err := c.Remove(t.Context())
	if text := fmt.Sprint(err); !strings.Contains(text, "418 I'm a teapot") || !strings.Contains(text, contentpack.ID) {
		t.Errorf("the error is %v", err)
	}
	if requests.Load() != 3 {
		t.Errorf("%d requests, want 3", requests.Load())
	}
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "waiting for Graylog: ") || !strings.Contains(lines[0], "503") {
		t.Errorf("the progress is %q", lines)
	}
}

// TestOldServer checks that nothing is changed on a server that is too old.
func TestOldServer(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if r.URL.Path == "/api/system" {
			io.WriteString(w, `{"version":"3.3.11+0","lifecycle":"running"}`)
			return
		}
		io.WriteString(w, `{}`)
	})
	report, err := c.Install(t.Context(), newPack(t, contentpack.Config{}))
	const want = "Graylog 3.3.11+0: the pack requires 4.0.0 or later"
	if got := problems(report); !errors.Is(err, ErrObstacle) || len(got) != 1 || got[0] != want {
		t.Errorf("%v, %q", err, got)
	}
	if text := fmt.Sprint(err); text != "install the content pack: obstacle on the server: "+want {
		t.Errorf("the error is %s", text)
	}
}

// TestHalfInstalled has a server that fails at the second step.
func TestHalfInstalled(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/system":
			io.WriteString(w, running)
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/installations"):
			body, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(body), `"entity":`) || r.Header.Get("X-Requested-By") == "" {
				t.Errorf("the request is %s", body)
			}
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"message":"Failed to install content pack"}`)
		default:
			io.WriteString(w, `{}`)
		}
	})
	report, err := c.Install(t.Context(), newPack(t, contentpack.Config{}))
	for _, want := range []string{
		"install the content pack: install revision 2: POST " + c.URL,
		"500 Internal Server Error: Failed to install content pack",
	} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
	if len(report.Steps) != 1 || report.Steps[0].Action != actionUpload {
		t.Errorf("the steps are %v, want only the upload", report.Steps)
	}
}

// TestUploaded has a server to which another program, such as Graylog's auto loader, has
// just uploaded the revision. The message is that of Graylog 7.2.
func TestUploaded(t *testing.T) {
	p := newPack(t, contentpack.Config{})
	other := newPack(t, contentpack.Config{TestInput: true})
	for _, tc := range []struct {
		name     string
		uploaded contentpack.Pack
		want     string
		steps    int
	}{
		{"the same pack", p, "install revision 2: POST ", 1},
		{"another pack", other, "upload revision 2: POST ", 0},
	} {
		uploaded := false
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/api/system":
				io.WriteString(w, running)
			case r.Method == http.MethodPost && r.URL.Path == packsPath:
				uploaded = true
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, `{"message":"Content pack Synergos Logs with id x and revision 2 already exists."}`)
			case r.Method == http.MethodPost: // the installation
				w.WriteHeader(http.StatusInternalServerError)
			case r.URL.Path == packsPath+"/"+contentpack.ID && uploaded:
				text, err := tc.uploaded.MarshalJSON()
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(w, `{"content_pack_revisions":{"2":%s}}`, text)
			default:
				io.WriteString(w, `{}`)
			}
		})
		report, err := c.Install(t.Context(), p)
		if !strings.Contains(fmt.Sprint(err), tc.want) || len(report.Steps) != tc.steps {
			t.Errorf("%s: %v, steps %v, want %s after %d steps", tc.name, err, report.Steps, tc.want, tc.steps)
		}
	}
}
