package installer

import (
	"context"
	"fmt"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
)

// Diff returns the steps that [Client.Install] would perform, and how an installed
// pack differs. It changes nothing. Obstacles are in the findings. Graylog 7
// installs streams paused; the steps that then resume them are not included.
func (c *Client) Diff(ctx context.Context, p contentpack.Pack) (Report, error) {
	return c.run(ctx, "compare", func(s *session) error {
		st, err := s.readState(ctx)
		if err != nil {
			return err
		}
		actions, obstacles := s.plan(p, st)
		s.report.Findings = append(s.report.Findings, obstacles...)
		for _, a := range actions {
			s.report.Steps = append(s.report.Steps, a.Step)
		}
		s.report.Differences, err = s.compare(ctx, p, st)
		return err
	})
}

// compare returns how the newest installation differs from the pack. If it is the
// wanted one, these are the changes that people have made. Otherwise they are the
// changes that a replacement will make.
func (s *session) compare(ctx context.Context, p contentpack.Pack, st state) ([]Difference, error) {
	raw, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	want, err := facts.Pack(raw)
	if err != nil {
		return nil, err
	}
	if current, ok := st.current(p); ok {
		live, err := s.liveFacts(ctx, st, current)
		if err != nil {
			return nil, err
		}
		want = want.Live()
		return differences(facts.Missing(live, want), live, want), nil
	}
	if len(st.installations) == 0 {
		return nil, nil
	}
	newest := st.installations[len(st.installations)-1]
	have, err := facts.Pack(st.revisions[newest.Revision].raw)
	if err != nil {
		return nil, err
	}
	return differences(facts.Differing(have, want), have, want), nil
}

func differences(names []string, have, want facts.Facts) (out []Difference) {
	for _, name := range names {
		out = append(out, Difference{Where: name, Have: have[name], Want: want[name]})
	}
	return out
}

// liveFacts returns the facts of what an installation has created, as it is now.
func (s *session) liveFacts(ctx context.Context, st state, in installation) (facts.Facts, error) {
	f := facts.Facts{}
	titles := map[string]string{} // of streams by id
	for _, live := range st.streams {
		titles[live.ID] = live.Title
	}
	for _, live := range st.inputsOf(in) {
		f.AddEntity("input", facts.Object{
			"title":         live.Title,
			"type":          live.Type,
			"global":        live.Global,
			"configuration": live.Attributes,
		}, nil)
	}
	for _, live := range st.streamsOf(in) {
		var rules []any
		for _, r := range live.Rules {
			rules = append(rules, facts.Object{
				"type":     r.Type.String(),
				"field":    r.Field,
				"value":    r.Value,
				"inverted": r.Inverted,
			})
		}
		f.AddEntity("stream", facts.Object{
			"title":          live.Title,
			"description":    live.Description,
			"matching_type":  live.MatchingType,
			"remove_matches": live.RemoveMatches,
			"default_stream": live.Default,
			"stream_rules":   rules,
		}, nil)
	}
	for _, live := range st.dashboards {
		if !in.created(live.ID) {
			continue
		}
		dashboard, err := s.api.Dashboard(ctx, live.ID)
		if err != nil {
			return nil, fmt.Errorf("read the dashboard %s: %w", live.Title, err)
		}
		f.AddEntity("dashboard", dashboard, titles)
	}
	return f, nil
}
