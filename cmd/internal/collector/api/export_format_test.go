package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func TestExport(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs",
		`{"version":"1.1","host":"h","short_message":"=1+1","level":3,"_logger":"TTP_a","_x":"a \"b\", c\nd","_n":-5,
			"_plus":"+49","_minus":"-5"}`, collectortest.Frame("TTP_b", "plain"))
	collectortest.Await(t, c, search.Query{}, 2)
	w := httptest.NewRecorder()
	c.ServeHTTP(
		w,
		httptest.NewRequest("GET", "/api/export?format=csv&fields=id,logger,message,x,n,plus,minus,level", nil),
	)
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"id", "logger", "message", "x", "n", "plus", "minus", "level"},
		{"2", "TTP_b", "plain", "", "", "", "", "6"},
		{"1", "TTP_a", "'=1+1", "a \"b\", c\nd", "-5", "'+49", "-5", "3"},
	}
	if fmt.Sprint(rows) != fmt.Sprint(want) {
		t.Errorf("CSV %q, want %q", rows, want)
	}
	if got := w.Header().Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="records-`) ||
		!strings.HasSuffix(got, `.csv"`) {
		t.Errorf("Content-Disposition %s", got)
	}
	_, body := collectortest.Get(t, c, "/api/export?q=plain")
	var r record.Record
	if err := json.Unmarshal([]byte(body), &r); err != nil || r.ID != 2 || strings.Count(body, "\n") != 1 {
		t.Errorf("NDJSON %s, %v", body, err)
	}
	if _, body = collectortest.Get(t, c,
		"/api/export?fields=logger,none"); body != "{\"logger\":\"TTP_b\"}\n{\"logger\":\"TTP_a\"}\n" {
		t.Errorf("NDJSON of one field: %s", body)
	}
}
