package installer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// TestPlan has states that are difficult to produce with a real server. The others
// are in graylog_test.go.
func TestPlan(t *testing.T) {
	const revision2 = contentpack.Revision
	p := newPack(t, contentpack.Config{})
	ours := revision{content: p.Content()}
	revisions := func(r revision) map[int]revision { return map[int]revision{revision2: r} }
	created := func(kind, id string) (e entity) {
		e.ID, e.Title, e.Type.Name = id, strings.ToUpper(id), kind
		return e
	}
	installed := func(id string, revision int, entities ...entity) installation {
		return installation{ID: id, Revision: revision, CreatedAt: id, Entities: entities}
	}
	input := func(class, bind string) []graylog.Input {
		return []graylog.Input{{
			ID:         "x",
			Title:      "X",
			Type:       "org.graylog2.inputs." + class,
			Attributes: map[string]any{"port": 9300, "bind_address": bind},
		}}
	}
	syslog := func(bind string) []graylog.Input { return input("syslog.tcp.SyslogTCPInput", bind) }
	dashboard := []graylog.Dashboard{{ID: "d", Title: "Synergos Dashboard"}}
	// onNodes is an installation with an input that has these states on two nodes.
	onNodes := func(states ...string) state {
		st := state{
			nodes:         2,
			revisions:     revisions(ours),
			installations: []installation{installed("a", revision2, created("input", "x"))},
			inputs:        syslog(""),
			inputStates:   map[string][]graylog.InputState{},
		}
		for _, s := range states {
			st.inputStates["x"] = append(st.inputStates["x"], graylog.InputState{ID: "x", State: s})
		}
		return st
	}
	for _, tc := range []struct {
		name  string
		state state
		force bool
		want  string // the actions or the obstacles
	}{
		{
			name: "empty",
			want: "upload, install",
		},
		{
			name:  "uploaded",
			state: state{revisions: revisions(ours)},
			want:  "install",
		},
		{
			name:  "revision of another program",
			state: state{revisions: revisions(revision{})},
			want:  "another program has uploaded revision 2",
		},
		{
			name:  "revision of another program, forced",
			state: state{revisions: revisions(revision{})},
			force: true,
			want:  "delete, upload, install",
		},
		{
			name:  "other options uploaded",
			state: state{revisions: revisions(revision{content: "x"})},
			want:  "delete, upload, install",
		},
		{
			name:  "newer revision installed",
			state: state{revisions: map[int]revision{9: ours}, installations: []installation{installed("a", 9)}},
			want:  "revision 9 is installed, which is newer than 2",
		},
		{
			name:  "newer revision uploaded",
			state: state{revisions: map[int]revision{9: ours}},
			want:  "upload, install",
		},
		{
			name: "older revision installed too",
			state: state{
				revisions:     map[int]revision{1: {}, revision2: ours},
				installations: []installation{installed("a", 1), installed("b", revision2)},
			},
			want: "uninstall",
		},
		{
			name: "older content of the same revision",
			state: state{
				revisions:     revisions(revision{content: "890245ef7731f806"}),
				installations: []installation{installed("a", revision2)},
			},
			want: "uninstall, delete, upload, install",
		},
		{
			name: "part was deleted",
			state: state{
				revisions:     revisions(ours),
				installations: []installation{installed("a", revision2, created("stream", "s"))},
			},
			want: "uninstall, install",
		},
		{
			name:  "UDP port",
			state: state{inputs: input("gelf.udp.GELFUDPInput", "0.0.0.0")},
			want:  "upload, install",
		},
		{
			name:  "port",
			state: state{inputs: syslog("127.0.0.1")},
			want:  `port 9300 is used by the input "X" (x)`,
		},
		{
			name:  "port, forced",
			state: state{inputs: syslog("127.0.0.1")},
			force: true,
			want:  `port 9300 is used by the input "X" (x)`,
		},
		{
			name: "port of the older revision",
			state: state{
				inputs:        syslog("0.0.0.0"),
				revisions:     map[int]revision{1: {}},
				installations: []installation{installed("a", 1, created("input", "x"))},
			},
			want: "upload, uninstall, install",
		},
		{
			name:  "dashboard",
			state: state{dashboards: dashboard},
			want:  "another dashboard has this title (d)",
		},
		{
			name:  "dashboard, forced",
			state: state{dashboards: dashboard},
			force: true,
			want:  "upload, install",
		},
		{
			name:  "input missing on a node",
			state: onNodes("RUNNING"),
			want:  "start",
		},
		{
			name:  "input failed on a node",
			state: onNodes("RUNNING", "FAILED"),
			want:  "start",
		},
		{
			name:  "input starting on a node",
			state: onNodes("RUNNING", "STARTING"),
		},
	} {
		s := &session{version: version.Version{Major: 7, Minor: 0, Patch: 1}, force: tc.force}
		actions, obstacles := s.plan(p, tc.state)
		var got []string
		for _, a := range actions {
			got = append(got, a.Action)
		}
		for _, f := range obstacles {
			got = append(got, f.Found)
		}
		if strings.Join(got, ", ") != tc.want || len(actions) > 0 && len(obstacles) > 0 {
			t.Errorf("%s: the plan is %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestInstallBody(t *testing.T) {
	for major, want := range map[int]string{
		3: "map[comment:synlogger contentpack parameters:map[]]",
		6: "map[comment:synlogger contentpack parameters:map[]]",
		7: "map[entity:map[comment:synlogger contentpack parameters:map[]] share_request:<nil>]",
	} {
		if got := fmt.Sprint(installBody(version.Version{Major: major})); got != want {
			t.Errorf("the body for Graylog %d is %s, want %s", major, got, want)
		}
	}
}

func TestOverlap(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"0.0.0.0", "127.0.0.1", true},
		{"127.0.0.1", "::", true},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "192.0.2.1", false},
		{"127.0.0.1", "localhost", true},
		{"127.0.0.1", "", true},
	} {
		if overlap(tc.a, tc.b) != tc.want {
			t.Errorf("overlap(%q, %q) = %v", tc.a, tc.b, !tc.want)
		}
	}
}
