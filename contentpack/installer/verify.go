package installer

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/indexfailure"
)

// Verify checks the installation of the pack: there is one, each input runs at its
// port on every node, each stream has its rule and is not paused, and each widget
// is unchanged. It also looks for records that the index has refused. The findings
// contain what is wrong. Fields of widgets that no record has had yet are a
// finding, but not a problem. Verify changes nothing.
func (c *Client) Verify(ctx context.Context, p contentpack.Pack) (Report, error) {
	return c.run(ctx, "verify", func(s *session) error {
		st, err := s.readState(ctx)
		if err != nil {
			return err
		}
		if err := s.verify(ctx, p, st); err != nil {
			return err
		}
		if within := cmp.Or(c.FailuresWithin, DefaultFailuresWithin); within > 0 {
			s.verifyIndex(ctx, within)
		}
		return nil
	})
}

// verifyIndex reports the records that the index has refused.
func (s *session) verifyIndex(ctx context.Context, within time.Duration) {
	const where = "index"
	report, err := indexfailure.Read(ctx, s.api, within)
	if err != nil {
		s.problem(where, indexfailure.AccessAdvice, "cannot look for refused records: %v", err)
		return
	}
	for _, g := range report.Groups {
		s.problem(where, g.Advice(), "%s", g.Found())
	}
	if rest := report.Rest(); rest != "" {
		s.problem(where, indexfailure.RestAdvice, "%s", rest)
	}
}

func (s *session) verify(ctx context.Context, p contentpack.Pack, st state) error {
	current, ok := st.current(p)
	if !ok {
		s.reportNotInstalled(p, st)
		return nil
	}
	s.verifyVersion(p)
	if n := len(st.installations); n > 1 {
		s.problem(packName, "Install it again, which keeps one installation.", "it is installed %d times", n)
	}
	for _, input := range st.inputsOf(current) {
		if is := st.inputState(input.ID); !is.Running() {
			s.problem("input "+input.Title, "See the server's log: another program may use the port, or the server "+
				"cannot read the certificate. Install the pack again to start the input.",
				"at port %d, it is %s%s", input.Port(), strings.ToLower(is.State), detail(is))
		}
	}
	for _, stream := range st.streamsOf(current) {
		if stream.Disabled {
			s.problem("stream "+stream.Title, "Resume it at Streams, or install the pack again.", "it is paused")
		}
	}
	if err := s.verifyFacts(ctx, p, st); err != nil {
		return err
	}
	s.verifyFields(ctx, p)
	return nil
}

func detail(is graylog.InputState) string {
	if is.Detail == "" {
		return ""
	}
	return ": " + graylog.Printable(is.Detail)
}

// reportNotInstalled reports why the server does not have the pack.
func (s *session) reportNotInstalled(p contentpack.Pack, st state) {
	if len(st.installations) == 0 {
		s.problem(packName, "Install it.", "it is not installed")
		return
	}
	for _, in := range st.installations {
		switch {
		case in.Revision != p.Revision:
			s.problem(packName, "Install the pack, which replaces that revision.",
				"revision %d is installed, not %d", in.Revision, p.Revision)
		case st.revisions[in.Revision].content != p.Content():
			s.problem(packName, "Use the options of the installation, or install the pack, which replaces it.",
				"revision %d is installed with other options", in.Revision)
		default:
			s.problem(packName, "Install it again.", "somebody has deleted a part of it: %s", join(st.deleted(in)))
		}
	}
}

// verifyFacts reports what somebody has changed.
func (s *session) verifyFacts(ctx context.Context, p contentpack.Pack, st state) error {
	differ, err := s.compare(ctx, p, st)
	if err != nil {
		return err
	}
	byWhere := map[string][]string{}
	var order []string
	for _, d := range differ {
		where, what, _ := strings.Cut(d.Where, ": ")
		if byWhere[where] == nil {
			order = append(order, where)
		}
		byWhere[where] = append(
			byWhere[where],
			fmt.Sprintf("%s is %q, not %q", what, graylog.Printable(d.Have), d.Want),
		)
	}
	for _, where := range order {
		s.problem(where, "Somebody has changed it. To restore it, remove the pack and install it again.",
			"%s", strings.Join(byWhere[where], "; "))
	}
	return nil
}

// verifyFields reports the fields of widgets that the index does not have.
func (s *session) verifyFields(ctx context.Context, p contentpack.Pack) {
	dashboard := "dashboard " + p.Dashboard.Title
	var fields []struct {
		Name string `json:"name"`
	}
	if err := s.api.Get(ctx, "/api/views/fields", nil, &fields); err != nil {
		s.note(dashboard, "", "cannot read the fields of the index: %v", err)
		return
	}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.Name] = true
	}
	if !known["logger"] {
		s.note(dashboard, "", "it is empty because no record has arrived yet")
		return
	}
	for _, tab := range p.Dashboard.Tabs {
		var unknown []string
		for _, name := range tab.Fields() {
			if !known[name] {
				unknown = append(unknown, name)
			}
		}
		if len(unknown) > 0 {
			s.note("tab "+tab.Title, "Their widgets are empty until a record has them. "+
				"Graylog notices new fields after some seconds.",
				"no record has had these fields yet: %s", strings.Join(unknown, ", "))
		}
	}
}
