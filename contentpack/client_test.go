package contentpack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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
)

// The servers of this file show one fault each. What a server does that is well
// is tested with a real Graylog.

// faulty starts a server that answers every request so.
func faulty(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	web := httptest.NewUnstartedServer(answer)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.Start()
	t.Cleanup(web.Close)
	return &Client{URL: web.URL, User: "admin", Password: "very-secret"}
}

func says(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// fails runs a method that has to fail with all of the texts in the error, and
// no secret.
func fails(t *testing.T, c *Client, wants ...string) {
	t.Helper()
	_, err := c.Remove(t.Context())
	if err == nil {
		t.Fatalf("there is no error, want %q", wants)
	}
	got := err.Error()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("the error is %q, want %q in it", got, want)
		}
	}
	for _, secret := range []string{"very-secret", base64.StdEncoding.EncodeToString([]byte("admin:very-secret"))} {
		if strings.Contains(got, secret) {
			t.Errorf("the error %q has a secret in it", got)
		}
	}
	if !strings.HasPrefix(got, "contentpack: ") || strings.Count(got, "contentpack: ") != 1 || strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("the error is %q", got)
	}
}

func TestFaultAnswers(t *testing.T) {
	for _, tc := range []struct {
		name  string
		serve http.HandlerFunc
		wants []string
	}{
		{"unauthorized", says(401, ""), []string{"does not let the user in", "401 Unauthorized", "are user and password, or the token, right?"}},
		{"forbidden", says(403, `{"type":"ApiError","message":"Not authorized to access resource"}`), []string{"403 Forbidden: Not authorized to access resource"}},
		{"no Graylog", says(404, "<html>"), []string{"is not Graylog", "404", "that you open in a browser"}},
		{"a page", says(200, "<html>"), []string{"the answer is not JSON as Graylog's"}},
		{"another's JSON", says(200, `{"version":{}}`), []string{"the answer is not JSON as Graylog's"}},
		{"no version", says(200, `{}`), []string{"is not Graylog: it tells no version"}},
		{"a strange version", says(200, `{"version":"newest"}`), []string{`"newest" is no version of Graylog`}},
		{"colours", says(400, `{"message":"\u001b[31mred\nline"}`), []string{"400 Bad Request: ?[31mred line"}},
		{"a long text", says(400, `{"message":"`+strings.Repeat("x", 10000)+`"}`), []string{strings.Repeat("x", 500) + "…"}},
		{"redirected", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://graylog.example/", http.StatusMovedPermanently)
		}, []string{"ask at https://graylog.example/ instead"}},
		{"starting", says(503, ""), []string{"is not up", "503 Service Unavailable"}},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"is not up"}},
		{"still starting", says(200, `{"version":"7.0.1","lifecycle":"starting"}`), []string{"is not up", "it is starting"}},
	} {
		t.Run(tc.name, func(t *testing.T) { fails(t, faulty(t, tc.serve), tc.wants...) })
	}
}

func TestFaultURL(t *testing.T) {
	for url, want := range map[string]string{
		"http://admin:very-secret@graylog.example": "the URL has a user in it",
		"http://very-secret:%zz@":                  "this is no URL",
		"graylog.example:9000":                     "write it as " + DefaultURL,
		"ftp://graylog.example":                    "write it as " + DefaultURL,
		"http://graylog.example/?a=b":              "write it as " + DefaultURL,
	} {
		fails(t, &Client{URL: url, User: "admin", Password: "x"}, want)
	}
	fails(t, &Client{}, "there is nothing to log in with")
	fails(t, &Client{User: "admin", Password: "x", Token: "y"}, "give one of them")
	for _, url := range []string{"http://graylog.example", "http://graylog.example/", "http://graylog.example/api", "http://graylog.example/api/"} {
		if base, err := baseURL(url); err != nil || base != "http://graylog.example" {
			t.Errorf("%s is %s, %v", url, base, err)
		}
	}
	if base, err := baseURL("https://proxy.example/logs/"); err != nil || base != "https://proxy.example/logs" {
		t.Errorf("a path is %s, %v", base, err)
	}
}

func TestFaultRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := &Client{URL: "http://" + l.Addr().String(), User: "admin", Password: "very-secret"}
	fails(t, c, "is not up", "connection refused")
	c.Wait = 700 * time.Millisecond
	var told []string
	c.Progress = func(line string) { told = append(told, line) }
	fails(t, c, "was not up within 700ms", "connection refused")
	if len(told) != 1 || !strings.Contains(told[0], "waiting for Graylog at http://127.0.0.1:") {
		t.Errorf("it told %q", told)
	}
}

