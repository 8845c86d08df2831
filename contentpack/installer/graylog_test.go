package installer

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// These tests change a real Graylog. They delete what they create.

// A testServer is a real Graylog without the pack.
type testServer struct {
	*graylogtest.Server
	client *Client
}

// open returns the server. The pack is removed before the test and when it ends.
func open(t *testing.T) testServer {
	t.Helper()
	server := graylogtest.Open(t)
	c := &Client{
		URL:            server.URL,
		User:           server.Config.User,
		Password:       server.Config.Password,
		Token:          server.Config.Token,
		Wait:           time.Minute,
		FailuresWithin: -1, // the index refuses records of other tests
		Progress:       func(line string) { t.Log(line) },
	}
	clean := func() {
		if _, err := c.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	}
	clean()
	t.Cleanup(clean)
	return testServer{server, c}
}

// session opens a session for requests that the client does not send.
func (srv testServer) session(t *testing.T) *session {
	t.Helper()
	s, err := srv.client.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.api.Close)
	return s
}

// must sends a request that must succeed.
func (srv testServer) must(t *testing.T, method, path string, body, into any) {
	t.Helper()
	if err := srv.API.Do(context.Background(), method, path, nil, body, into); err != nil {
		t.Fatal(err)
	}
}

// state returns the state of the server, and what it has of the pack.
func (srv testServer) state(t *testing.T) (state, parts) {
	t.Helper()
	st, err := srv.session(t).readState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept, _ := st.kept()
	return st, st.partsOf(kept)
}

