package contentpack

import (
	"context"
	"encoding/json"
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

	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// The tests of this file change a real Graylog, which graylogtest lends them.
// They remove what they make.

// realGraylog returns a client for it. The server has no pack of ours when the test
// starts, and when it has ended.
func realGraylog(t *testing.T) *Client {
	t.Helper()
	server := graylogtest.Open(t)
	c := &Client{
		URL: server.URL, User: server.Config.User, Password: server.Config.Password, Wait: time.Minute,
		FailuresWithin: -1, // other tests have records refused
		Progress:       func(line string) { t.Log(line) },
	}
	clean := func() {
		if _, err := c.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	}
	clean()
	t.Cleanup(clean)
	return c
}

// testSession opens a session, for what the client does not do.
func (c *Client) testSession(t *testing.T) *session {
	t.Helper()
	s, err := c.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// must sends a request that has to succeed.
func (s *session) must(t *testing.T, method, path string, body, into any) {
	t.Helper()
	if err := s.do(context.Background(), method, path, body, into); err != nil {
		t.Fatal(err)
	}
}

// census lists what a server has, whatever made it.
func census(t *testing.T, c *Client) string {
	t.Helper()
	sv, err := c.testSession(t).look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, in := range sv.inputs {
		all = append(all, "input "+in.Title)
	}
	for _, st := range sv.streams {
		all = append(all, fmt.Sprintf("stream %s, paused: %v", st.Title, st.Disabled))
	}
	for _, d := range sv.dashboards {
		all = append(all, "dashboard "+d.Title)
	}
	for n := range sv.revisions {
		all = append(all, fmt.Sprintf("revision %d", n))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// away is added to the ports of the roles, which something else on the machine
// may have. The sums are below the ports that systems give to clients.
const away = 15000

// local is a pack whose inputs no other machine can reach, and at other ports
// than usual. On a server older than 4.0 it is one for that.
func local(t *testing.T, c *Client, o Options) Pack {
	t.Helper()
	o.Bind = "127.0.0.1"
	ports := map[string]int{}
	for _, r := range role.All() {
		ports[r.Name] = r.Port + away
	}
	maps.Copy(ports, o.Ports)
	o.Ports = ports
	if s := c.testSession(t); s.version.major < 4 {
		o.MinServer = "3.3.0"
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// steps runs a method of the client that has to find no problem, and returns
// its steps.
func steps(t *testing.T, method func(context.Context, Pack) (Report, error), p Pack) []string {
	t.Helper()
	report, err := method(t.Context(), p)
	if err != nil {
		t.Fatalf("%v\n%+v", err, report.Findings)
	}
	for _, f := range report.Findings {
		if f.Problem {
			t.Errorf("%s: %s", f.Where, f.Found)
		}
	}
	var out []string
	for _, s := range report.Steps {
		if s.Action != "resume" { // which Graylog before 7 has no need for
			out = append(out, s.Action+" "+s.Object)
		}
	}
	return out
}

func sameSteps(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the steps are %q, want %q", got, want)
	}
}

// TestGraylogInstall installs, installs again, and removes.
func TestRealGraylogInstall(t *testing.T) {
	c := realGraylog(t)
	before := census(t, c)
	p := local(t, c, Options{})
	if report, err := c.Verify(t.Context(), p); err != nil || report.OK() || report.Findings[0].Found != "it is not installed" {
		t.Fatalf("%v, %+v", err, report)
	}
	sameSteps(t, steps(t, c.Diff, p), "upload revision 2", "install revision 2")
	if got := census(t, c); got != before {
		t.Errorf("Diff has changed the server to\n%s", got)
	}

	sameSteps(t, steps(t, c.Install, p), "upload revision 2", "install revision 2")
	installed := census(t, c)
	for _, e := range p.Streams {
		if strings.Count(installed, "stream "+e.Title+", paused: false") != 1 {
			t.Errorf("the stream %s is not there once, and running, in\n%s", e.Title, installed)
		}
	}
	if got, want := strings.Count(installed, "\n")-strings.Count(before, "\n"), 4+4+1+1; got != want {
		t.Errorf("the server has %d things more, want %d:\n%s", got, want, installed)
	}
	for _, in := range p.Inputs {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(in.Bind, fmt.Sprint(in.Port)), 5*time.Second)
		if err != nil {
			t.Errorf("%s: %v", in.Title, err)
			continue
		}
		conn.Close()
	}

	sameSteps(t, steps(t, c.Install, p))
	sameSteps(t, steps(t, c.Diff, p))
	steps(t, c.Verify, p)
	if got := census(t, c); got != installed {
		t.Errorf("the second installation has changed the server to\n%s", got)
	}

	report, err := c.Remove(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("%v, %+v", err, report.Findings)
	}
	if got := census(t, c); got != before {
		t.Errorf("after the removal there is\n%s\nwant\n%s", got, before)
	}
	if report, err = c.Remove(t.Context()); err != nil || len(report.Steps) > 0 {
		t.Errorf("the second removal: %v, %+v", err, report)
	}
}

// TestGraylogReplace installs other contents of a revision, and other
// revisions.
func TestRealGraylogReplace(t *testing.T) {
	c := realGraylog(t)
	steps(t, c.Install, local(t, c, Options{}))
	want := strings.Count(census(t, c), "\n")

	moved := local(t, c, Options{Ports: map[string]int{"TTP": 9301 + away}})
	report, err := c.Diff(t.Context(), moved)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(report.Differences, Difference{"input TTP Logs: port", "24300", "24301"}) || len(report.Differences) != 2 {
		t.Errorf("the differences are %+v", report.Differences) // the other one is the content in the description
	}
	if report, err := c.Verify(t.Context(), moved); err != nil || report.OK() {
		t.Errorf("%v, %+v", err, report)
	}
	sameSteps(t, steps(t, c.Install, moved), "uninstall revision 2", "delete revision 2", "upload revision 2", "install revision 2")
	if got := strings.Count(census(t, c), "\n"); got != want {
		t.Errorf("the server has %d things, want %d:\n%s", got, want, census(t, c))
	}

	next := local(t, c, Options{Revision: 3})
	sameSteps(t, steps(t, c.Install, next), "upload revision 3", "uninstall revision 2", "install revision 3")
	if got := strings.Count(census(t, c), "\n"); got != want+1 {
		t.Errorf("the server has %d things, want %d:\n%s", got, want+1, census(t, c))
	}

	report, err = c.Install(t.Context(), moved)
	if !errors.Is(err, ErrObstacle) || len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Found, "revision 3 is installed") {
		t.Errorf("an older revision: %v, %+v", err, report)
	}
	forced := *c
	forced.Force = true
	sameSteps(t, steps(t, forced.Install, moved), "uninstall revision 3", "install revision 2")
}

// TestGraylogOriginal replaces the original's pack, and leaves it on the list
// when ours is removed.
func TestRealGraylogOriginal(t *testing.T) {
	c := realGraylog(t)
	s := c.testSession(t)
	raw, err := os.ReadFile("testdata/original.json")
	if err != nil {
		t.Fatal(err)
	}
	before := census(t, c)
	text := strings.ReplaceAll(string(raw), "0.0.0.0", "127.0.0.1")
	text = strings.ReplaceAll(text, "4.0.1+6a0cc0b", "3.3.0")
	for _, port := range []int{9100, 9200, 9300, 9400, TestInputPort} {
		text = strings.ReplaceAll(text, fmt.Sprintf(`"@value": %d`, port), fmt.Sprintf(`"@value": %d`, port+away))
	}
	ids := strings.NewReplacer("1420ba98-8812-4ac7-88f3-7d6b620f2bba", id24("1"), "ff1d54ed-6d0d-487b-b339-3e7d04a71cb7", id24("2"),
		"4c100b40-84e8-4e10-b929-0007652335f7", id24("3"), "f53dd7f6-c09d-41ff-977d-2e5c35d42581", id24("4")) // 7.0.0 refuses UUIDs of streams
	pack, err := readJSON([]byte(ids.Replace(text)))
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, http.MethodPost, packsPath, pack, nil)
	t.Cleanup(func() { s.must(t, http.MethodDelete, packsPath+"/"+ID, nil, nil) })
	s.must(t, http.MethodPost, packsPath+"/"+ID+"/1/installations", s.installBody(), nil)
	theirs := census(t, c)

	if report, err := c.Remove(t.Context()); err != nil || len(report.Steps) > 0 || len(report.Findings) != 1 {
		t.Errorf("%v, %+v", err, report)
	}
	if got := census(t, c); got != theirs {
		t.Errorf("the removal has changed what is not ours to\n%s", got)
	}
	p := local(t, c, Options{})
	report, err := c.Diff(t.Context(), p)
	if err != nil || len(report.Differences) < 100 {
		t.Errorf("%v, %d differences", err, len(report.Differences))
	}
	sameSteps(t, steps(t, c.Install, p), "upload revision 2", "uninstall revision 1", "install revision 2")
	if _, err := c.Remove(t.Context()); err != nil {
		t.Error(err)
	}
	if got := census(t, c); !strings.Contains(got, "revision 1") || strings.Count(got, "\n") != strings.Count(before, "\n")+1 {
		t.Errorf("there is left\n%s", got)
	}
}

// TestGraylogRepairs installs where something happened to the pack since: what
// the auto loader of Graylog 7 leaves is the first case.
func TestRealGraylogRepairs(t *testing.T) {
	c := realGraylog(t)
	p := local(t, c, Options{})
	steps(t, c.Install, p)
	whole := census(t, c)
	s := c.testSession(t)
	sv, err := s.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keep, _ := sv.wanted(p)

	for _, st := range sv.streamsOf(keep) {
		s.must(t, http.MethodPost, "/api/streams/"+st.ID+"/pause", object{}, nil)
	}
	for _, in := range sv.inputsOf(keep)[:1] {
		s.must(t, http.MethodDelete, "/api/cluster/inputstates/"+in.ID, nil, nil)
	}
	report, err := c.Verify(t.Context(), p)
	if err != nil || len(problems(report)) != 5 {
		t.Errorf("%v, problems %q, want four paused streams and a stopped input", err, problems(report))
	}
	sameSteps(t, steps(t, c.Install, p), "start input "+sv.inputsOf(keep)[0].Title)
	if got := census(t, c); got != whole {
		t.Errorf("there is\n%s", got)
	}

	// Installed twice: one is to go.
	s.must(t, http.MethodPost, packsPath+"/"+ID+"/2/installations", s.installBody(), nil)
	got := steps(t, c.Install, p)
	if len(got) == 0 || got[0] != "uninstall revision 2" {
		t.Errorf("the steps are %q", got)
	}
	if got := census(t, c); got != whole {
		t.Errorf("there is\n%s", got)
	}

	// Someone deletes a stream, and renames another one.
	if sv, err = s.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	keep, _ = sv.wanted(p)
	live := sv.streamsOf(keep)
	s.must(t, http.MethodPut, "/api/streams/"+live[1].ID, object{"title": "Renamed"}, nil)
	report, err = c.Verify(t.Context(), p)
	if got := problems(report); err != nil || !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, "stream "+live[1].Title) }) {
		t.Errorf("%v, problems %q", err, got)
	}
	s.must(t, http.MethodDelete, "/api/streams/"+live[0].ID, nil, nil)
	report, err = c.Verify(t.Context(), p)
	if got := problems(report); err != nil || len(got) != 1 || !strings.Contains(got[0], "deleted: stream "+live[0].Title) {
		t.Errorf("%v, problems %q", err, got)
	}
	sameSteps(t, steps(t, c.Install, p), "uninstall revision 2", "install revision 2")
	if got := census(t, c); got != whole {
		t.Errorf("there is\n%s", got)
	}
}

