package setup

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFailures runs each method with servers that fail, and checks that standard
// output is one JSON object with the reason.
func TestFailures(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(emptyGraylog))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	const (
		jsonType  = "application/json"
		page      = "<!DOCTYPE html><title>Log in</title>"
		forbidden = `{"message":"Not authorized"}`
	)
	for _, tt := range []struct {
		name string
		url  string
		want string
	}{
		{
			name: "401",
			url:  serve(t, answer(http.StatusUnauthorized, jsonType, "")),
			want: "401 Unauthorized",
		},
		{
			name: "403",
			url:  serve(t, answer(http.StatusForbidden, jsonType, forbidden)),
			want: "403 Forbidden: Not authorized",
		},
		{
			name: "403 later",
			url:  serve(t, afterSystem(answer(http.StatusForbidden, jsonType, forbidden))),
			want: "403 Forbidden: Not authorized",
		},
		{
			name: "500 later",
			url:  serve(t, afterSystem(answer(http.StatusInternalServerError, jsonType, ""))),
			want: "500 Internal Server Error",
		},
		{
			name: "503",
			url:  serve(t, answer(http.StatusServiceUnavailable, "text/html", page)),
			want: "503 Service Unavailable",
		},
		{
			name: "page of a proxy",
			url:  serve(t, answer(http.StatusOK, "text/html; charset=utf-8", page)),
			want: "Graylog",
		},
		{
			name: "page of a proxy later",
			url:  serve(t, afterSystem(answer(http.StatusOK, "text/html", page))),
			want: "Graylog",
		},
		{
			name: "redirect",
			url:  serve(t, http.RedirectHandler("https://elsewhere.example/", http.StatusFound).ServeHTTP),
			want: "https://elsewhere.example/",
		},
		{
			name: "not Graylog",
			url:  serve(t, answer(http.StatusOK, jsonType, "{}")),
			want: "not Graylog",
		},
		{
			name: "half an answer",
			url:  serve(t, answer(http.StatusOK, jsonType, `{"version":`)),
			want: "Graylog",
		},
		{
			name: "closes the connection",
			url:  serve(t, closeConnection),
			want: "EOF",
		},
		{
			name: "closes the connection later",
			url:  serve(t, afterSystem(closeConnection)),
			want: "EOF",
		},
		{
			name: "timeout",
			url:  serve(t, hang),
			want: "context deadline exceeded",
		},
		{
			name: "closed port",
			url:  "http://127.0.0.1:1",
			want: "connection refused",
		},
		{
			name: "unknown authority",
			url:  secure.URL,
			want: "certificate",
		},
		{
			name: "TLS to HTTP",
			url:  strings.Replace(serve(t, hang), "http://", "https://", 1),
			want: "use http://",
		},
		{
			name: "HTTP to TLS",
			url:  strings.Replace(secure.URL, "https://", "http://", 1),
			want: "use https://",
		},
		{
			name: "URL with a password",
			url:  "http://u:very-secret@127.0.0.1",
			want: "user",
		},
		{
			name: "invalid URL",
			url:  "127.0.0.1",
			want: "http://127.0.0.1:9000",
		},
	} {
		for name, method := range methods {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				ctx := t.Context()
				if tt.name == "timeout" {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 1)
					defer cancel()
				}
				r, stdout, stderr := newRunner(tt.url)
				r.JSON = true
				if err := method(ctx, r, newPack(t)); err == nil {
					t.Error("the method succeeded")
				}
				var object struct {
					OK    *bool
					Error string
				}
				err := json.Unmarshal(stdout.Bytes(), &object)
				if err != nil || object.OK == nil || *object.OK || !strings.Contains(object.Error, tt.want) {
					t.Errorf("want one object with the error %q (%v):\n%s", tt.want, err, stdout)
				}
				if strings.Contains(stdout.String()+stderr.String(), "very-secret") {
					t.Errorf("the password is in\n%s%s", stdout, stderr)
				}
				if strings.Contains(stdout.String(), "null") {
					t.Errorf("null in\n%s", stdout)
				}
			})
		}
	}
}

// answer returns a handler that sends the same answer to every request.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// afterSystem answers the request for the version like Graylog, and the others with
// a handler.
func afterSystem(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/system" {
			answer(http.StatusOK, "application/json", system)(w, r)
			return
		}
		h(w, r)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func closeConnection(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}
