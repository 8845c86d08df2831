package contentpack

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// An action is a step that can be taken.
type action struct {
	Step
	take func(context.Context, *session) error
}

// plan returns the steps from what a server has to the pack, one installation
// of it, as far as they can be seen from here. What stands in the way are
// problems among the findings, and there are no steps then.
func (s *session) plan(p Pack, sv server) (actions []action, findings []Finding) {
	keep, ok := sv.wanted(p)
	if ok {
		return append(s.uninstallAll(p, sv, keep.ID), s.wake(sv, keep)...), nil
	}
	if findings = s.obstacles(p, sv); len(findings) > 0 {
		return nil, findings
	}
	stored, exists := sv.revisions[p.Revision]
	upload := action{Step{"upload", fmt.Sprintf("revision %d", p.Revision), "content " + p.Content()}, func(ctx context.Context, s *session) error {
		return s.do(ctx, http.MethodPost, packsPath, p, nil)
	}}
	if !exists {
		// Before the older one goes: an upload takes the streams from a search
		// whose titles the server does not know.
		actions = append(actions, upload)
	}
	actions = append(actions, s.uninstallAll(p, sv, "")...)
	if exists && stored.content != p.Content() {
		actions = append(actions, s.deleteRevision(p.Revision, "it has another content"), upload)
	}
	return append(actions, action{Step{"install", fmt.Sprintf("revision %d", p.Revision),
		fmt.Sprintf("%d inputs, %d streams, a dashboard", len(p.Inputs), len(p.Streams))}, func(ctx context.Context, s *session) error {
		return s.do(ctx, http.MethodPost, fmt.Sprintf("%s/%s/%d/installations", packsPath, ID, p.Revision), s.installBody(), nil)
	}}), nil
}

// installBody is what an installation is asked for with. Each form is an error
// to servers of the other age.
func (s *session) installBody() any {
	request := object{"parameters": object{}, "comment": maker}
	if s.version.major >= 7 {
		return object{"entity": request, "share_request": nil}
	}
	return request
}

// uninstallAll ends all installations but the one to keep.
func (s *session) uninstallAll(p Pack, sv server, keep string) (actions []action) {
	for _, in := range sv.installations {
		if in.ID == keep {
			continue
		}
		reason := "it is there twice"
		if gone := sv.absent(in); in.Revision != p.Revision {
			reason = fmt.Sprintf("revision %d takes its place", p.Revision)
		} else if sv.revisions[in.Revision].content != p.Content() {
			reason = "it has another content"
		} else if len(gone) > 0 {
			reason = "it lacks " + names(gone)
		}
		actions = append(actions, s.uninstall(in, reason))
	}
	return actions
}

