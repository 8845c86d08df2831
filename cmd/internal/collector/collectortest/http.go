package collectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

// Get sends a request to the collector's handler, not to its port.
func Get(t testing.TB, c *collector.Collector, target string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
	return w.Code, w.Body.String()
}

// GetJSON decodes the answer to a request. The status must be 200.
func GetJSON(t testing.TB, c *collector.Collector, target string, into any) {
	t.Helper()
	status, body := Get(t, c, target)
	if status != 200 {
		t.Fatalf("%s: status %d: %s", target, status, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
}

// PageConn opens a connection to the page's port.
func PageConn(t *testing.T, c *collector.Collector) net.Conn {
	t.Helper()
	return ConnTo(t, strings.TrimSuffix(strings.TrimPrefix(c.PageURL(), "http://"), "/"))
}

// BenchFrames returns a sequence of frames, and their number.
func BenchFrames() ([]byte, int) {
	var b bytes.Buffer
	const n = 100
	for i := range n {
		fmt.Fprintf(
			&b,
			`{"version":"1.1","host":"hospital-1","short_message":"Aligned model with participant number %d",`+
				`"timestamp":%d.%06d,"level":6,"_level_name":"INFO","_level_number":20,"_logger":"TTP_hospital-1",`+
				`"_event":"Aligned model with participant number %d","_seq":%d,"_ID_path":"/synergos/ttp/align.py",`+
				`"_ID_class":"Alignment","_ID_function":"align","_epoch":%d,"_loss":0.%d,"_project":"covid"}`+"\x00",
			i,
			time.Now().Unix(),
			i,
			i,
			i,
			i,
			i+1,
		)
	}
	return b.Bytes(), n
}

// Flood sends records as fast as possible until halt is called.
func Flood(b *testing.B, c *collector.Collector) (halt func()) {
	chunk, _ := BenchFrames()
	conn := Dial(b, c, "TTP Logs")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := conn.Write(chunk); err != nil {
				b.Error(err)
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// ConnTo opens a connection that ends with the test.
func ConnTo(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}
