package graylogtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// TestSearch reads documents from a server that responds like Graylog 4.3, which
// ignores an offset.
func TestSearch(t *testing.T) {
	const stored = 1003
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "reader" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/api/system" {
			fmt.Fprint(w, `{"version":"7.0.1+0","lb_status":"alive","is_processing":true}`)
			return
		}
		var limit int
		fmt.Sscan(r.FormValue("limit"), &limit)
		type hit struct {
			Message map[string]any `json:"message"`
		}
		var hits []hit
		for i := range min(limit, stored) {
			hits = append(hits, hit{map[string]any{"message": r.FormValue("query"), "seq": i}})
		}
		json.NewEncoder(w).Encode(map[string]any{"messages": hits, "total_results": stored})
	}))
	defer web.Close()
	for _, name := range graylog.Env() {
		t.Setenv(name, "")
	}
	t.Setenv("GRAYLOG_URL", web.URL+"/api/")
	t.Setenv("GRAYLOG_USER", "reader")
	t.Setenv("GRAYLOG_PASSWORD", "secret")
	docs := Open(t).Wait("x:y", stored)
	if len(docs) != stored {
		t.Fatalf("%d documents", len(docs))
	}
	for i, d := range docs {
		if m := d.Message(); m.Message != "x:y" || m.Fields["seq"] != int64(i) {
			t.Fatalf("document %d is %v", i, d)
		}
	}
}

func TestDocument(t *testing.T) {
	var d Document
	decoder := json.NewDecoder(strings.NewReader(`{
		"_id": "1", "gl2_remote_port": 4711, "gl2_source_input": "in", "streams": ["a", "b"], "gl2_other": "x",
		"message": "m", "full_message": 1.5, "source": "h", "timestamp": "2023-11-14T22:13:20.123Z", "level": 3,
		"whole": 9223372036854775807, "float": 1.0, "large": 1.0E20, "text": "1"}`))
	decoder.UseNumber()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	want := gelf.Message{
		Message:     "m",
		FullMessage: "1.5",
		Source:      "h",
		Timestamp:   time.UnixMilli(1_700_000_000_123).UTC(),
		Level:       3,
		Fields: map[string]any{
			"gl2_other": "x",
			"whole":     int64(9223372036854775807),
			"float":     1.0,
			"large":     1e20,
			"text":      "1",
		},
	}
	if diff := cmp.Diff(want, d.Message()); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if d.RemotePort() != 4711 || !cmp.Equal(d.Streams(), []string{"a", "b"}) {
		t.Errorf("from port %d, in %v", d.RemotePort(), d.Streams())
	}
}
