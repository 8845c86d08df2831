package api_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// A stuckWriter blocks each Write until let is closed.
type stuckWriter struct {
	body   bytes.Buffer
	header http.Header
	stuck  chan struct{} // closed by the first Write
	once   sync.Once
	let    chan struct{}
}

func (w *stuckWriter) Header() http.Header { return w.header }

func (w *stuckWriter) WriteHeader(int) {}

func (w *stuckWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.stuck) })
	<-w.let
	return w.body.Write(p)
}

// While a slow client reads an export, the database can truncate its log. The export
// has each record once, although records are added and deleted meanwhile.
func TestExportToSlowClient(t *testing.T) {
	dir := t.TempDir()
	c := collectortest.Start(t, collector.Config{MaxRecords: 200, Dir: dir})
	frames := make([]string, 200)
	for i := range frames {
		frames[i] = collectortest.Frame("TTP_a", strings.Repeat("x", 60_000))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	w := &stuckWriter{header: http.Header{}, stuck: make(chan struct{}), let: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.ServeHTTP(w, httptest.NewRequest("GET", "/api/export?before=101&format=csv&fields=id,message", nil))
	}()
	<-w.stuck // while it sends records of a block: those of the tail are in memory
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	collectortest.Until(t, "a log that can be cut", func() bool {
		var busy, frames, moved int
		err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
		return err == nil && busy == 0
	})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "later"), collectortest.Frame("TTP_a", "later"))
	collectortest.Await(t, c, search.Query{Text: "later"}, 2)
	close(w.let)
	<-done
	if lines := strings.Split(strings.TrimSpace(w.body.String()), "\r\n"); len(lines) != 1+98 ||
		!strings.HasPrefix(lines[1], "100,") || !strings.HasPrefix(lines[98], "3,") {
		t.Errorf(
			"%d lines, the second is of record %.5s and the last of %.5s",
			len(lines),
			lines[1],
			lines[len(lines)-1],
		)
	}
}

// A client that stops reading is disconnected after the write deadline.
func TestSlowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the deadline of a write")
	}
	c := collectortest.Start(t, collector.Config{})
	frames := make([]string, 300)
	for i := range frames {
		frames[i] = collectortest.Frame("TTP_a", strings.Repeat("x", 60_000))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	page := strings.TrimSuffix(strings.TrimPrefix(c.PageURL(), "http://"), "/")
	conn, err := net.Dial("tcp", page)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "GET /api/export HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(11 * time.Second)
	// The kernels have buffered a part of the answer.
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, conn)
	if n >= 300*60_000 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a reader that slept was sent %d bytes, %v", n, err)
	}
}
