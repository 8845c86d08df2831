package installer

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
)

// streamIDs returns the ids of the pack's streams by their titles.
func (srv testServer) streamIDs(t *testing.T) map[string]string {
	t.Helper()
	ids := map[string]string{}
	_, have := srv.state(t)
	for title, stream := range have.streams {
		ids[title] = stream.ID
	}
	return ids
}

// TestRealGraylogOptions installs other options, and other revisions. Inputs and the
// dashboard change in place.
func TestRealGraylogOptions(t *testing.T) {
	srv := open(t)
	c := srv.client
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, c.Install, p, "upload revision 2", "install revision 2")
	whole, ids := srv.list(t), srv.streamIDs(t)
	// check installs a pack in place, and again.
	check := func(p contentpack.Pack, want ...string) {
		t.Helper()
		checkSteps(t, c.Install, p, want...)
		checkSteps(t, c.Install, p)
		checkSteps(t, c.Verify, p)
		if got := srv.streamIDs(t); !maps.Equal(got, ids) {
			t.Errorf("the streams are %v, want %v", got, ids)
		}
	}

	moved := srv.pack(t, contentpack.Config{Ports: map[string]int{"TTP": 9301 + portOffset}})
	report, err := c.Diff(t.Context(), moved)
	if err != nil {
		t.Fatal(err)
	}
	port := Difference{Where: "input TTP Logs: port", Have: "24300", Want: "24301"}
	if !slices.Equal(report.Differences, []Difference{port}) {
		t.Errorf("the differences are %+v", report.Differences)
	}
	report, err = c.Verify(t.Context(), moved)
	const found = `input TTP Logs: port is "24300", not "24301"`
	if got := problems(report); err != nil || !slices.Equal(got, []string{found}) {
		t.Errorf("%v, %q", err, got)
	}
	check(moved, "change input TTP Logs")
	conn, err := net.DialTimeout("tcp", "127.0.0.1:24301", 5*time.Second)
	if err != nil {
		t.Errorf("after the change: %v", err)
	} else {
		conn.Close()
	}
	check(p, "change input TTP Logs")

	check(srv.pack(t, contentpack.Config{TestInput: true, Ports: map[string]int{"Test": 12201 + portOffset}}),
		"create input Test Logs")
	check(p, "delete input Test Logs")
	srv.checkList(t, "with the first options again", whole)
	marked := srv.pack(t, contentpack.Config{EventAnnotations: true})
	if !drawsNoEvents(srv.session(t).version) {
		report, err = c.Verify(t.Context(), marked)
		const outdated = "dashboard Synergos Dashboard: it is that of another revision or other options"
		if got := problems(report); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], outdated) {
			t.Errorf("%v, problems %q", err, got)
		}
		check(marked, "change dashboard Synergos Dashboard")
		check(p, "change dashboard Synergos Dashboard")
	}

	next := srv.pack(t, contentpack.Config{Revision: 3})
	next.Dashboard.Summary = "of revision 3"
	check(next, "upload revision 3", "change dashboard Synergos Dashboard")
	report, err = c.Install(t.Context(), p)
	if !errors.Is(err, ErrObstacle) || !strings.Contains(err.Error(), "revision 3 is installed") {
		t.Errorf("an older revision: %v, %+v", err, report)
	}
	forced := *c
	forced.Force = true
	checkSteps(t, forced.Install, p, "change dashboard Synergos Dashboard")
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
	report, err = c.Install(t.Context(), p)
	var steps []string
	for _, s := range report.Steps { // inputs start once those of the original are gone
		if s.Action != actionResume && s.Action != actionStart {
			steps = append(steps, s.Action+" "+s.Object)
		}
	}
	want := []string{"upload revision 2", "install revision 2", "uninstall revision 1"}
	if err != nil || !report.OK() || !slices.Equal(steps, want) {
		t.Errorf("%v, %+v, the steps are %q, want %q", err, report.Findings, steps, want)
	}
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
	before := srv.list(t)
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, c.Install, p, "upload revision 2", "install revision 2")
	whole := srv.list(t)

	_, have := srv.state(t)
	for _, stream := range have.streams {
		srv.must(t, http.MethodPost, "/api/streams/"+stream.ID+"/pause", facts.Object{}, nil)
	}
	if err := srv.API.StopInput(t.Context(), have.inputs["TTP Logs"].ID); err != nil {
		t.Fatal(err)
	}
	report, err := c.Verify(t.Context(), p)
	if err != nil || len(problems(report)) != 5 {
		t.Errorf("%v, problems %q, want four paused streams and a stopped input", err, problems(report))
	}
	checkSteps(t, c.Install, p, "start input TTP Logs")
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

	// Parts are deleted. The others stay.
	st, have := srv.state(t)
	kept := srv.streamIDs(t)
	delete(kept, "TTP Stream")
	if err := srv.API.DeleteStream(t.Context(), have.streams["TTP Stream"].ID); err != nil {
		t.Fatal(err)
	}
	if err := srv.API.DeleteInput(t.Context(), have.inputs["Worker Logs"].ID); err != nil {
		t.Fatal(err)
	}
	report, err = c.Verify(t.Context(), p)
	for _, want := range []string{
		"stream TTP Stream: somebody has deleted it",
		"input Worker Logs: somebody has deleted it",
		"dashboard Synergos Dashboard: it shows deleted streams",
	} {
		if got := problems(report); err != nil || !slices.Contains(got, want) {
			t.Errorf("%v, problems %q, want %s", err, got, want)
		}
	}
	checkSteps(t, c.Install, p,
		"create input Worker Logs", "create stream TTP Stream", "change dashboard Synergos Dashboard")
	checkSteps(t, c.Install, p)
	srv.checkList(t, "after the repair", whole)
	ids := srv.streamIDs(t)
	for title, id := range kept {
		if ids[title] != id {
			t.Errorf("the stream %s was %s and is %s", title, id, ids[title])
		}
	}
	for id := range st.views {
		if err := srv.API.DeleteDashboard(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	checkSteps(t, c.Install, p, "create dashboard Synergos Dashboard")
	checkSteps(t, c.Install, p)
	checkSteps(t, c.Verify, p)
	srv.checkList(t, "after the second repair", whole)
	if widgets := srv.Dashboard(p.Dashboard.Title).Widgets; len(widgets) != 25 {
		t.Errorf("the dashboard has %d widgets, want 25", len(widgets))
	}
	report, err = c.Remove(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("%v, %+v", err, report.Findings)
	}
	srv.checkList(t, "after the removal", before)
}
