package installer

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
	"github.com/aimakerspace/synlogger/internal/indexfailure"
)

// Verify checks the installation of the pack: there is one, each input runs on every
// node with the address, port and TLS files of the options, each stream has its rule and
// is not paused, and the dashboard exists. It also looks for records that the index has
// refused. The findings contain what is wrong. What people have changed, and fields of
// widgets that no record has had yet, are findings, but not problems, unless records may
// be missing in a stream. Verify changes nothing.
func (c *Client) Verify(ctx context.Context, p contentpack.Pack) (Report, error) {
	return c.run(ctx, "verify", func(s *session) error {
		st, err := s.readState(ctx)
		if err != nil {
			return err
		}
		if err := s.verify(ctx, p, st, false); err != nil {
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

// verify reports how the server differs from the pack. Install reports what people have
// changed as notes, because it leaves that alone.
func (s *session) verify(ctx context.Context, p contentpack.Pack, st state, installing bool) error {
	kept, ok := st.kept()
	if !ok {
		s.reportNotInstalled(p, st)
		return nil
	}
	want, err := newWanted(p)
	if err != nil {
		return err
	}
	have := st.partsOf(kept)
	s.verifyVersion(p)
	if n := len(st.installations); n > 1 {
		s.problem(packName, installAdvice+" It keeps one installation.", "it is installed %d times", n)
	}
	for _, title := range slices.Sorted(maps.Keys(have.inputs)) {
		if is := st.inputState(have.inputs[title].ID); !is.Running() {
			s.problem("input "+title, "See the server's log: another program may use the port, or the server "+
				"cannot read the certificate. "+installAdvice+" It starts the input.",
				"at port %d, it is %s%s", have.inputs[title].Port(), strings.ToLower(is.State), detail(is))
		}
	}
	for _, title := range slices.Sorted(maps.Keys(have.streams)) {
		if have.streams[title].Disabled {
			s.problem("stream "+title, "Resume it at Streams, or run 'synlogger contentpack install'.", "it is paused")
		}
	}
	if s.search != nil && !st.index.template {
		s.problem("index template "+contentpack.IndexTemplateName,
			"Run 'synlogger contentpack install --opensearch' with the same address.",
			"OpenSearch does not have it for the indices %s", strings.Join(st.index.wanted().Patterns, ", "))
	}
	s.verifyMissing(p, have)
	s.verifyOptions(p, want, have)
	if live, ok := have.dashboards[p.Dashboard.Title]; ok {
		outdated, err := s.replaceReason(want, st, have, live)
		if err != nil {
			return err
		}
		found := ""
		if outdated != "" {
			found = "it is that of another revision or other options, and " + outdated
		} else if len(st.deadStreams(want, live)) > 0 {
			found = "it shows deleted streams"
		}
		if found != "" {
			s.problem("dashboard "+p.Dashboard.Title, installAdvice+" It changes the dashboard.", "%s", found)
			delete(have.dashboards, p.Dashboard.Title)
		}
	}
	s.verifyEdits(want, st, have, installing)
	s.verifyCertificates(ctx, p)
	s.verifyFields(ctx, p)
	return nil
}

const installAdvice = "Run 'synlogger contentpack install'."

// verifyMissing reports parts of the pack that the server lacks.
func (s *session) verifyMissing(p contentpack.Pack, have parts) {
	missing := func(where string) { s.problem(where, installAdvice+" It creates it again.", "somebody has deleted it") }
	for _, in := range p.Inputs {
		if _, ok := have.inputs[in.Title]; !ok {
			missing("input " + in.Title)
		}
	}
	for _, stream := range p.Streams {
		if _, ok := have.streams[stream.Title]; !ok {
			missing("stream " + stream.Title)
		}
	}
	if _, ok := have.dashboards[p.Dashboard.Title]; !ok {
		missing("dashboard " + p.Dashboard.Title)
	}
}

// verifyOptions reports inputs that differ from the options of the pack.
func (s *session) verifyOptions(p contentpack.Pack, want wanted, have parts) {
	for _, in := range p.Inputs {
		live, ok := have.inputs[in.Title]
		if !ok {
			continue
		}
		for _, key := range changed(live, want.inputs[in.Title]) {
			s.problem("input "+in.Title, "Give the options of the installation, or run 'synlogger contentpack install' "+
				"with these, which changes the input.", "%s is %q, not %q", key,
				graylog.Printable(fmt.Sprint(live.Attributes[key])), fmt.Sprint(want.inputs[in.Title][key]))
		}
	}
}

func detail(is graylog.InputState) string {
	if is.Detail == "" {
		return ""
	}
	return ": " + graylog.Printable(is.Detail)
}

// reportNotInstalled reports that the server does not have our pack.
func (s *session) reportNotInstalled(p contentpack.Pack, st state) {
	if len(st.installations) == 0 {
		s.problem(packName, installAdvice, "it is not installed")
		return
	}
	for _, in := range st.installations {
		if st.revisions[in.Revision].ours() {
			s.problem(packName, installAdvice, "nothing is left of the installation of revision %d", in.Revision)
		} else {
			s.problem(packName, installAdvice+" It replaces that pack.",
				"revision %d of another program is installed, not %d", in.Revision, p.Revision)
		}
	}
}

// verifyEdits reports what people have changed in the parts that exist. It is a problem if
// records may be missing in a stream.
func (s *session) verifyEdits(want wanted, st state, have parts, installing bool) {
	live, pack := st.liveFacts(have), want.facts.Live()
	known := live.Subjects()
	if len(have.dashboards) == 0 {
		for name := range pack.Dashboard() {
			delete(pack, name)
		}
	}
	found := map[string][]string{}
	for _, d := range differences(facts.Missing(live, pack), live, pack) {
		where, what, _ := strings.Cut(d.Where, ": ")
		if isOption(where, what) {
			continue
		}
		if kind, _, _ := strings.Cut(where, " "); !slices.Contains(known, where) {
			if kind == "widget" || kind == "tab" {
				found[where] = []string{"it was removed or renamed"}
			}
			continue
		}
		found[where] = append(found[where], fmt.Sprintf("%s is %q, not %q", what, graylog.Printable(d.Have), d.Want))
	}
	for _, where := range facts.Added(live, pack) {
		found[where] = []string{"it was added"}
	}
	var dashboard []string // subjects
	for _, where := range slices.Sorted(maps.Keys(found)) {
		text := "somebody has changed it: " + strings.Join(found[where], "; ")
		switch kind, _, _ := strings.Cut(where, " "); kind {
		case "input":
			s.note(where, "It is kept. To change it back, open System, Inputs.", "%s", text)
		case "stream":
			const advice = "It is kept. To change it back, open Streams."
			if rules := strings.Contains(text, "rule") || strings.Contains(text, "matching_type"); rules && !installing {
				s.problem(where, advice, "%s", text)
			} else {
				s.note(where, advice, "%s", text)
			}
		default:
			dashboard = append(dashboard, where)
		}
	}
	s.reportDashboard(dashboard, found)
}

// reportDashboard reports what people have changed in the dashboard, with one finding
// for all parts with the same changes.
func (s *session) reportDashboard(subjects []string, found map[string][]string) {
	byText := map[string][]string{}
	var order []string
	for _, subject := range subjects {
		text := strings.Join(found[subject], "; ")
		if byText[text] == nil {
			order = append(order, text)
		}
		byText[text] = append(byText[text], subject)
	}
	for _, text := range order {
		parts := byText[text]
		where, them := parts[0], ""
		if len(parts) > 1 {
			where, them = fmt.Sprintf("%d parts of the dashboard", len(parts)), " ("+strings.Join(parts, ", ")+")"
		}
		s.note(where, "It is kept. 'synlogger contentpack install --reset' restores the dashboard.",
			"somebody has changed it: %s%s", text, them)
	}
}

// isOption reports whether options of the pack set a fact.
func isOption(where, what string) bool {
	return strings.HasPrefix(where, "input ") && slices.Contains(optionKeys, what)
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

// newestTried is the newest version of Graylog with which the tests of this project
// were run. See docs/GRAYLOG.md.
var newestTried = version.Version{Major: 7, Minor: 0}

// drawsNoEvents reports whether the page of a version fails to draw charts that mark
// events (graylog2-server, issue 20932).
func drawsNoEvents(v version.Version) bool {
	return v.Major == 6 && v.Minor == 1 && v.Patch < 4
}

// verifyVersion reports what is known about the server's version.
func (s *session) verifyVersion(p contentpack.Pack) {
	where := "Graylog " + s.report.Version
	marked := 0
	for _, tab := range p.Dashboard.Tabs {
		for _, w := range tab.Widgets {
			if w.Events {
				marked++
			}
		}
	}
	if marked > 0 && drawsNoEvents(s.version) {
		s.problem(where, "Update Graylog to 6.1.4 or later, or install the pack without EventAnnotations "+
			"(--event-annotations).", "its page cannot draw the %d charts that mark events", marked)
	}
	if v := s.version; v.Compare(version.Version{Major: newestTried.Major, Minor: newestTried.Minor + 1}) >= 0 {
		s.note(where, "See Versions in docs/GRAYLOG.md.",
			"synlogger was not tried with this version, only with versions up to %d.%d",
			newestTried.Major, newestTried.Minor)
	}
}

const certificateTimeout = 5 * time.Second

// verifyCertificates connects to the inputs with TLS and reports certificates that
// Graylog has generated because it cannot read the files.
func (s *session) verifyCertificates(ctx context.Context, p contentpack.Pack) {
	for _, in := range p.Inputs {
		if !in.TLS.Enable {
			continue
		}
		leaf, err := s.certificate(ctx, in)
		switch {
		case err != nil:
			s.note("input "+in.Title, "Check it from a machine that reaches the input: synlogger doctor.",
				"cannot read its certificate: %v", err)
		case generated(leaf, in):
			s.problem("input "+in.Title, "Make the files readable for Graylog at these paths of its machine, and "+
				"start the input again at System, Inputs.",
				"Graylog cannot read %s or %s, and presents a certificate of its own that no sender trusts",
				in.TLS.CertFile, in.TLS.KeyFile)
		}
	}
}

// generated reports whether Graylog has generated a certificate for an input. Its name
// begins with the address of the input, and 7.0.1 ends it with ":null" instead of the
// port (graylog2-server: AbstractTcpTransport).
func generated(leaf *x509.Certificate, in contentpack.Input) bool {
	name := leaf.Subject.CommonName
	return strings.HasPrefix(name, in.Bind+":") && leaf.Issuer.CommonName == name
}

// certificate returns the certificate that an input presents.
func (s *session) certificate(ctx context.Context, in contentpack.Input) (leaf *x509.Certificate, err error) {
	host := in.Bind
	if ip, err := netip.ParseAddr(in.Bind); err != nil || ip.IsUnspecified() {
		page, err := url.Parse(s.report.Server)
		if err != nil {
			return nil, err
		}
		host = page.Hostname()
	}
	dialer := tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true, // only the certificate is read
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) (err error) {
			leaf, err = x509.ParseCertificate(raw[0])
			return err
		},
	}}
	ctx, cancel := context.WithTimeout(ctx, certificateTimeout)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(in.Port)))
	if err == nil {
		conn.Close()
	}
	if leaf != nil { // the input may refuse a sender without a certificate
		return leaf, nil
	}
	if err == nil {
		err = errors.New("the input presents no certificate")
	}
	return nil, err
}
