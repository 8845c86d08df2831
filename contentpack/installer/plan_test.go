package installer

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// installedState returns the state of a server on which the pack is installed and runs.
func installedState(t *testing.T, p contentpack.Pack) state {
	t.Helper()
	want, err := newWanted(p)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	in := installation{ID: "a", Revision: p.Revision, CreatedAt: "1"}
	st := state{
		nodes:       1,
		revisions:   map[int]revision{p.Revision: {raw, p.Content()}},
		views:       map[string]facts.Object{},
		inputStates: map[string][]graylog.InputState{},
	}
	add := func(kind, title string) (id string) {
		id = fmt.Sprintf("%s-%d", kind, len(in.Entities))
		in.Entities = append(in.Entities, newEntity(kind, id, title))
		return id
	}
	for _, i := range p.Inputs {
		id := add("input", i.Title)
		st.inputs = append(st.inputs, graylog.Input{ID: id, Title: i.Title, Type: graylog.GELFTCP, Global: true,
			Attributes: want.inputs[i.Title]})
		st.inputStates[id] = []graylog.InputState{{ID: id, State: "RUNNING"}}
	}
	ids := map[string]string{}
	for _, s := range p.Streams {
		id := add("stream", s.Title)
		ids[s.ID] = id
		st.streams = append(st.streams, graylog.Stream{ID: id, Title: s.Title})
	}
	id := add("dashboard", p.Dashboard.Title)
	st.dashboards = []graylog.Dashboard{{ID: id, Title: p.Dashboard.Title}}
	st.views[id] = freshDashboard(want.dashboard, ids)
	st.installations = []installation{in}
	return st
}

// checkPlan compares the plan for a state: the actions with their objects, or the
// obstacles.
func checkPlan(t *testing.T, name string, s *session, p contentpack.Pack, st state, want ...string) {
	t.Helper()
	actions, obstacles, err := s.plan(p, st)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range actions {
		got = append(got, a.Action+" "+a.Object)
	}
	for _, f := range obstacles {
		got = append(got, f.Found)
	}
	if !slices.Equal(got, want) || len(actions) > 0 && len(obstacles) > 0 {
		t.Errorf("%s: the plan is %q, want %q", name, got, want)
	}
}

// TestPlanInstallation has states without our installation.
func TestPlanInstallation(t *testing.T) {
	p := newPack(t, contentpack.Config{})
	ours := revision{content: p.Content()}
	another := func(e ...entity) []installation { return []installation{{ID: "o", Revision: 1, Entities: e}} }
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
	const portTaken = `port 9300 is used by the input "X" (x)`
	for _, tc := range []struct {
		name  string
		state state
		force bool
		want  []string
	}{
		{"empty", state{}, false, []string{"upload revision 2", "install revision 2"}},
		{"uploaded", state{revisions: map[int]revision{2: ours}}, false, []string{"install revision 2"}},
		{
			"revision of another program", state{revisions: map[int]revision{2: {}}}, false,
			[]string{"another program has uploaded revision 2"},
		},
		{
			"revision of another program, forced", state{revisions: map[int]revision{2: {}}}, true,
			[]string{"delete revision 2", "upload revision 2", "install revision 2"},
		},
		{
			"other options uploaded", state{revisions: map[int]revision{2: {content: "x"}}}, false,
			[]string{"delete revision 2", "upload revision 2", "install revision 2"},
		},
		{
			"newer revision of another program", state{
				revisions:     map[int]revision{9: {}},
				installations: []installation{{ID: "o", Revision: 9}},
			}, false,
			[]string{"revision 9 is installed, which is newer than 2"},
		},
		{
			"newer revision uploaded", state{revisions: map[int]revision{9: ours}}, false,
			[]string{"upload revision 2", "install revision 2"},
		},
		{
			"pack of another program", state{
				revisions:     map[int]revision{1: {}},
				installations: another(newEntity("input", "x", "X")),
				inputs:        syslog("0.0.0.0"),
			}, false,
			[]string{"upload revision 2", "install revision 2", "uninstall revision 1"},
		},
		{
			"UDP port", state{inputs: input("gelf.udp.GELFUDPInput", "0.0.0.0")}, false,
			[]string{"upload revision 2", "install revision 2"},
		},
		{"port", state{inputs: syslog("127.0.0.1")}, false, []string{portTaken}},
		{"port, forced", state{inputs: syslog("127.0.0.1")}, true, []string{portTaken}},
		{"dashboard", state{dashboards: dashboard}, false, []string{"another dashboard has this title (d)"}},
		{
			"dashboard, forced", state{dashboards: dashboard}, true,
			[]string{"upload revision 2", "install revision 2"},
		},
	} {
		s := &session{version: version.Version{Major: 7, Minor: 0, Patch: 1}, force: tc.force}
		checkPlan(t, tc.name, s, p, tc.state, tc.want...)
	}
}

