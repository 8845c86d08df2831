package contentpack

import (
	"context"
	"fmt"
	"strings"
)

// liveFacts returns the facts of what an installation has become, in the words
// of a pack.
func (s *session) liveFacts(ctx context.Context, sv server, in installation) (facts, error) {
	f := facts{}
	titles := map[string]string{}
	for _, live := range sv.streams {
		titles[live.ID] = live.Title
	}
	for _, live := range sv.inputsOf(in) {
		f.addEntity("input", object{"title": live.Title, "type": live.Type, "global": live.Global, "configuration": live.Attributes}, nil)
	}
	for _, live := range sv.streamsOf(in) {
		f.addEntity("stream", live.data(), nil)
	}
	for _, live := range sv.dashboards {
		if !in.made(live.ID) {
			continue
		}
		data, err := s.readDashboard(ctx, live.ID)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", live.Title, err)
		}
		f.addEntity("dashboard", data, titles)
	}
	return f, nil
}

// ruleTypes are the rules of streams by their number (graylog2-server:
// StreamRuleType).
var ruleTypes = []string{1: "EXACT", 2: "REGEX", 3: "GREATER", 4: "SMALLER", 5: "PRESENCE", 6: "CONTAINS", 7: "ALWAYS_MATCH", 8: "MATCH_INPUT"}

func (live liveStream) data() object {
	rules := []any{}
	for _, r := range live.Rules {
		name := fmt.Sprint(r.Type)
		if r.Type > 0 && r.Type < len(ruleTypes) {
			name = ruleTypes[r.Type]
		}
		rules = append(rules, object{"type": name, "field": r.Field, "value": r.Value, "inverted": r.Inverted})
	}
	return object{
		"title": live.Title, "description": live.Description, "matching_type": live.MatchingType,
		"remove_matches": live.Remove, "default_stream": live.Default, "stream_rules": rules,
	}
}

// readDashboard reads a dashboard with the search behind it.
func (s *session) readDashboard(ctx context.Context, id string) (object, error) {
	var dashboard object
	if err := s.get(ctx, "/api/views/"+id, &dashboard); err != nil {
		return nil, err
	}
	var search object
	if err := s.get(ctx, "/api/views/search/"+str(dashboard["search_id"]), &search); err != nil {
		return nil, err
	}
	dashboard["search"] = search
	return dashboard, nil
}

// of returns the facts about things whose names begin so.
func (f facts) of(prefixes ...string) facts {
	out := facts{}
	for where, v := range f {
		if strings.Contains(where, ": constraint ") {
			continue // a server keeps none
		}
		for _, p := range prefixes {
			if strings.HasPrefix(where, p) {
				out[where] = v
			}
		}
	}
	return out
}
