package contentpack

import "context"

// Diff tells what [Client.Install] would do, and in what an installed pack of
// the same id differs. It changes nothing. What would stand in the way is in
// the findings. An installation on Graylog 7 is followed by steps that are not
// in the report: all streams are resumed.
func (c *Client) Diff(ctx context.Context, p Pack) (Report, error) {
	return c.with(ctx, func(s *session) error {
		sv, err := s.look(ctx)
		if err != nil {
			return err
		}
		actions, obstacles := s.plan(p, sv)
		s.report.Findings = append(s.report.Findings, obstacles...)
		for _, a := range actions {
			s.report.Steps = append(s.report.Steps, a.Step)
		}
		s.report.Differences, err = s.compare(ctx, p, sv)
		return err
	})
}

// compare returns in what the newest installation differs from the pack: what
// people have changed of it where it is the wanted one, and what a replacement
// will change where not.
func (s *session) compare(ctx context.Context, p Pack, sv server) ([]Difference, error) {
	wanted, err := factsOf(p)
	if err != nil {
		return nil, err
	}
	if keep, ok := sv.wanted(p); ok {
		live, err := s.liveFacts(ctx, sv, keep)
		return missing(live, wanted.of("input ", "stream ", "dashboard ", "tab ", "widget ")), err
	}
	if len(sv.installations) == 0 {
		return nil, nil
	}
	newest := sv.installations[len(sv.installations)-1]
	have, err := packFacts(sv.revisions[newest.Revision].raw)
	if err != nil {
		return nil, err
	}
	return differences(have, wanted), nil
}

func factsOf(p Pack) (facts, error) {
	raw, err := p.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return packFacts(raw)
}
