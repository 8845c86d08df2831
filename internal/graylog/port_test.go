package graylog

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestWrongPort gives addresses that are not those of Graylog's page, and waits for the
// server.
func TestWrongPort(t *testing.T) {
	page := respond(200, `{"version":"7.0.1","lifecycle":"running"}`)
	plain := serve(t, page)
	secure := unstarted(t, page)
	secure.StartTLS()
	gelf := gelftest.NewServer(t).Addr()
	withTLS := gelftest.NewTLSServer(t)
	gelfTLS := withTLS.Addr()
	const input, scheme = "use the port of Graylog's page, usually 9000", "use https://"
	for _, tc := range []struct{ name, url, want string }{
		{"GELF", "http://" + gelf, input},
		{"https to GELF", "https://" + gelf, input},
		{"GELF over TLS", "http://" + gelfTLS, input},
		{"https to GELF over TLS", "https://" + gelfTLS, input},
		{"http to https", strings.Replace(secure.URL, "https", "http", 1), scheme},
		{"https to http", strings.Replace(plain.URL, "http", "https", 1), "use http://"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			c := client(t, Config{URL: tc.url, TLS: withTLS.ClientTLS()})
			_, err := c.Wait(t.Context(), time.Hour, nil)
			checkError(t, err, nil, ErrInvalidURL.Error(), tc.want)
			if took := time.Since(start); took > firstTimeout+3*probeTimeout {
				t.Errorf("the error came after %v", took)
			}
		})
	}
}

// TestSlowServer has a server that answers later than firstTimeout.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	first := true
	web := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			select {
			case <-time.After(firstTimeout + time.Second):
			case <-r.Context().Done():
			}
		}
		io.WriteString(w, `{"version":"7.0.1","lifecycle":"running"}`)
	})
	if s, err := client(t, Config{URL: web.URL}).Wait(t.Context(), 0, nil); err != nil || s.Version != "7.0.1" {
		t.Errorf("Wait() = %+v, %v", s, err)
	}
}
