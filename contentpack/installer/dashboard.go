package installer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// freshDashboard returns the dashboard of the pack in the form that Graylog's page
// saves. The ids of streams are those of the server, by the ids in the pack.
func freshDashboard(dashboard facts.Object, ids map[string]string) facts.Object {
	search, _ := dashboard["search"].(facts.Object)
	fresh := facts.Object{
		"type":        "DASHBOARD",
		"title":       dashboard["title"],
		"summary":     dashboard["summary"],
		"description": "",
		"properties":  []any{},
		"requires":    facts.Object{},
		"state":       dashboard["state"],
		"search":      facts.Object{"queries": search["queries"], "parameters": []any{}},
	}
	return mapStreams(fresh, func(id string) string { return ids[id] }).(facts.Object)
}

// mapStreams returns a copy of a JSON value in which each id in a member "streams" is
// replaced. An empty id is left out.
func mapStreams(v any, replace func(id string) string) any {
	switch v := v.(type) {
	case facts.Object:
		out := facts.Object{}
		for key, member := range v {
			if ids, ok := member.([]any); ok && key == "streams" {
				streams := []any{}
				for _, id := range ids {
					if id := replace(fmt.Sprint(id)); id != "" {
						streams = append(streams, id)
					}
				}
				out[key] = streams
				continue
			}
			out[key] = mapStreams(member, replace)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = mapStreams(v[i], replace)
		}
		return out
	}
	return v
}

// streamIDs returns the ids in all members "streams" of a JSON value, sorted.
func streamIDs(v any) (ids []string) {
	mapStreams(v, func(id string) string {
		ids = append(ids, id)
		return id
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

// A tab is a tab of a dashboard. The id of its query stays the same on a server.
type tab struct {
	id           string
	state, query any
}

// tabsOf returns the tabs of a dashboard.
func tabsOf(dashboard facts.Object) (tabs []tab) {
	state, _ := dashboard["state"].(facts.Object)
	search, _ := dashboard["search"].(facts.Object)
	queries, _ := search["queries"].([]any)
	for _, q := range queries {
		if query, ok := q.(facts.Object); ok {
			id := fmt.Sprint(query["id"])
			tabs = append(tabs, tab{id, state[id], query})
		}
	}
	return tabs
}

// tabStreams returns the ids of the streams of each tab.
func tabStreams(dashboard facts.Object) map[string][]string {
	streams := map[string][]string{}
	for _, t := range tabsOf(dashboard) {
		streams[t.id] = streamIDs([]any{t.state, t.query})
	}
	return streams
}

// deadStreams returns the ids of streams that do not exist, in those tabs of a dashboard
// that the pack has too.
func (st state) deadStreams(want wanted, live facts.Object) (dead []string) {
	ours := tabStreams(want.dashboard)
	for id, streams := range tabStreams(live) {
		for _, stream := range streams {
			exists := slices.ContainsFunc(st.streams, func(s graylog.Stream) bool { return s.ID == stream })
			if ours[id] != nil && !exists {
				dead = append(dead, stream)
			}
		}
	}
	return dead
}

// relink replaces dead streams in each tab of a dashboard by the stream of the same tab
// of a fresh one.
func relink(live, fresh facts.Object, dead []string) {
	ours := tabStreams(fresh)
	state, queries := facts.Object{}, []any{}
	for _, t := range tabsOf(live) {
		if own := ours[t.id]; len(own) == 1 {
			replace := func(id string) string {
				if slices.Contains(dead, id) {
					return own[0]
				}
				return id
			}
			t.state, t.query = mapStreams(t.state, replace), mapStreams(t.query, replace)
		}
		if t.state != nil {
			state[t.id] = t.state
		}
		queries = append(queries, t.query)
	}
	search := facts.Object{}
	if old, ok := live["search"].(facts.Object); ok {
		maps.Copy(search, old)
	}
	search["queries"] = queries
	live["state"], live["search"] = state, search
}

// replaceReason returns why the server's dashboard is replaced by the wanted one, or ""
// if it is kept.
func (s *session) replaceReason(want wanted, st state, now parts, live facts.Object) (string, error) {
	have := facts.Facts{}
	have.AddEntity("dashboard", fmt.Sprint(want.dashboard["title"]), live, st.streamTitles(now))
	if same(have, want.facts.Dashboard()) {
		return "", nil
	}
	if s.reset {
		return "--reset brings the pack's own back", nil
	}
	bases, err := knownDashboards(st)
	if err != nil {
		return "", err
	}
	for _, base := range bases {
		if same(have, base) {
			return "nobody has changed it", nil
		}
	}
	return "", nil
}

// knownDashboards returns the dashboards that this package has created: those of all
// uploaded packs, and of the option that changes a dashboard.
func knownDashboards(st state) (all []facts.Facts, err error) {
	var packs [][]byte
	for _, r := range st.revisions {
		if r.ours() {
			packs = append(packs, r.raw)
		}
	}
	for _, events := range []bool{false, true} {
		p, err := contentpack.New(contentpack.Config{EventAnnotations: events})
		if err != nil {
			return nil, err
		}
		raw, err := p.MarshalJSON()
		if err != nil {
			return nil, err
		}
		packs = append(packs, raw)
	}
	for _, raw := range packs {
		f, err := facts.Pack(raw)
		if err != nil {
			return nil, err
		}
		all = append(all, f.Dashboard())
	}
	return all, nil
}

// streamTitles returns the titles of streams by their ids. Streams of the pack have
// their titles there, which people may have changed.
func (st state) streamTitles(have parts) map[string]string {
	titles := map[string]string{}
	for _, live := range st.streams {
		titles[live.ID] = live.Title
	}
	for title, live := range have.streams {
		titles[live.ID] = title
	}
	return titles
}

// same reports whether a dashboard of the server has all facts of another one, and no
// more widgets and tabs.
func same(have, want facts.Facts) bool {
	return len(facts.Missing(have, want)) == 0 && len(facts.Added(have, want)) == 0
}