func names(entities []liveEntity) string {
	var all []string
	for _, e := range entities {
		all = append(all, e.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// uninstall removes what an installation has made. What is left becomes a
// finding. The server's answer is no help: that of 7.0.1 breaks off in the
// middle, where it should describe the inputs.
func (s *session) uninstall(in installation, reason string) action {
	return action{Step{"uninstall", fmt.Sprintf("revision %d", in.Revision), reason}, func(ctx context.Context, s *session) error {
		if err := s.do(ctx, http.MethodDelete, packsPath+"/"+ID+"/installations/"+in.ID, nil, nil); err != nil {
			return err
		}
		sv, err := s.look(ctx)
		if err != nil {
			return err
		}
		for _, e := range in.Entities {
			if sv.has(e) {
				s.problem(e.String(), "Remove it by hand, if no other content pack needs it; the log of the server may say why.", "Graylog has not removed it (%s)", e.ID)
			}
		}
		return nil
	}}
}

func (s *session) deleteRevision(n int, reason string) action {
	return action{Step{"delete", fmt.Sprintf("revision %d", n), reason}, func(ctx context.Context, s *session) error {
		return s.do(ctx, http.MethodDelete, fmt.Sprintf("%s/%s/%d", packsPath, ID, n), nil, nil)
	}}
}

// wake starts what an installation has of paused streams, as all are that
// Graylog 7 makes, and of inputs that do not run.
func (s *session) wake(sv server, in installation) (actions []action) {
	for _, st := range sv.streamsOf(in) {
		if st.Disabled {
			actions = append(actions, action{Step{"resume", "stream " + st.Title, "it is paused"}, func(ctx context.Context, s *session) error {
				return s.do(ctx, http.MethodPost, "/api/streams/"+st.ID+"/resume", object{}, nil)
			}})
		}
	}
	for _, live := range sv.inputsOf(in) {
		if state := sv.inputState(live.ID); state.State != running && !passing(state.State) {
			actions = append(actions, action{Step{"start", "input " + live.Title, "it is " + strings.ToLower(state.State)}, func(ctx context.Context, s *session) error {
				return s.do(ctx, http.MethodPut, "/api/cluster/inputstates/"+live.ID, nil, nil)
			}})
		}
	}
	return actions
}

const running = "RUNNING"

// passing reports whether the state of an input is one that ends by itself.
func passing(state string) bool {
	return slices.Contains([]string{"CREATED", "INITIALIZED", "STARTING", "STOPPING"}, state)
}

// inputState returns the worst state of an input on all nodes. On one that does
// not know it, it is STOPPED.
func (sv server) inputState(id string) inputState {
	states := sv.states[id]
	if len(states) == 0 || len(states) < sv.nodes {
		return inputState{ID: id, State: "STOPPED"}
	}
	rank := func(st inputState) int {
		switch {
		case st.State == running:
			return 0
		case passing(st.State):
			return 1
		}
		return 2
	}
	return slices.MaxFunc(states, func(a, b inputState) int { return rank(a) - rank(b) })
}

// obstacles returns why the pack cannot be installed.
func (s *session) obstacles(p Pack, sv server) (out []Finding) {
	if oldest, err := parseVersion(p.MinServer); err == nil && s.version.compare(oldest) < 0 {
		out = append(out, Finding{true, "Graylog " + s.report.Version, "the pack is for " + p.MinServer + " and later",
			"Update Graylog, or lower the pack's oldest server: 3.3.11 is known to take it."})
	}
	for _, n := range slices.Sorted(maps.Keys(sv.revisions)) {
		newer := slices.ContainsFunc(sv.installations, func(in installation) bool { return in.Revision == n }) && n > p.Revision
		if newer && !s.force {
			out = append(out, Finding{true, "content pack Synergos Logs", fmt.Sprintf("revision %d is installed, which is newer than %d", n, p.Revision),
				"Use the synlogger that installed it, or force the older one upon the server."})
		}
	}
	if stored, ok := sv.revisions[p.Revision]; ok && stored.content == "" && !s.force {
		out = append(out, Finding{true, "content pack Synergos Logs", fmt.Sprintf("there is a revision %d that was not made by %s", p.Revision, maker),
			"Give this one a higher revision, which leaves the other on the list; or force the installation, which deletes the other."})
	}
	owned := sv.owned()
	for _, in := range p.Inputs {
		for _, live := range sv.inputs {
			if !owned[live.ID] && live.port() == in.Port && overlap(in.Bind, str(live.Attributes["bind_address"])) {
				out = append(out, Finding{true, "input " + in.Title, fmt.Sprintf("port %d is taken by the input %q (%s)", in.Port, printable(live.Title), live.ID),
					"Delete that input or give it another port, at System, Inputs; or choose another port for this one."})
			}
		}
	}
	if s.force {
		return out
	}
	const advice = "Delete or rename it, or force the installation: the pack's own then stands beside it."
	for _, want := range p.Streams {
		for _, live := range sv.streams {
			if !owned[live.ID] && live.Title == want.Title {
				out = append(out, Finding{true, "stream " + want.Title, "there is another one of this title (" + live.ID + ")", advice})
			}
		}
	}
	for _, live := range sv.dashboards {
		if !owned[live.ID] && live.Title == p.Dashboard.Title {
			out = append(out, Finding{true, "dashboard " + live.Title, "there is another one of this title (" + live.ID + ")", advice})
		}
	}
	return out
}

// overlap reports whether two sockets of one port at these addresses collide.
func overlap(a, b string) bool {
	every := func(text string) bool {
		ip, err := netip.ParseAddr(text)
		return err != nil || ip.IsUnspecified() // a name may be any address
	}
	return a == b || every(a) || every(b)
}