func problems(r Report) (out []string) {
	for _, f := range r.Findings {
		if f.Problem {
			out = append(out, f.Where+" "+f.Found)
		}
	}
	return out
}

// TestGraylogObstacles tries to install where ports and titles are taken.
func TestRealGraylogObstacles(t *testing.T) {
	c := realGraylog(t)
	p := local(t, c, Options{})
	s := c.testSession(t)
	input := func(title string, port int) (id string) {
		var made struct{ ID string }
		s.must(t, http.MethodPost, "/api/system/inputs", object{
			"title": title, "type": "org.graylog2.inputs.gelf.tcp.GELFTCPInput", "global": true,
			"configuration": object{"bind_address": "127.0.0.1", "port": port, "recv_buffer_size": 1 << 20, "use_null_delimiter": true,
				"max_message_size": 2 << 20, "decompress_size_limit": 8 << 20, "number_worker_threads": 1, "tls_enable": false},
		}, &made)
		return made.ID
	}
	taken := input("Another", 9300+away)
	before := census(t, c)
	report, err := c.Install(t.Context(), p)
	if got := problems(report); !errors.Is(err, ErrObstacle) || len(got) != 1 || !strings.Contains(got[0], `input TTP Logs port 24300 is taken by the input "Another"`) {
		t.Errorf("%v, %q", err, got)
	}
	if got := census(t, c); got != before {
		t.Errorf("a refused installation has changed the server to\n%s", got)
	}
	s.must(t, http.MethodDelete, "/api/system/inputs/"+taken, nil, nil)

	var stream struct {
		ID string `json:"stream_id"`
	}
	var sets struct {
		Sets []struct{ ID string } `json:"index_sets"`
	}
	s.must(t, http.MethodGet, "/api/system/indices/index_sets", nil, &sets)
	var request any = object{"title": "TTP Stream", "rules": []any{}, "index_set_id": sets.Sets[0].ID}
	if s.version.major >= 7 {
		request = object{"entity": request, "share_request": nil}
	}
	s.must(t, http.MethodPost, "/api/streams", request, &stream)
	report, err = c.Install(t.Context(), p)
	if got := problems(report); !errors.Is(err, ErrObstacle) || len(got) != 1 || !strings.Contains(got[0], "stream TTP Stream there is another one of this title") {
		t.Errorf("%v, %q", err, got)
	}
	forced := *c
	forced.Force = true
	sameSteps(t, steps(t, forced.Install, p), "upload revision 2", "install revision 2")
	if report, err = c.Remove(t.Context()); err != nil || !report.OK() {
		t.Errorf("%v, %+v", err, report)
	}
	if got := census(t, c); !strings.Contains(got, "stream TTP Stream") {
		t.Errorf("the removal took a stream that is not ours, and left\n%s", got)
	}
	s.must(t, http.MethodDelete, "/api/streams/"+stream.ID, nil, nil)

	// A port that another program has shows when the input is started.
	var l net.Listener
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if l, err = net.Listen("tcp", "127.0.0.1:24200"); err == nil {
			break
		}
		if time.Now().After(deadline) { // the input that had it is gone
			t.Fatal(err)
		}
	}
	defer l.Close()
	report, err = c.Install(t.Context(), p)
	if got := problems(report); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "input Director Logs at port 24200 it is fail") {
		t.Errorf("%v, %q", err, got)
	}
	l.Close()
	steps(t, c.Install, p)
}

