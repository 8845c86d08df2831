package collector

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A stuckWriter takes nothing until it is let go.
type stuckWriter struct {
	body   bytes.Buffer
	header http.Header
	stuck  chan struct{} // closed by the first Write
	once   sync.Once
	let    chan struct{}
}

func (w *stuckWriter) Header() http.Header { return w.header }
func (w *stuckWriter) WriteHeader(int)     {}
func (w *stuckWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.stuck) })
	<-w.let
	return w.body.Write(p)
}

// A slow reader of an export holds no transaction open: the log of the database
// could not be cut while it lasts. It gets each record once, though others come
// and go meanwhile.
func TestExportSlowly(t *testing.T) {
	c := start(t, Options{MaxRecords: 200})
	frames := make([]string, 200)
	for i := range frames {
		frames[i] = frame("TTP_a", strings.Repeat("x", 60_000))
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{}, len(frames))
	w := &stuckWriter{header: http.Header{}, stuck: make(chan struct{}), let: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.ServeHTTP(w, httptest.NewRequest("GET", "/api/export?before=101&format=csv&fields=id,message", nil))
	}()
	<-w.stuck       // at records of a block: those of the tail are in memory
	for range 100 { // others may be looking just now
		if c.store.readers.Stats().InUse == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := c.store.readers.Stats().InUse; n > 0 {
		t.Errorf("%d connections are in use by a reader who reads nothing", n)
	}
	send(t, c, "TTP Logs", frame("TTP_a", "later"), frame("TTP_a", "later"))
	await(t, c, Query{Text: "later"}, 2)
	close(w.let)
	<-done
	if lines := strings.Split(strings.TrimSpace(w.body.String()), "\r\n"); len(lines) != 1+98 || !strings.HasPrefix(lines[1], "100,") || !strings.HasPrefix(lines[98], "3,") {
		t.Errorf("%d lines, the second is of record %.5s and the last of %.5s", len(lines), lines[1], lines[len(lines)-1])
	}
}
