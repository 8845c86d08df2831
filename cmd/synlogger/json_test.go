package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// TestContentPackJSONOfErrors runs each command against servers that fail in
// every way a server can, and holds that standard output is one JSON object.
func TestContentPackJSONOfErrors(t *testing.T) {
	clearEnv(t)
	t.Setenv(graylog.EnvPassword, "very-secret")
	answer := func(status int, kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			io.WriteString(w, body)
		})
	}
	const system = `{"version":"7.0.1","lifecycle":"running"}`
	// after answers the request for the version as Graylog does, and all others
	// by the handler.
	after := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/system" {
				answer(http.StatusOK, "application/json", system).ServeHTTP(w, r)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	hangUp := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	page := "<!DOCTYPE html><title>Log in</title>"
	serve := func(h http.Handler) string {
		web := httptest.NewServer(h)
		t.Cleanup(web.Close)
		return web.URL
	}
	secure := httptest.NewUnstartedServer(answer(http.StatusOK, "application/json", system))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)

	for _, tc := range []struct {
		name, url, want string
	}{
		{"401", serve(answer(http.StatusUnauthorized, "application/json", "")), "does not let the user in"},
		{"403", serve(answer(http.StatusForbidden, "application/json", `{"message":"Not authorized"}`)), "403 Forbidden: Not authorized"},
		{"403 later", serve(after(answer(http.StatusForbidden, "application/json", `{"message":"Not authorized"}`))), "403 Forbidden: Not authorized"},
		{"500 later", serve(after(answer(http.StatusInternalServerError, "application/json", ""))), "500 Internal Server Error"},
		{"503", serve(answer(http.StatusServiceUnavailable, "text/html", page)), "503 Service Unavailable"},
		{"page of a proxy", serve(answer(http.StatusOK, "text/html; charset=utf-8", page)), "is this the address of Graylog?"},
		{"page of a proxy later", serve(after(answer(http.StatusOK, "text/html", page))), "is this the address of Graylog?"},
		{"redirect", serve(http.RedirectHandler("https://elsewhere.example/", http.StatusFound)), "https://elsewhere.example/"},
		{"no Graylog", serve(answer(http.StatusOK, "application/json", "{}")), "is not Graylog"},
		{"half an answer", serve(answer(http.StatusOK, "application/json", `{"version":`)), "is this the address of Graylog?"},
		{"hangs up", serve(hangUp), "EOF"},
		{"hangs up later", serve(after(hangUp)), "EOF"},
		{"time-out", serve(hang), "context deadline exceeded"},
		{"dead server", "http://127.0.0.1:1", "connection refused"},
		{"unknown certificate", secure.URL, "certificate"},
		{"TLS to HTTP", strings.Replace(serve(hang), "http://", "https://", 1), "HTTP response to HTTPS client"},
		{"HTTP to TLS", strings.Replace(secure.URL, "https://", "http://", 1), "400 Bad Request"},
		{"URL with a password", "http://u:very-secret@127.0.0.1", "has a user in it"},
		{"no URL", "127.0.0.1", "write it as"},
	} {
		for _, name := range []string{"install", "verify", "diff", "remove"} {
			ctx := t.Context()
			if tc.name == "time-out" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 1)
				defer cancel()
			}
			failsInJSON(t, ctx, exitFailure, tc.want, "contentpack", name, "--json", "--url", tc.url)
		}
	}
}

// TestJSONOfUsage has command lines that are wrong, before and after --json.
func TestJSONOfUsage(t *testing.T) {
	clearEnv(t)
	for args, want := range map[string]string{
		"contentpack install --json":                   "no password for admin",
		"contentpack verify --json --wait -1s":         "use a positive duration",
		"contentpack verify --nothing --json":          "unknown flag: --nothing",
		"contentpack diff --json --port boss=1":        "unknown role",
		"contentpack remove --json=true now":           `unknown argument "now"`,
		"contentpack instal --json":                    `unknown flag: --json`,
		"contentpack print --json --port ttp":          "write it as",
		"contentpack verify --json --token-file /none": "open /none",
		"doctor --json --role nurse":                   "use sysmetric, director, ttp, worker",
		"doctor --jsn --json":                          "unknown flag: --jsn",
	} {
		status := exitUsage
		if strings.Contains(args, "/none") {
			status = exitFailure
		}
		failsInJSON(t, t.Context(), status, want, strings.Fields(args)...)
	}
}

// failsInJSON runs a command that has to fail, and whose standard output has to
// be one JSON object that says why.
func failsInJSON(t *testing.T, ctx context.Context, status int, want string, args ...string) {
	t.Helper()
	stdout, stderr, wait := command(ctx, args...)
	got := wait()
	var object struct {
		OK    *bool
		Error string
	}
	err := json.Unmarshal([]byte(stdout.String()), &object)
	if err != nil || object.OK == nil || *object.OK || !strings.Contains(object.Error, want) || got != status {
		t.Errorf("%q: status %d, want %d, and an error with %q (%v):\n%s%s", args, got, status, want, err, stdout, stderr)
	}
	if text := stdout.String() + stderr.String(); strings.Contains(text, "very-secret") || strings.Contains(stdout.String(), "null") {
		t.Errorf("%q: a secret or a null in\n%s", args, text)
	}
}

// TestJSONIsPrintedOnce holds that a command that reports its own failure in
// JSON does not print a second object.
func TestJSONIsPrintedOnce(t *testing.T) {
	clearEnv(t)
	failsInJSON(t, t.Context(), exitFailure, "1 of 3 steps failed", "doctor", "--json", "--server", "127.0.0.1:1")
	_, port, _ := net.SplitHostPort(clitest.Serve(t, func(net.Conn) {}))
	failsInJSON(t, t.Context(), exitFailure, "1 of 4 steps failed", "doctor", "--json", "--server", "127.0.0.1:"+port)
}