func TestRealGraylogLogIn(t *testing.T) {
	c := realGraylog(t)
	wrong := *c
	wrong.Password = "wrong-secret"
	_, err := wrong.Install(t.Context(), local(t, c, Options{}))
	if err == nil || !strings.Contains(err.Error(), "does not let the user in") || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}

	s := c.testSession(t)
	path := "/api/users/" + c.User + "/tokens/contentpack-test"
	var user struct{ ID string }
	if s.do(t.Context(), http.MethodGet, "/api/users/"+c.User, nil, &user) == nil && s.version.major >= 4 {
		path = "/api/users/" + user.ID + "/tokens/contentpack-test"
	}
	var token struct{ ID, Token string }
	s.must(t, http.MethodPost, path, object{}, &token)
	withToken := &Client{URL: c.URL, Token: token.Token}
	if _, err := withToken.Diff(t.Context(), local(t, c, Options{})); err != nil {
		t.Error(err)
	}
	s.must(t, http.MethodDelete, strings.TrimSuffix(path, "contentpack-test")+or(token.ID, token.Token), nil, nil)
}

// TestGraylogShows sends records to each input, and holds that each widget has
// something to show then.
func TestRealGraylogShows(t *testing.T) {
	c := realGraylog(t)
	p := local(t, c, Options{})
	steps(t, c.Install, p)
	s := c.testSession(t)
	sv, err := s.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keep, _ := sv.wanted(p)
	var search object
	for _, d := range sv.dashboards {
		if keep.made(d.ID) {
			dashboard, err := s.readDashboard(t.Context(), d.ID)
			if err != nil {
				t.Fatal(err)
			}
			search = obj(dashboard["search"])
		}
	}

	var empty []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		for i, tab := range p.Dashboard.Tabs { // again and again: a new stream takes a moment to receive
			sendTo(t, p.Inputs[i], tab)
		}
		if empty = s.emptyWidgets(t, p, search); len(empty) == 0 {
			break
		}
	}
	for _, w := range empty {
		t.Errorf("%s shows nothing", w)
	}
	report, err := c.Verify(t.Context(), p)
	if err != nil || len(problems(report)) != 0 { // the list of fields may be late
		t.Errorf("%v, findings %+v", err, report.Findings)
	}
}

