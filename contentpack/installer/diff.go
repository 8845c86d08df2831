package installer

import (
	"context"
	"strings"

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
		actions, obstacles, err := s.plan(p, st)
		if err != nil {
			return err
		}
		s.report.Findings = append(s.report.Findings, obstacles...)
		for _, a := range actions {
			s.report.Steps = append(s.report.Steps, a.Step)
		}
		s.report.Differences, err = s.compare(p, st)
		return err
	})
}

// compare returns how the server's parts of the pack differ from it: what the steps of
// Install will change, and what people have changed. Without an installation of our
// pack, it compares that of another program.
func (s *session) compare(p contentpack.Pack, st state) ([]Difference, error) {
	want, err := newWanted(p)
	if err != nil {
		return nil, err
	}
	if kept, ok := st.kept(); ok {
		have := st.liveFacts(st.partsOf(kept))
		live := want.facts.Live()
		out := differences(facts.Missing(have, live), have, live)
		for _, subject := range facts.Added(have, live) {
			out = append(out, Difference{Where: subject, Have: "exists"})
		}
		return out, nil
	}
	if len(st.installations) == 0 {
		return nil, nil
	}
	newest := st.installations[len(st.installations)-1]
	have, err := facts.Pack(st.revisions[newest.Revision].raw)
	if err != nil {
		return nil, err
	}
	return differences(facts.Differing(have, want.facts), have, want.facts), nil
}

func differences(names []string, have, want facts.Facts) (out []Difference) {
	for _, name := range names {
		out = append(out, Difference{Where: name, Have: have[name], Want: want[name]})
	}
	return out
}

// liveFacts returns the facts of the server's parts of the pack, as they are now.
func (st state) liveFacts(have parts) facts.Facts {
	f := facts.Facts{}
	for title, live := range have.inputs {
		f.AddEntity("input", title, facts.Object{
			"title":         live.Title,
			"type":          live.Type,
			"global":        live.Global,
			"configuration": live.Attributes,
		}, nil)
	}
	for title, live := range have.streams {
		var rules []any
		for _, r := range live.Rules {
			rules = append(rules, facts.Object{
				"type":     r.Type.String(),
				"field":    r.Field,
				"value":    r.Value,
				"inverted": r.Inverted,
			})
		}
		f.AddEntity("stream", title, facts.Object{
			"title":          live.Title,
			"description":    strings.TrimSuffix(live.Description, ". "+restored),
			"matching_type":  live.MatchingType,
			"remove_matches": live.RemoveMatches,
			"default_stream": live.Default,
			"stream_rules":   rules,
		}, nil)
	}
	for title, live := range have.dashboards {
		f.AddEntity("dashboard", title, live, st.streamTitles(have))
	}
	return f
}
