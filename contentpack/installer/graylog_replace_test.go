package installer

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
)

// TestRealGraylogReplace installs other options of a revision, and other revisions.
func TestRealGraylogReplace(t *testing.T) {
	srv := open(t)
	c := srv.client
	checkSteps(t, c.Install, srv.pack(t, contentpack.Config{}), "upload revision 2", "install revision 2")
	want := strings.Count(srv.list(t), "\n")
	checkCount := func(want int) {
		t.Helper()
		if list := srv.list(t); strings.Count(list, "\n") != want {
			t.Errorf("the server has %d things, want %d:\n%s", strings.Count(list, "\n"), want, list)
		}
	}

	moved := srv.pack(t, contentpack.Config{Ports: map[string]int{"TTP": 9301 + portOffset}})
	report, err := c.Diff(t.Context(), moved)
	if err != nil {
		t.Fatal(err)
	}
	port := Difference{Where: "input TTP Logs: port", Have: "24300", Want: "24301"}
	if !slices.Contains(report.Differences, port) || len(report.Differences) != 2 { // the other is the description
		t.Errorf("the differences are %+v", report.Differences)
	}
	if report, err := c.Verify(t.Context(), moved); err != nil || report.OK() {
		t.Errorf("%v, %+v", err, report)
	}
	checkSteps(t, c.Install, moved,
		"uninstall revision 2", "delete revision 2", "upload revision 2", "install revision 2")
	checkCount(want)

	next := srv.pack(t, contentpack.Config{Revision: 3})
	checkSteps(t, c.Install, next, "upload revision 3", "uninstall revision 2", "install revision 3")
	checkCount(want + 1)

	report, err = c.Install(t.Context(), moved)
	if !errors.Is(err, ErrObstacle) || !strings.Contains(err.Error(), "revision 3 is installed") {
		t.Errorf("an older revision: %v, %+v", err, report)
	}
	forced := *c
	forced.Force = true
	checkSteps(t, forced.Install, moved, "uninstall revision 3", "install revision 2")
}

// originalPack returns the original's pack with inputs like those of testServer.pack.
func originalPack(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../testdata/original.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), "0.0.0.0", "127.0.0.1")
	text = strings.ReplaceAll(text, "4.0.1+6a0cc0b", "3.3.0")
	for _, port := range []int{9100, 9200, 9300, 9400, contentpack.TestInputPort} {
		text = strings.ReplaceAll(text, fmt.Sprintf(`"@value": %d`, port), fmt.Sprintf(`"@value": %d`, port+portOffset))
	}
	for i, id := range []string{ // of streams; 7.0.0 rejects UUIDs
		"1420ba98-8812-4ac7-88f3-7d6b620f2bba",
		"ff1d54ed-6d0d-487b-b339-3e7d04a71cb7",
		"4c100b40-84e8-4e10-b929-0007652335f7",
		"f53dd7f6-c09d-41ff-977d-2e5c35d42581",
	} {
		text = strings.ReplaceAll(text, id, fmt.Sprintf("f%023d", i))
	}
	return text
}

// TestRealGraylogOriginal replaces the original's pack. It stays in the list of packs
// when ours is removed.
func TestRealGraylogOriginal(t *testing.T) {
	srv := open(t)
	c := srv.client
	before := srv.list(t)
	srv.must(t, http.MethodPost, packsPath, rawJSON(originalPack(t)), nil)
	t.Cleanup(func() { srv.must(t, http.MethodDelete, packsPath+"/"+contentpack.ID, nil, nil) })
	installations := packsPath + "/" + contentpack.ID + "/1/installations"
	srv.must(t, http.MethodPost, installations, installBody(srv.session(t).version), nil)
	original := srv.list(t)

	if report, err := c.Remove(t.Context()); err != nil || len(report.Steps) > 0 || len(report.Findings) != 1 {
		t.Errorf("%v, %+v", err, report)
	}
	srv.checkList(t, "after Remove", original)
	p := srv.pack(t, contentpack.Config{})
	report, err := c.Diff(t.Context(), p)
	if err != nil || len(report.Differences) < 100 {
		t.Errorf("%v, %d differences", err, len(report.Differences))
	}
	checkSteps(t, c.Install, p, "upload revision 2", "uninstall revision 1", "install revision 2")
	if _, err := c.Remove(t.Context()); err != nil {
		t.Error(err)
	}
	got := srv.list(t)
	if !strings.Contains(got, "revision 1") || strings.Count(got, "\n") != strings.Count(before, "\n")+1 {
		t.Errorf("after the second Remove, the server has\n%s", got)
	}
}

// rawJSON marshals to itself.
type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// TestRealGraylogRepair installs the pack after its installation was changed. In the
// first case, the state is the one that the auto loader of Graylog 7 produces.
func TestRealGraylogRepair(t *testing.T) {
	srv := open(t)
	c := srv.client
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, c.Install, p, "upload revision 2", "install revision 2")
	whole := srv.list(t)

	st, current := srv.state(t, p)
	for _, stream := range st.streamsOf(current) {
		srv.must(t, http.MethodPost, "/api/streams/"+stream.ID+"/pause", facts.Object{}, nil)
	}
	stopped := st.inputsOf(current)[0]
	if err := srv.API.StopInput(t.Context(), stopped.ID); err != nil {
		t.Fatal(err)
	}
	report, err := c.Verify(t.Context(), p)
	if err != nil || len(problems(report)) != 5 {
		t.Errorf("%v, problems %q, want four paused streams and a stopped input", err, problems(report))
	}
	checkSteps(t, c.Install, p, "start input "+stopped.Title)
	srv.checkList(t, "after starting", whole)

	// The pack is installed twice. The ports of one installation may become free only
	// later, so inputs are started again, as often as necessary.
	installations := packsPath + "/" + contentpack.ID + "/2/installations"
	srv.must(t, http.MethodPost, installations, installBody(srv.session(t).version), nil)
	report, err = c.Install(t.Context(), p)
	if err != nil || !report.OK() || len(report.Steps) == 0 || report.Steps[0].Action != actionUninstall {
		t.Errorf("%v, %+v", err, report)
	}
	srv.checkList(t, "after uninstalling one of two", whole)

	// A stream was renamed, then another one was deleted.
	st, current = srv.state(t, p)
	live := st.streamsOf(current)
	srv.must(t, http.MethodPut, "/api/streams/"+live[1].ID, facts.Object{"title": "Renamed"}, nil)
	report, err = c.Verify(t.Context(), p)
	renamed := func(p string) bool { return strings.HasPrefix(p, "stream "+live[1].Title) }
	if got := problems(report); err != nil || !slices.ContainsFunc(got, renamed) {
		t.Errorf("%v, problems %q", err, got)
	}
	if err := srv.API.DeleteStream(t.Context(), live[0].ID); err != nil {
		t.Fatal(err)
	}
	report, err = c.Verify(t.Context(), p)
	deleted := "somebody has deleted a part of it: stream " + live[0].Title
	if got := problems(report); err != nil || len(got) != 1 || !strings.Contains(got[0], deleted) {
		t.Errorf("%v, problems %q", err, got)
	}
	checkSteps(t, c.Install, p, "uninstall revision 2", "install revision 2")
	srv.checkList(t, "after the repair", whole)
}