// sendTo sends a record with all fields of a tab.
func sendTo(t *testing.T, in Input, tab Tab) {
	t.Helper()
	frame := object{"version": "1.1", "host": "contentpack-test", "short_message": "a record with all fields", "level": 6}
	for _, name := range tab.fields() {
		if !slices.Contains([]string{"timestamp", "source", "gl2_remote_ip", "gl2_remote_port"}, name) {
			frame["_"+name] = 1.5
		}
	}
	frame["_logger"] = tab.Stream.Rules[0].Contains + "unit"
	frame["_level_name"] = "INFO"
	text, err := json.Marshal(frame)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(in.Bind, fmt.Sprint(in.Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(append(text, 0)); err != nil {
		t.Fatal(err)
	}
}

// emptyWidgets runs the search of the dashboard, and returns the widgets
// without a value.
func (s *session) emptyWidgets(t *testing.T, p Pack, search object) (empty []string) {
	t.Helper()
	var answer object
	s.must(t, http.MethodPost, "/api/views/search/sync", search, &answer)
	found := map[string]object{}
	for _, result := range obj(answer["results"]) {
		if errs := items(dig(result, "errors")); len(errs) > 0 {
			t.Fatalf("the search fails: %v", errs)
		}
		for id, r := range obj(dig(result, "search_types")) {
			found[id] = obj(r)
		}
	}
	for _, tab := range p.Dashboard.Tabs {
		for _, w := range tab.Widgets {
			result := found[uuid("search", tab.Title, w.Title)]
			values := len(list(result["messages"]))
			for _, row := range list(result["rows"]) {
				for _, v := range list(row["values"]) {
					if _, ok := v["value"].(json.Number); ok {
						values++
					}
				}
			}
			if values == 0 {
				empty = append(empty, w.Title)
			}
		}
	}
	return empty
}
