package graylog

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The servers of these tests show one fault each. What a healthy server does is
// tested with a real Graylog, in the packages that use the client.

// serve starts a server.
func serve(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	web := unstarted(t, answer)
	web.Start()
	return web
}

func unstarted(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	web := httptest.NewUnstartedServer(answer)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(web.Close)
	return web
}

// client returns a client with a login, unless cfg has one.
func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	if !cfg.HasLogin() {
		cfg.User, cfg.Password = "admin", "very-secret"
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// respond returns a handler that sends the same response to each request.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// checkError checks that an error is of a kind, if kind is not nil, has all
// texts, is one printable line, and contains no secret.
func checkError(t *testing.T, err, kind error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", wants)
	}
	kinds := []error{ErrNoLogin, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrNotGraylog, ErrUnavailable}
	for _, k := range kinds {
		if errors.Is(err, k) != (k == kind) {
			t.Errorf("errors.Is(%q, %q) = %v", err, k, k != kind)
		}
	}
	got := err.Error()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("the error %q lacks %q", got, want)
		}
	}
	for _, secret := range []string{"very-secret", base64.StdEncoding.EncodeToString([]byte("admin:very-secret"))} {
		if strings.Contains(got, secret) {
			t.Errorf("the error %q contains a secret", got)
		}
	}
	if strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("the error %q is not one printable line", got)
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name  string
		serve http.HandlerFunc
		kind  error
		wants []string
	}{
		{
			name:  "unauthorized",
			serve: respond(401, ""),
			kind:  ErrUnauthorized,
			wants: []string{"/api/streams: 401 Unauthorized: check the user and the password, or the token"},
		},
		{
			name:  "forbidden",
			serve: respond(403, `{"type":"ApiError","message":"Not authorized"}`),
			kind:  ErrForbidden,
			wants: []string{"403 Forbidden: Not authorized: use a user with the role Admin"},
		},
		{
			name:  "not found",
			serve: respond(404, `{"message":"Stream not found"}`),
			kind:  ErrNotFound,
			wants: []string{"404 Not Found: Stream not found"},
		},
		{
			name:  "page",
			serve: respond(200, "<html>"),
			kind:  ErrNotGraylog,
			wants: []string{"the server is not Graylog", "is this the address that you open in a browser?"},
		},
		{
			name:  "JSON of another program",
			serve: respond(200, `{"streams":{}}`),
			kind:  ErrNotGraylog,
			wants: []string{"the response is not JSON in its form"},
		},
		{
			name:  "control sequences",
			serve: respond(400, `{"message":"\u001b[31mred\nline"}`),
			wants: []string{"400 Bad Request: ?[31mred line"},
		},
		{
			name:  "long text",
			serve: respond(400, `{"message":"`+strings.Repeat("x", 10000)+`"}`),
			wants: []string{": " + strings.Repeat("x", 500) + "…"},
		},
		{
			name: "redirect",
			serve: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://graylog.example/", http.StatusMovedPermanently)
			},
			wants: []string{
				"301 Moved Permanently: the server redirects to https://graylog.example/: use that address",
			},
		},
		{
			name:  "starting",
			serve: respond(503, ""),
			kind:  ErrUnavailable,
			wants: []string{"503 Service Unavailable"},
		},
		{
			name:  "closed connection",
			serve: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			kind:  ErrUnavailable,
			wants: []string{"EOF"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			web := serve(t, tc.serve)
			_, err := client(t, Config{URL: web.URL}).Streams(t.Context())
			checkError(t, err, tc.kind, append(tc.wants, "GET "+web.URL+"/api/streams: ")...)
			var failure *Error
			if !errors.As(err, &failure) || failure.Method != "GET" {
				t.Errorf("the error is %#v", err)
			}
		})
	}
}

