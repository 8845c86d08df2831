package contentpack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/indexfailure"
)

// Verify holds the server against the pack: that it is installed, once; that
// each input runs at its port on every node, that each stream has its rule and
// is not paused, and that each widget is as it was made. The findings say what
// is not. Fields of widgets that no record has had yet are a finding, but no
// problem. Records that the index has refused lately are a problem, and so is a
// server that does not say whether there are any. It changes nothing.
func (c *Client) Verify(ctx context.Context, p Pack) (Report, error) {
	return c.with(ctx, func(s *session) error {
		sv, err := s.look(ctx)
		if err != nil {
			return err
		}
		if err := s.verify(ctx, p, sv); err != nil {
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
	api, err := graylog.New(graylog.Config{URL: s.base, User: s.user, Password: s.password, TLS: s.tls})
	if err != nil {
		s.problem(where, "", "%v", err)
		return
	}
	defer api.Close()
	report, err := indexfailure.Read(ctx, api, within)
	if err != nil {
		s.problem(where, indexfailure.AccessAdvice, "refused records could not be looked for: %v", err)
		return
	}
	for _, g := range report.Groups {
		s.problem(where, g.Advice(), "%s", g.Found())
	}
	if rest := report.Rest(); rest != "" {
		s.problem(where, indexfailure.RestAdvice, "%s", rest)
	}
}

func (s *session) problem(where, advice, format string, args ...any) {
	s.report.Findings = append(s.report.Findings, Finding{true, where, fmt.Sprintf(format, args...), advice})
}

func (s *session) verify(ctx context.Context, p Pack, sv server) error {
	keep, ok := sv.wanted(p)
	if !ok {
		s.notInstalled(p, sv)
		return nil
	}
	if n := len(sv.installations); n > 1 {
		s.problem("content pack "+p.Name, "Install it again, which leaves one.", "it is installed %d times", n)
	}
	for _, live := range sv.inputsOf(keep) {
		if state := sv.inputState(live.ID); state.State != running {
			s.problem("input "+live.Title, "Another program may have its port on that machine, or its certificate cannot be read there: see the server's log. Install the pack again to start it.",
				"at port %d it is %s%s", live.port(), strings.ToLower(state.State), detail(state))
		}
	}
	for _, live := range sv.streamsOf(keep) {
		if live.Disabled {
			s.problem("stream "+live.Title, "Resume it at Streams, or install the pack again.", "it is paused")
		}
	}
	if err := s.verifyFacts(ctx, p, sv, keep); err != nil {
		return err
	}
	s.verifyFields(ctx, p)
	return nil
}

func detail(state inputState) string {
	if state.Detail == "" {
		return ""
	}
	return ": " + printable(state.Detail)
}

func (s *session) notInstalled(p Pack, sv server) {
	where := "content pack " + p.Name
	if len(sv.installations) == 0 {
		s.problem(where, "Install it.", "it is not installed")
		return
	}
	for _, in := range sv.installations {
		if in.Revision != p.Revision {
			s.problem(where, "Install it, which replaces that one.", "revision %d is installed, not %d", in.Revision, p.Revision)
		} else if sv.revisions[in.Revision].content != p.Content() {
			s.problem(where, "Give the options that it was installed with; or install it, which replaces that one.",
				"revision %d is installed with another content, of other options", in.Revision)
		} else {
			s.problem(where, "Install it again.", "it lacks what someone has deleted: %s", names(sv.absent(in)))
		}
	}
}

// verifyFacts compares what is there with what the pack made.
func (s *session) verifyFacts(ctx context.Context, p Pack, sv server, keep installation) error {
	differ, err := s.compare(ctx, p, sv)
	if err != nil {
		return err
	}
	const advice = "Someone has changed it. To have it as it was, remove the pack and install it again."
	byWhere := map[string][]string{}
	var order []string
	for _, d := range differ {
		where, what, _ := strings.Cut(d.Where, ": ")
		if byWhere[where] == nil {
			order = append(order, where)
		}
		byWhere[where] = append(byWhere[where], fmt.Sprintf("%s is %q, not %q", what, printable(d.Have), d.Want))
	}
	for _, where := range order {
		s.problem(where, advice, "%s", strings.Join(byWhere[where], "; "))
	}
	return nil
}

// verifyFields looks for the fields of the widgets in the index.
func (s *session) verifyFields(ctx context.Context, p Pack) {
	note := func(where, found, advice string) {
		s.report.Findings = append(s.report.Findings, Finding{false, where, found, advice})
	}
	var fields []struct {
		Name string `json:"name"`
	}
	if err := s.get(ctx, "/api/views/fields", &fields); err != nil {
		note("dashboard "+p.Dashboard.Title, fmt.Sprintf("the fields of the index cannot be read: %v", err), "")
		return
	}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.Name] = true
	}
	if !known["logger"] {
		note("dashboard "+p.Dashboard.Title, "no record has come yet, so that it is empty", "")
		return
	}
	for _, tab := range p.Dashboard.Tabs {
		var unknown []string
		for _, name := range tab.fields() {
			if !known[name] {
				unknown = append(unknown, name)
			}
		}
		if len(unknown) > 0 {
			note("tab "+tab.Title, "no record has had these fields yet: "+strings.Join(unknown, ", "), "Their widgets stay empty until one comes. Graylog notices new fields some seconds late.")
		}
	}
}

// fields returns the names of all fields that the tab's widgets use, in order.
func (t Tab) fields() (names []string) {
	for _, w := range t.Widgets {
		names = append(names, w.Fields...)
		for _, p := range slices.Concat(w.Rows, w.Columns) {
			names = append(names, p.Field)
		}
		for _, s := range w.Series {
			if s.Field != "" {
				names = append(names, s.Field)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