// TestPlanChanges has states with our installation.
func TestPlanChanges(t *testing.T) {
	p := newPack(t, contentpack.Config{})
	s := &session{version: version.Version{Major: 7, Minor: 0, Patch: 1}}
	plan := func(name string, change func(*state), want ...string) {
		t.Helper()
		st := installedState(t, p)
		change(&st)
		checkPlan(t, name, s, p, st, want...)
	}
	firstState := func(st *state) map[string]any { // of a tab
		for _, view := range st.views {
			for _, tab := range view["state"].(facts.Object) {
				return tab.(facts.Object)
			}
		}
		return nil
	}
	plan("complete", func(*state) {})
	plan("input starting", func(st *state) { st.inputStates["input-0"][0].State = "STARTING" })
	plan("input failed", func(st *state) { st.inputStates["input-0"][0].State = "FAILED" }, "start input Sysmetrics Logs")
	plan("input missing on a node", func(st *state) { st.nodes = 2 },
		"start input Director Logs", "start input Sysmetrics Logs", "start input TTP Logs", "start input Worker Logs")
	plan("stream paused", func(st *state) { st.streams[2].Disabled = true }, "resume stream TTP Stream")
	plan("input deleted", func(st *state) { st.inputs = st.inputs[1:] }, "create input Sysmetrics Logs")
	plan("stream deleted", func(st *state) { st.streams = st.streams[1:] },
		"create stream Sysmetrics Stream", "change dashboard Synergos Dashboard")
	plan("dashboard deleted", func(st *state) { st.dashboards, st.views = nil, nil },
		"create dashboard Synergos Dashboard")
	plan("everything deleted", func(st *state) { st.inputs, st.streams, st.dashboards, st.views = nil, nil, nil, nil },
		"install revision 2", "uninstall revision 2")
	plan("stream of somebody else", func(st *state) { st.streams[0].ID = "other" },
		"another stream has this title (other)")
	plan("stream created again", func(st *state) {
		st.streams[0].ID = "new"
		st.streams[0].Description = restored
	}, "change dashboard Synergos Dashboard")
	plan("deleted stream in a tab of somebody else", func(st *state) {
		for _, view := range st.views {
			view["state"].(facts.Object)["other"] = facts.Object{"widgets": []any{facts.Object{"streams": []any{"gone"}}}}
			search := view["search"].(facts.Object)
			search["queries"] = append(search["queries"].([]any), facts.Object{"id": "other"})
		}
	})
	plan("stream renamed", func(st *state) { st.streams[0].Title = "Renamed" })
	plan("input renamed", func(st *state) { st.inputs[0].Title = "Renamed" })
	plan("installed twice", func(st *state) {
		st.installations = append(st.installations, installation{ID: "b", Revision: 2, CreatedAt: "2"})
	}, "uninstall revision 2")
	plan("older revision of another program, too", func(st *state) {
		st.revisions[1] = revision{}
		st.installations = append(st.installations, installation{ID: "o", Revision: 1, CreatedAt: "0"})
	}, "uninstall revision 1")
	plan("newer revision of ours", func(st *state) { st.revisions[9] = revision{content: "x"} },
		"revision 9 is installed, which is newer than 2")
	plan("port of the options", func(st *state) {
		st.inputs[0].Attributes = maps.Clone(st.inputs[0].Attributes)
		st.inputs[0].Attributes["port"] = 1
	}, "change input Sysmetrics Logs")
	plan("port with a password", func(st *state) {
		st.inputs[0].Attributes = maps.Clone(st.inputs[0].Attributes)
		st.inputs[0].Attributes["port"], st.inputs[0].Attributes["tls_key_password"] = 1, "<password set>"
	}, "its private key has a password, so synlogger cannot change port")
	plan("changed by people", func(st *state) {
		firstState(st)["titles"].(facts.Object)["widget"] = facts.Object{"new": "Mine"}
	})

	// A dashboard that nobody has changed is replaced.
	st := installedState(t, newPack(t, contentpack.Config{EventAnnotations: true}))
	checkPlan(t, "event annotations", s, p, st, "change dashboard Synergos Dashboard")
	next := newPack(t, contentpack.Config{Revision: 3})
	checkPlan(t, "next revision", s, next, installedState(t, p), "upload revision 3")
	next.Dashboard.Summary = "another"
	checkPlan(t, "next dashboard", s, next, installedState(t, p),
		"upload revision 3", "change dashboard Synergos Dashboard")

	// --reset replaces one that somebody has changed.
	st = installedState(t, p)
	firstState(&st)["titles"].(facts.Object)["widget"] = facts.Object{"new": "Mine"}
	checkPlan(t, "reset", &session{version: s.version, reset: true}, p, st, "change dashboard Synergos Dashboard")
}