func TestConfigErrors(t *testing.T) {
	for url, want := range map[string]string{
		"http://admin:very-secret@graylog.example": "the URL contains a user",
		"http://very-secret:%zz@":                  "invalid URL",
		"graylog.example:9000":                     "write it as " + DefaultURL,
		"ftp://graylog.example":                    "write it as " + DefaultURL,
		"http://graylog.example/?a=b":              "write it as " + DefaultURL,
	} {
		_, err := New(Config{URL: url, User: "admin", Password: "x"})
		checkError(t, err, nil, want)
	}
	_, err := New(Config{User: "admin", Password: "x", Token: "y"})
	checkError(t, err, nil, "give only one of them")
	c, err := New(Config{User: "admin"})
	if err != nil || c.HasLogin() || c.URL() != DefaultURL {
		t.Fatalf("New returned %+v, %v", c, err)
	}
	_, err = c.Streams(t.Context())
	checkError(t, err, ErrNoLogin, "give a token, or a user and a password")
}

func TestBaseURL(t *testing.T) {
	for text, want := range map[string]string{
		"http://graylog.example":      "http://graylog.example",
		"http://graylog.example/":     "http://graylog.example",
		"http://graylog.example/api":  "http://graylog.example",
		"http://graylog.example/api/": "http://graylog.example",
		"https://proxy.example/logs/": "https://proxy.example/logs",
	} {
		if got, err := baseURL(text); got != want || err != nil {
			t.Errorf("baseURL(%s) = %s, %v; want %s", text, got, err, want)
		}
	}
}

// TestRequest checks what the client sends, and what it returns of a response.
func TestRequest(t *testing.T) {
	ahead := 90 * time.Minute
	web := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, login := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		if strings.HasSuffix(r.URL.Path, "error") {
			w.WriteHeader(http.StatusTeapot)
		}
		json.NewEncoder(w).Encode(map[string]any{
			"request": r.Method + " " + r.URL.String(),
			"user":    user, "password": password, "login": login,
			"body": string(body), "by": r.Header.Get("X-Requested-By"), "accept": r.Header.Get("Accept"),
		})
	})
	type answer struct {
		Request, User, Password, Body, By, Accept string
		Login                                     bool
	}
	for _, tc := range []struct {
		name string
		send func(c *Client, into any) error
		want answer
	}{
		{
			name: "GET",
			send: func(c *Client, into any) error {
				return c.Get(t.Context(), "/api/x", map[string][]string{"a": {"b c"}}, into)
			},
			want: answer{Request: "GET /logs/api/x?a=b+c", User: "t", Password: "token", Login: true},
		},
		{
			name: "POST",
			send: func(c *Client, into any) error {
				return c.Do(t.Context(), http.MethodPost, "/api/x", nil, []int{1}, into)
			},
			want: answer{Request: "POST /logs/api/x", User: "t", Password: "token", Login: true,
				Body: "[1]", By: "synlogger"},
		},
		{
			name: "anonymous",
			send: func(c *Client, into any) error { return c.Anonymous().Get(t.Context(), "/healthz", nil, into) },
			want: answer{Request: "GET /logs/healthz"},
		},
		{
			name: "error",
			send: func(c *Client, into any) error {
				if err := c.Get(t.Context(), "/api/error", nil, into); err == nil {
					return errors.New("status 418 is not an error")
				}
				return nil
			},
			want: answer{Request: "GET /logs/api/error", User: "t", Password: "token", Login: true},
		},
	} {
		c := client(t, Config{URL: web.URL + "/logs/api/", Token: "t"})
		tc.want.Accept = "application/json"
		var got answer
		if err := tc.send(c, &got); err != nil || got != tc.want {
			t.Errorf("%s: %+v, want %+v; %v", tc.name, got, tc.want, err)
		}
		if skew := c.ClockSkew(); skew < ahead-time.Minute || skew > ahead+time.Minute {
			t.Errorf("%s: the clock skew is %v, want %v", tc.name, skew, ahead)
		}
	}
}
