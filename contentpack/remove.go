package contentpack

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Remove takes from the server what [Client.Install] brought: the inputs,
// streams and dashboard of each installation, and the pack. A pack of the same
// id that another program made, such as the original's, stays, and so do all
// records. Where there is nothing to remove, it does nothing. What Graylog did
// not remove is in the findings.
func (c *Client) Remove(ctx context.Context) (Report, error) {
	return c.with(ctx, func(s *session) error { return s.remove(ctx) })
}

func (s *session) remove(ctx context.Context) error {
	sv, err := s.look(ctx)
	if err != nil {
		return err
	}
	var actions []action
	for _, in := range sv.installations {
		if sv.revisions[in.Revision].content == "" {
			s.report.Findings = append(s.report.Findings, Finding{false, "content pack Synergos Logs",
				fmt.Sprintf("revision %d is installed, and not made by %s: it stays", in.Revision, maker), "Uninstall it at System, Content Packs."})
			continue
		}
		actions = append(actions, s.uninstall(in, ""))
	}
	for _, n := range slices.Sorted(maps.Keys(sv.revisions)) {
		if sv.revisions[n].content != "" {
			actions = append(actions, s.deleteRevision(n, ""))
		}
	}
	for _, a := range actions {
		if err := s.take(ctx, a); err != nil {
			return err
		}
	}
	return nil
}