// TestRestored checks which objects Remove deletes besides those of the installation.
func TestRestored(t *testing.T) {
	p := newPack(t, contentpack.Config{})
	restoredOf := func(change func(*state)) (out []string) {
		st := installedState(t, p)
		change(&st)
		for _, e := range st.restored() {
			out = append(out, e.String())
		}
		return out
	}
	hand := graylog.Input{ID: "x", Title: p.Inputs[0].Title, Type: graylog.GELFTCP}
	for _, tc := range []struct {
		name   string
		change func(*state)
		want   []string
	}{
		{"nothing", func(*state) {}, nil},
		{"input with the title of one that exists", func(st *state) { st.inputs = append(st.inputs, hand) }, nil},
		{
			"input in place of a deleted one", func(st *state) { st.inputs[0] = hand },
			[]string{"input Sysmetrics Logs"},
		},
		{
			"input in place of a deleted one of another program", func(st *state) {
				st.inputs[0], st.revisions[2] = hand, revision{}
			}, nil,
		},
		{
			"marked parts", func(st *state) {
				st.inputs = append(st.inputs, graylog.Input{ID: "i", Title: "Test Logs",
					Attributes: map[string]any{restoredAttribute: restored}})
				st.streams = append(st.streams, graylog.Stream{ID: "s", Title: "S", Description: "x. " + restored})
				st.dashboards = append(st.dashboards, graylog.Dashboard{ID: "d", Title: "D", Description: restored})
			},
			[]string{"input Test Logs", "stream S", "dashboard D"},
		},
		{
			"stream and dashboard of somebody else", func(st *state) {
				st.streams = append(st.streams, graylog.Stream{ID: "s", Title: p.Streams[0].Title})
				st.dashboards = append(st.dashboards, graylog.Dashboard{ID: "d", Title: p.Dashboard.Title})
			}, nil,
		},
	} {
		if got := restoredOf(tc.change); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestRelink replaces a deleted stream in the tabs of the pack, in their order.
func TestRelink(t *testing.T) {
	tab := func(id, stream string) (query, state facts.Object) {
		streams := []any{stream}
		return facts.Object{"id": id, "search_types": []any{facts.Object{"streams": streams}}},
			facts.Object{"widgets": []any{facts.Object{"streams": streams}}}
	}
	dashboard := func(tabs ...string) facts.Object { // ids and streams
		queries, states := []any{}, facts.Object{}
		for i := 0; i < len(tabs); i += 2 {
			query, state := tab(tabs[i], tabs[i+1])
			queries = append(queries, query)
			states[tabs[i]] = state
		}
		return facts.Object{"title": "D", "state": states, "search": facts.Object{"queries": queries, "id": "s"}}
	}
	live := dashboard("c", "gone", "a", "live", "added", "gone", "b", "gone")
	relink(live, dashboard("a", "A", "b", "B", "c", "C"), []string{"gone"})
	want := dashboard("c", "C", "a", "live", "added", "gone", "b", "B")
	if diff := cmp.Diff(want, live); diff != "" {
		t.Errorf("the dashboard (-want +got):\n%s", diff)
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
