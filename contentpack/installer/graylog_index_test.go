package installer

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// envOpenSearch names the OpenSearch or Elasticsearch of the Graylog.
const envOpenSearch = "GRAYLOG_OPENSEARCH"

// rotate starts a new index of the default index set and waits until it is used.
func (srv testServer) rotate(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	set, err := srv.API.DefaultIndexSet(ctx)
	if err == nil {
		err = srv.API.Rotate(ctx, set)
	}
	if err != nil {
		t.Error(err)
	}
}

// currentIndex returns the index of the default index set that messages are written to.
func (srv testServer) currentIndex(t *testing.T) string {
	t.Helper()
	set, err := srv.API.DefaultIndexSet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var deflector struct {
		Target string `json:"current_target"`
	}
	srv.must(t, http.MethodGet, "/api/system/deflector/"+set.ID, nil, &deflector)
	return deflector.Target
}

// TestRealGraylogIndexTemplate puts the index template. Then the index stores records
// with other types than the first one.
func TestRealGraylogIndexTemplate(t *testing.T) {
	srv := open(t)
	address := os.Getenv(envOpenSearch)
	if address == "" {
		t.Skip("set " + envOpenSearch + " to the address of the Graylog's OpenSearch")
	}
	c := *srv.client
	c.OpenSearch = OpenSearch{URL: address}
	if srv.session(t).version.Major < 4 {
		report, err := c.Install(t.Context(), srv.pack(t, contentpack.Config{}))
		if got := problems(report); err == nil || len(got) != 1 || !strings.Contains(got[0], "Elasticsearch 6") {
			t.Errorf("%v, problems %q", err, got)
		}
		return
	}
	t.Cleanup(func() { srv.rotate(t) })
	t.Cleanup(func() {
		if _, err := c.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p := srv.pack(t, contentpack.Config{})
	before := srv.currentIndex(t)
	checkSteps(t, c.Install, p, "upload index template synlogger", "rotate index set Default index set",
		"upload revision 2", "install revision 2")
	checkSteps(t, c.Install, p)
	checkSteps(t, c.Verify, p)
	for deadline := time.Now().Add(graylogtest.WaitTimeout); srv.currentIndex(t) == before; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("the index is still %s", before)
		}
	}

	_, have := srv.state(t)
	live := have.inputs["TTP Logs"]
	input := srv.Input(live.Title)
	key := fmt.Sprintf("conflict%d", time.Now().UnixNano())
	values := []string{`1`, `"a text"`, `1.5`, `"2026-01-02"`, `"another text"`, `true`}
	for i, value := range values {
		srv.Send(input, fmt.Appendf(nil,
			`{"version":"1.1","host":"h","short_message":"%s","level":6,"_logger":"TTP_x","_%s":%s,"_%s_date":%s}`,
			key, key, value, key, values[len(values)-1-i]))
	}
	if docs := srv.Wait("message:"+key, len(values)); len(docs) != len(values) {
		t.Errorf("%d records are stored, want %d", len(docs), len(values))
	}

	report, err := c.Remove(t.Context())
	deleted := func(s Step) bool { return s.Object == "index template synlogger" && s.Action == actionDelete }
	if err != nil || !slices.ContainsFunc(report.Steps, deleted) {
		t.Errorf("%v, %+v", err, report.Steps)
	}
	if _, err := srv.client.Install(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	report, err = c.Verify(t.Context(), p)
	lacks := func(p string) bool {
		return strings.HasPrefix(p, "index template synlogger: OpenSearch does not have it")
	}
	if got := problems(report); err != nil || !slices.ContainsFunc(got, lacks) {
		t.Errorf("%v, problems %q", err, got)
	}
}

// TestRealGraylogFieldTypes fixes the types of the pack's fields. Then a wrong first value
// does not lose later records.
func TestRealGraylogFieldTypes(t *testing.T) {
	srv := open(t)
	c := *srv.client
	c.FieldTypes = true
	p := srv.pack(t, contentpack.Config{})
	if v := srv.session(t).version; v.Major < 6 {
		report, err := c.Install(t.Context(), p)
		if got := problems(report); err == nil || len(got) != 1 || !strings.Contains(got[0], "--field-types") {
			t.Errorf("%v, problems %q", err, got)
		}
		return
	}
	set, err := srv.API.DefaultIndexSet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for name := range contentpack.FieldTypes() {
		fields = append(fields, name)
	}
	t.Cleanup(func() {
		srv.must(t, http.MethodPut, "/api/system/indices/mappings/remove_mapping", map[string]any{
			"index_sets": []string{set.ID}, "fields": fields, "rotate": true,
		}, nil)
	})
	before := srv.currentIndex(t)
	checkSteps(t, c.Install, p, "change index set Default index set", "rotate index set Default index set",
		"upload revision 2", "install revision 2")
	checkSteps(t, c.Install, p)
	fixed, err := srv.API.FixedFieldTypes(t.Context(), set)
	isCPU := func(t graylog.FieldType) bool { return t.Field == "cpu_percent" && t.Type == "double" }
	if err != nil || len(fixed) != len(fields) || !slices.ContainsFunc(fixed, isCPU) {
		t.Errorf("%v, the types are %v", err, fixed)
	}
	for deadline := time.Now().Add(graylogtest.WaitTimeout); srv.currentIndex(t) == before; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			t.Fatalf("the index is still %s", before)
		}
	}
	input := srv.Input("Sysmetrics Logs")
	key := fmt.Sprintf("types%d", time.Now().UnixNano())
	for _, value := range []string{`"wrong"`, `5.5`, `6.5`} {
		srv.Send(input, fmt.Appendf(nil,
			`{"version":"1.1","host":"h","short_message":"%s","level":6,"_logger":"SYS_x","_cpu_percent":%s}`, key, value))
		time.Sleep(time.Second) // the wrong one must come first
	}
	if docs := srv.Wait("message:"+key, 2); len(docs) != 2 {
		t.Errorf("%d records are stored, want those with a number", len(docs))
	}
}
