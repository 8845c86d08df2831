package installer

import (
	"context"
	"maps"
	"slices"
)

// Remove deletes what [Client.Install] has created: the inputs, streams and
// dashboard of each installation, and the pack. A pack with the same id from
// another program, such as the original's, is kept, and so are all records. If
// there is nothing to remove, it does nothing. The findings contain what Graylog
// did not delete.
func (c *Client) Remove(ctx context.Context) (Report, error) {
	return c.run(ctx, "remove", func(s *session) error { return s.remove(ctx) })
}

func (s *session) remove(ctx context.Context) error {
	st, err := s.readState(ctx)
	if err != nil {
		return err
	}
	var actions []action
	for _, in := range st.installations {
		if !st.revisions[in.Revision].ours() {
			s.note(packName, "Uninstall it at System, Content Packs.",
				"revision %d is installed and kept: it was not created by synlogger", in.Revision)
			continue
		}
		actions = append(actions, uninstall(in, ""))
	}
	for _, e := range st.restored() {
		actions = append(actions, deletePart(e, ""))
	}
	for _, n := range slices.Sorted(maps.Keys(st.revisions)) {
		if st.revisions[n].ours() {
			actions = append(actions, deleteRevision(n, ""))
		}
	}
	template, err := s.deleteTemplate(ctx)
	if err != nil {
		return err
	}
	actions = append(actions, template...)
	if err := s.checkRights(ctx, actions); err != nil {
		return err
	}
	for _, a := range actions {
		if err := s.perform(ctx, a); err != nil {
			return err
		}
	}
	return nil
}
