package doctor

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A fakeGraylog answers like Graylog 7.0.1. By default, the probe is stored in the
// TTP Stream.
type fakeGraylog struct {
	streams string // elements of the list of streams, after the default stream
	search  string // answer of a search; %s is replaced with the probe
	states  string // elements of the list of input states
	system  string // answer about the state of the server

	failures      atomic.Int64 // number of refused records
	refused       string       // answer about refused records, instead of failures
	refusedStatus int          // of that answer; 0 means 200
}

const (
	running  = `{"version":"7.0.1","is_processing":true,"lifecycle":"running"}`
	storedIn = `{"messages":[{"message":{"doctor_probe":"%s","streams":["1","2"]}}]}`
	nowhere  = `{"messages":[]}`
)

// start runs the server until the test ends and returns its API.
func (g *fakeGraylog) start(t *testing.T) *graylog.Config {
	t.Helper()
	web := httptest.NewServer(g)
	t.Cleanup(web.Close)
	return &graylog.Config{URL: web.URL + "/api/", User: "reader", Password: "secret"}
}

func (g *fakeGraylog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		io.WriteString(w, "<!DOCTYPE html>")
		return
	case "/api/":
		io.WriteString(w, `{"cluster_id":"c","version":"7.0.1"}`)
		return
	}
	user, password, _ := r.BasicAuth()
	if (user != "reader" || password != "secret") && (user != "t0ken" || password != "token") {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/api/system":
		io.WriteString(w, or(g.system, running))
	case "/api/streams":
		io.WriteString(w, `{"streams":[{"id":"1","title":"Default Stream"}`+g.streams+`]}`)
	case "/api/search/universal/relative":
		probe := strings.TrimPrefix(r.URL.Query().Get("query"), "doctor_probe:")
		io.WriteString(w, strings.ReplaceAll(or(g.search, storedIn), "%s", probe))
	case "/api/system/inputstates":
		io.WriteString(w, `{"states":[`+g.states+`]}`)
	case "/api/system/indexer/failures":
		g.serveFailures(w)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (g *fakeGraylog) serveFailures(w http.ResponseWriter) {
	switch n := g.failures.Load(); {
	case g.refusedStatus != 0:
		w.WriteHeader(g.refusedStatus)
		io.WriteString(w, g.refused)
	case g.refused != "":
		io.WriteString(w, g.refused)
	case n > 0:
		fmt.Fprintf(w, `{"total":%d,"failures":[{"message":"mapper_parsing_exception"}]}`, n)
	default:
		io.WriteString(w, `{"total":0,"failures":[]}`)
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
