package indexfailure_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/internal/indexfailure"
	"github.com/aimakerspace/synlogger/role"
)

// TestRealGraylogRefuses lets a real index refuse a record. Read must return its
// field, both types and both loggers.
func TestRealGraylogRefuses(t *testing.T) {
	srv := graylogtest.Open(t)
	input := srv.NewInput("Refused", graylogtest.TCP)
	field := fmt.Sprintf("refused%d", time.Now().UnixNano())
	handler := func(name string) *role.Handler {
		h := role.Worker(role.Config{Server: input.Addr, Name: name})
		t.Cleanup(func() { h.Close() })
		return h
	}
	log := func(h *role.Handler, args ...any) {
		t.Helper()
		slog.New(h).Info("a record", args...)
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first, second := handler("first"+field), handler("second"+field)
	log(first, field, 5)
	log(second, "n", 1)
	srv.Wait(input.Query(), 2)
	log(second, field, "a text")
	log(second, "n", 3)
	srv.Wait(input.Query(), 3)

	// The server stores the failure some time later.
	deadline := time.Now().Add(graylogtest.WaitTimeout)
	for {
		report, err := indexfailure.Read(t.Context(), srv.API, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(report.Groups, func(g indexfailure.Group) bool { return g.Field == field })
		if at >= 0 {
			found := report.Groups[at].Found()
			want := []string{
				"1 refused",
				"the field " + field + " is an integer (long) in the index ",
				"and a text in the refused records",
				"probably WKR_second" + field + ",",
				"stored records with this field: WKR_first" + field,
			}
			missing := slices.DeleteFunc(want, func(w string) bool { return strings.Contains(found, w) })
			if len(missing) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s lacks %q", found, missing)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no group about %s in %+v", field, report)
		}
		time.Sleep(300 * time.Millisecond)
	}
}