// TestFaultStart has a server that takes a moment.
func TestFaultStart(t *testing.T) {
	var asked atomic.Int32
	c := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			io.WriteString(w, `{"version":"7.0.1+29f3984","lifecycle":"starting"}`)
		case 3:
			io.WriteString(w, `{"version":"7.0.1+29f3984","lifecycle":"running"}`)
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	c.Wait = time.Minute
	fails(t, c, "418 I'm a teapot", "/api/system/content_packs/"+ID)
	if asked.Load() != 4 {
		t.Errorf("it asked %d times, want 4: no request is repeated once the server is up", asked.Load())
	}

	asked.Store(-1000)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c = faulty(t, says(503, ""))
	c.Wait = time.Minute
	start := time.Now()
	if _, err := c.Remove(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("the error is %v, after %v", err, time.Since(start))
	}
}

func TestFaultTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(says(200, `{}`))
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	t.Cleanup(web.Close)
	c := &Client{URL: web.URL, User: "admin", Password: "very-secret", Wait: time.Minute}
	fails(t, c, "certificate signed by unknown authority")
	c.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
	c.TLS.RootCAs.AddCert(web.Certificate())
	fails(t, c, "it tells no version")
	c.TLS.ServerName = "graylog.example"
	fails(t, c, "certificate is valid for", "graylog.example")
	c.URL = strings.Replace(web.URL, "https:", "http:", 1)
	fails(t, c, "400 Bad Request")

	plain := faulty(t, says(200, "{}"))
	plain.URL = strings.Replace(plain.URL, "http:", "https:", 1)
	fails(t, plain, "server gave HTTP response to HTTPS client")
}

// TestFaultClientCertificate has a server that insists on a certificate, which
// with TLS 1.3 shows after the handshake only.
func TestFaultClientCertificate(t *testing.T) {
	web := httptest.NewUnstartedServer(says(200, `{}`))
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	web.StartTLS()
	t.Cleanup(web.Close)
	c := &Client{URL: web.URL, User: "admin", Password: "very-secret", Wait: time.Minute, TLS: &tls.Config{RootCAs: x509.NewCertPool()}}
	c.TLS.RootCAs.AddCert(web.Certificate())
	fails(t, c, "certificate required")
}

// TestFaultOldServer holds that nothing is written to a server that the pack is
// not for.
func TestFaultOldServer(t *testing.T) {
	c := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if r.URL.Path == "/api/system" {
			io.WriteString(w, `{"version":"3.3.11+0","lifecycle":"running"}`)
			return
		}
		io.WriteString(w, `{}`)
	})
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.Install(t.Context(), p)
	if got := problems(report); !errors.Is(err, ErrObstacle) || len(got) != 1 || got[0] != "Graylog 3.3.11+0 the pack is for 4.0.0 and later" {
		t.Errorf("%v, %q", err, got)
	}
}

// TestFaultHalfInstalled has a server that fails in the middle.
func TestFaultHalfInstalled(t *testing.T) {
	c := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/system":
			io.WriteString(w, `{"version":"7.0.1","lifecycle":"running"}`)
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/installations"):
			if body, _ := io.ReadAll(r.Body); !strings.Contains(string(body), `"entity":`) || r.Header.Get("X-Requested-By") == "" {
				t.Errorf("the request is %s", body)
			}
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"message":"Failed to install content pack"}`)
		default:
			io.WriteString(w, `{}`)
		}
	})
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.Install(t.Context(), p)
	if err == nil || !strings.Contains(err.Error(), "contentpack: install revision 2: POST "+c.URL) || !strings.Contains(err.Error(), "500 Internal Server Error: Failed to install content pack") {
		t.Errorf("the error is %v", err)
	}
	if len(report.Steps) != 1 || report.Steps[0].Action != "upload" {
		t.Errorf("the steps are %v, want the upload alone", report.Steps)
	}
}

func TestVersions(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"7.0.1+29f3984", "7.0.1", 0}, {"4.0.0", "3.3.11", 1}, {"3.3.11", "3.3.2", 1}, {"5.1.0-beta.2", "5.1.1", -1},
	} {
		a, errA := parseVersion(tc.a)
		b, errB := parseVersion(tc.b)
		if errA != nil || errB != nil || a.compare(b) != tc.want {
			t.Errorf("%s and %s: %d, %v, %v, want %d", tc.a, tc.b, a.compare(b), errA, errB, tc.want)
		}
	}
}
