package contentpack

import (
	"fmt"
	"strings"
	"testing"
)

// TestPlan has states of a server that are tedious to bring about in a real
// one. Those that are not are in graylog_test.go.
func TestPlan(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ours := revision{content: p.Content()}
	entity := func(kind, id string) (e liveEntity) {
		e.ID, e.Title, e.Type.Name = id, strings.ToUpper(id), kind
		return e
	}
	installed := func(id string, revision int, entities ...liveEntity) installation {
		return installation{ID: id, Revision: revision, CreatedAt: id, Entities: entities}
	}
	tcp := func(id string, port int, bind string) liveInput {
		return liveInput{ID: id, Title: strings.ToUpper(id), Type: "org.graylog2.inputs.syslog.tcp.SyslogTCPInput", Attributes: object{"port": port, "bind_address": bind}}
	}
	for _, tc := range []struct {
		name   string
		server server
		force  bool
		want   string // the steps or the findings
	}{
		{"empty", server{}, false, "upload, install"},
		{"uploaded", server{revisions: map[int]revision{Revision: ours}}, false, "install"},
		{"another's revision", server{revisions: map[int]revision{Revision: {}}}, false, "there is a revision 2 that was not made by synlogger contentpack"},
		{"another's revision, forced", server{revisions: map[int]revision{Revision: {}}}, true, "delete, upload, install"},
		{"other options uploaded", server{revisions: map[int]revision{Revision: {content: "x"}}}, false, "delete, upload, install"},
		{"newer", server{revisions: map[int]revision{9: ours}, installations: []installation{installed("a", 9)}}, false, "revision 9 is installed, which is newer than 2"},
		{"newer on the list", server{revisions: map[int]revision{9: ours}}, false, "upload, install"},
		{"installed, and an older one too", server{revisions: map[int]revision{1: {}, Revision: ours}, installations: []installation{installed("a", 1), installed("b", Revision)}}, false, "uninstall"},
		{"the same revision with an older content", server{revisions: map[int]revision{Revision: {content: "890245ef7731f806"}}, installations: []installation{installed("a", Revision)}}, false,
			"uninstall, delete, upload, install"},
		{"half of it is gone", server{revisions: map[int]revision{Revision: ours}, installations: []installation{installed("a", Revision, entity("stream", "s"))}}, false, "uninstall, install"},
		{"port of UDP", server{inputs: []liveInput{{ID: "x", Type: "org.graylog2.inputs.gelf.udp.GELFUDPInput", Attributes: object{"port": 9300}}}}, false, "upload, install"},
		{"port of another kind", server{inputs: []liveInput{tcp("x", 9300, "127.0.0.1")}}, false, `port 9300 is taken by the input "X" (x)`},
		{"port, forced", server{inputs: []liveInput{tcp("x", 9300, "127.0.0.1")}}, true, `port 9300 is taken by the input "X" (x)`},
		{"port that goes with the older one", server{inputs: []liveInput{tcp("x", 9300, "0.0.0.0")}, revisions: map[int]revision{1: {}},
			installations: []installation{installed("a", 1, entity("input", "x"))}}, false, "upload, uninstall, install"},
		{"dashboard", server{dashboards: []liveDashboard{{"d", "Synergos Dashboard"}}}, false, "there is another one of this title (d)"},
		{"dashboard, forced", server{dashboards: []liveDashboard{{"d", "Synergos Dashboard"}}}, true, "upload, install"},
		{"input lost by a node", server{nodes: 2, revisions: map[int]revision{Revision: ours}, inputs: []liveInput{tcp("x", 9300, "")},
			states: map[string][]inputState{"x": {{"x", running, ""}}}, installations: []installation{installed("a", Revision, entity("input", "x"))}}, false, "start"},
		{"input failed on a node", server{nodes: 2, revisions: map[int]revision{Revision: ours}, inputs: []liveInput{tcp("x", 9300, "")},
			states: map[string][]inputState{"x": {{"x", running, ""}, {"x", "FAILED", ""}}}, installations: []installation{installed("a", Revision, entity("input", "x"))}}, false, "start"},
		{"input starting on a node", server{nodes: 2, revisions: map[int]revision{Revision: ours}, inputs: []liveInput{tcp("x", 9300, "")},
			states: map[string][]inputState{"x": {{"x", running, ""}, {"x", "STARTING", ""}}}, installations: []installation{installed("a", Revision, entity("input", "x"))}}, false, ""},
	} {
		s := &session{version: version{7, 0, 1}, force: tc.force}
		actions, findings := s.plan(p, tc.server)
		var got []string
		for _, a := range actions {
			got = append(got, a.Action)
		}
		for _, f := range findings {
			got = append(got, f.Found)
		}
		if strings.Join(got, ", ") != tc.want || len(actions) > 0 && len(findings) > 0 {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestInstallBody(t *testing.T) {
	for major, want := range map[int]string{
		3: "map[comment:synlogger contentpack parameters:map[]]",
		6: "map[comment:synlogger contentpack parameters:map[]]",
		7: "map[entity:map[comment:synlogger contentpack parameters:map[]] share_request:<nil>]",
	} {
		s := &session{version: version{major, 0, 0}}
		if got := fmt.Sprint(s.installBody()); got != want {
			t.Errorf("Graylog %d is asked with %s, want %s", major, got, want)
		}
	}
}

func TestOverlap(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"0.0.0.0", "127.0.0.1", true}, {"127.0.0.1", "::", true}, {"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "192.0.2.1", false}, {"127.0.0.1", "localhost", true}, {"127.0.0.1", "", true},
	} {
		if overlap(tc.a, tc.b) != tc.want {
			t.Errorf("%s and %s overlap: %v", tc.a, tc.b, !tc.want)
		}
	}
}