// list returns everything on the server that an installation could create, one a
// line.
func (srv testServer) list(t *testing.T) string {
	t.Helper()
	st, _ := srv.state(t)
	var all []string
	for _, in := range st.inputs {
		all = append(all, "input "+in.Title)
	}
	for _, stream := range st.streams {
		all = append(all, fmt.Sprintf("stream %s, paused: %v", stream.Title, stream.Disabled))
	}
	for _, d := range st.dashboards {
		all = append(all, "dashboard "+d.Title)
	}
	for n := range st.revisions {
		all = append(all, fmt.Sprintf("revision %d", n))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// checkList compares the list with an earlier one.
func (srv testServer) checkList(t *testing.T, when, want string) {
	t.Helper()
	if got := srv.list(t); got != want {
		t.Errorf("%s, the server has\n%s\nwant\n%s", when, got, want)
	}
}

// portOffset is added to the ports of the roles, which other programs on the
// machine may use. The sums are below the ports that systems assign to clients.
const portOffset = 15000

// pack returns a pack whose inputs listen on 127.0.0.1 at unusual ports. The server
// may be older than 4.0.
func (srv testServer) pack(t *testing.T, o contentpack.Config) contentpack.Pack {
	t.Helper()
	o.Bind = "127.0.0.1"
	o.MinServer = "3.3.0"
	ports := map[string]int{}
	for _, r := range role.All() {
		ports[r.Name] = r.Port + portOffset
	}
	maps.Copy(ports, o.Ports)
	o.Ports = ports
	return newPack(t, o)
}

// A method is Install, Verify or Diff.
type method = func(context.Context, contentpack.Pack) (Report, error)

// checkSteps runs a method, which must find no problem, and checks its steps. It
// ignores resumed streams, which only Graylog 7 needs.
func checkSteps(t *testing.T, run method, p contentpack.Pack, want ...string) {
	t.Helper()
	report, err := run(t.Context(), p)
	if err != nil || !report.OK() {
		t.Fatalf("%v\n%+v", err, report.Findings)
	}
	var got []string
	for _, s := range report.Steps {
		if s.Action != actionResume {
			got = append(got, s.Action+" "+s.Object)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the steps are %q, want %q", got, want)
	}
}

// TestRealGraylogInstall installs the pack twice and removes it twice.
func TestRealGraylogInstall(t *testing.T) {
	srv := open(t)
	c := srv.client
	before := srv.list(t)
	p := srv.pack(t, contentpack.Config{})
	report, err := c.Verify(t.Context(), p)
	if err != nil || report.OK() || report.Findings[0].Found != "it is not installed" {
		t.Fatalf("%v, %+v", err, report)
	}
	checkSteps(t, c.Diff, p, "upload revision 2", "install revision 2")
	srv.checkList(t, "after Diff", before)

	checkSteps(t, c.Install, p, "upload revision 2", "install revision 2")
	installed := srv.list(t)
	for _, e := range p.Streams {
		if strings.Count(installed, "stream "+e.Title+", paused: false") != 1 {
			t.Errorf("the stream %s does not exist once, or is paused:\n%s", e.Title, installed)
		}
	}
	if got, want := strings.Count(installed, "\n")-strings.Count(before, "\n"), 4+4+1+1; got != want {
		t.Errorf("the installation has created %d things, want %d:\n%s", got, want, installed)
	}
	for _, in := range p.Inputs {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(in.Bind, fmt.Sprint(in.Port)), 5*time.Second)
		if err != nil {
			t.Errorf("%s: %v", in.Title, err)
			continue
		}
		conn.Close()
	}

	checkSteps(t, c.Install, p)
	checkSteps(t, c.Diff, p)
	checkSteps(t, c.Verify, p)
	srv.checkList(t, "after the second installation", installed)

	report, err = c.Remove(t.Context())
	if err != nil || !report.OK() {
		t.Errorf("%v, %+v", err, report.Findings)
	}
	srv.checkList(t, "after the removal", before)
	if report, err = c.Remove(t.Context()); err != nil || len(report.Steps) > 0 {
		t.Errorf("the second removal: %v, %+v", err, report)
	}
}

// TestRealGraylogToken logs in with a token.
func TestRealGraylogToken(t *testing.T) {
	srv := open(t)
	if srv.Config.Token != "" {
		t.Skip("the other tests log in with a token")
	}
	s := srv.session(t)
	tokens := "/api/users/" + srv.Config.User + "/tokens/"
	var user struct{ ID string }
	srv.must(t, http.MethodGet, "/api/users/"+srv.Config.User, nil, &user)
	if s.version.Major >= 4 {
		tokens = "/api/users/" + user.ID + "/tokens/"
	}
	var token struct{ ID, Token string }
	srv.must(t, http.MethodPost, tokens+"contentpack-test", map[string]any{}, &token)
	withToken := &Client{URL: srv.URL, Token: token.Token}
	if _, err := withToken.Diff(t.Context(), srv.pack(t, contentpack.Config{})); err != nil {
		t.Error(err)
	}
	id := token.ID
	if id == "" { // before 4.0
		id = token.Token
	}
	srv.must(t, http.MethodDelete, tokens+id, nil, nil)

	wrong := *srv.client
	wrong.Password = "wrong-secret"
	_, err := wrong.Install(t.Context(), srv.pack(t, contentpack.Config{}))
	if text := fmt.Sprint(err); !strings.Contains(text, "401 Unauthorized") || strings.Contains(text, "secret") {
		t.Errorf("the error is %v", err)
	}
}

// TestRealGraylogDashboard sends records to each input and checks that each widget
// shows something.
func TestRealGraylogDashboard(t *testing.T) {
	srv := open(t)
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, srv.client.Install, p, "upload revision 2", "install revision 2")
	_, have := srv.state(t)

	var empty []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		for i, in := range p.Inputs { // repeatedly, because a new stream starts with a delay
			send(t, srv, have.inputs[in.Title], p.Dashboard.Tabs[i])
		}
		empty = nil
		for _, w := range srv.Dashboard(p.Dashboard.Title).Widgets {
			if w.Values == 0 {
				empty = append(empty, w.Tab+", "+w.Title)
			}
		}
		if len(empty) == 0 {
			break
		}
	}
	for _, w := range empty {
		t.Errorf("%s is empty", w)
	}
	report, err := srv.client.Verify(t.Context(), p)
	if err != nil || !report.OK() { // notes are possible, because Graylog updates the list of fields later
		t.Errorf("%v, findings %+v", err, report.Findings)
	}
}

// send sends a record with all fields of a tab.
func send(t *testing.T, srv testServer, in graylog.Input, tab contentpack.Tab) {
	t.Helper()
	frame := fmt.Appendf(nil, `{"version":"1.1","host":"contentpack-test","short_message":"a record","level":6,`+
		`"_logger":%q,"_level_name":"INFO"`, tab.Stream.Rules[0].Contains+"unit")
	others := []string{"timestamp", "source", "gl2_remote_ip", "gl2_remote_port", "logger", "level_name"}
	for _, name := range tab.Fields() {
		if !slices.Contains(others, name) {
			frame = fmt.Appendf(frame, `,"_%s":1.5`, name)
		}
	}
	srv.Send(graylogtest.Input{
		ID:    in.ID,
		Title: in.Title,
		Kind:  graylogtest.TCP,
		Addr:  net.JoinHostPort(in.Bind(), fmt.Sprint(in.Port())),
	}, append(frame, '}'))
}
