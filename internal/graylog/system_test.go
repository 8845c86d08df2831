package graylog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

func TestSystem(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"no Graylog", 404, "<html>", "404 Not Found"},
		{"no version", 200, `{}`, "the response has no version"},
		{"strange version", 200, `{"version":"newest"}`, `"newest" is not a version of Graylog`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := client(t, Config{URL: serve(t, respond(tc.status, tc.body)).URL}).System(t.Context())
			var failure *Error
			if !errors.As(err, &failure) || !errors.Is(err, ErrNotGraylog) {
				t.Errorf("the error is %v", err)
			}
			if text := fmt.Sprint(err); !strings.Contains(text, tc.want) || !strings.Contains(text, notGraylogAdvice) {
				t.Errorf("the error is %v, want %s", err, tc.want)
			}
		})
	}
	c := client(t, Config{URL: serve(t, respond(200, `{"version":"7.0.1+29f3984","lifecycle":"running"}`)).URL})
	s, err := c.System(t.Context())
	if err != nil || s.ParsedVersion() != (version.Version{Major: 7, Minor: 0, Patch: 1}) || s.Starting() {
		t.Errorf("System() = %+v, %v", s, err)
	}
}

func TestGreeting(t *testing.T) {
	web := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, _, login := r.BasicAuth(); login || r.URL.Path != "/api/" {
			t.Errorf("request of %s, with a login: %v", r.URL.Path, login)
		}
		io.WriteString(w, `{"cluster_id":"c","version":"7.0.1"}`)
	})
	got, err := client(t, Config{URL: web.URL}).Greeting(t.Context())
	if want := (Greeting{"c", "7.0.1"}); got != want || err != nil {
		t.Errorf("Greeting() = %+v, %v; want %+v", got, err, want)
	}
	_, err = client(t, Config{URL: serve(t, respond(200, `{}`)).URL}).Greeting(t.Context())
	checkError(t, err, ErrNotGraylog, "the server is not Graylog")
}

func TestWaitRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := client(t, Config{URL: "http://" + l.Addr().String()})
	_, err = c.Wait(t.Context(), 0, nil)
	checkError(t, err, ErrUnavailable, "connection refused")
	var reasons []string
	_, err = c.Wait(t.Context(), 700*time.Millisecond, func(reason string) { reasons = append(reasons, reason) })
	checkError(t, err, ErrUnavailable, "was not up within 700ms", "connection refused")
	if len(reasons) != 1 || !strings.Contains(reasons[0], "connection refused") {
		t.Errorf("the reasons are %q, want one", reasons)
	}
}

func TestWait(t *testing.T) {
	var requests atomic.Int32
	web := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			io.WriteString(w, `{"version":"7.0.1+29f3984","lifecycle":"starting"}`)
		default:
			io.WriteString(w, `{"version":"7.0.1+29f3984","lifecycle":"running"}`)
		}
	})
	s, err := client(t, Config{URL: web.URL}).Wait(t.Context(), time.Minute, nil)
	if err != nil || s.Lifecycle != "running" || requests.Load() != 3 {
		t.Errorf("Wait() = %+v, %v after %d requests, want 3", s, err, requests.Load())
	}
}

func TestWaitCanceled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := client(t, Config{URL: serve(t, respond(503, "")).URL}).Wait(ctx, time.Hour, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v, want that of the context", err)
	}
}
