package installer

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// obstacles returns what prevents the installation of the pack, or of its missing parts.
func (s *session) obstacles(p contentpack.Pack, want wanted, st state, have parts) []Finding {
	out := append(s.versionObstacles(p), s.indexObstacles()...)
	out = append(out, s.revisionObstacles(p, st)...)
	out = append(out, portObstacles(p, want, st, have)...)
	if !s.force {
		out = append(out, titleObstacles(p, st, have)...)
	}
	return out
}

func obstacle(where, advice, format string, args ...any) Finding {
	return Finding{Problem: true, Where: where, Found: fmt.Sprintf(format, args...), Advice: advice}
}

func (s *session) versionObstacles(p contentpack.Pack) (out []Finding) {
	if oldest, err := version.Parse(p.MinServer); err == nil && s.version.Compare(oldest) < 0 {
		out = append(out, obstacle("Graylog "+s.report.Version,
			"Update Graylog, or give a lower --min-server. 3.3.11 is known to accept the pack.",
			"the pack requires %s or later", p.MinServer))
	}
	return out
}

func (s *session) revisionObstacles(p contentpack.Pack, st state) (out []Finding) {
	if s.force {
		return nil
	}
	_, kept := st.kept()
	for _, n := range slices.Sorted(maps.Keys(st.revisions)) {
		used := st.hasInstalled(n) || kept && st.revisions[n].ours()
		if used && n > p.Revision {
			out = append(out, obstacle(packName,
				"Use the synlogger that installed it. To install the older revision, run "+
					"'synlogger contentpack install --force'.",
				"revision %d is installed, which is newer than %d", n, p.Revision))
		}
	}
	if stored, exists := st.revisions[p.Revision]; exists && !stored.ours() {
		out = append(out, obstacle(packName,
			"Choose a higher --revision, which keeps the other one, or run 'synlogger contentpack install --force', "+
				"which deletes it.",
			"another program has uploaded revision %d", p.Revision))
	}
	return out
}

// portObstacles returns the inputs of others at ports that the pack needs, and inputs of
// the pack that cannot be changed.
func portObstacles(p contentpack.Pack, want wanted, st state, have parts) (out []Finding) {
	for _, in := range p.Inputs {
		own, exists := have.inputs[in.Title]
		keys := changed(own, want.inputs[in.Title])
		if exists && len(keys) == 0 {
			continue
		}
		// Graylog does not return the password, and would store this text instead.
		if exists && own.Attributes["tls_key_password"] == "<password set>" {
			out = append(out, obstacle("input "+in.Title, "Change it at System, Inputs.",
				"its private key has a password, so synlogger cannot change %s", strings.Join(keys, ", ")))
		}
		for _, live := range st.inputs {
			if st.owned(live.ID) || live.IsUDP() || live.Port() != in.Port || !overlap(in.Bind, live.Bind()) {
				continue
			}
			out = append(out, obstacle("input "+in.Title,
				"Choose another --port, or delete that input or change its port at System, Inputs.",
				"port %d is used by the input %q (%s)", in.Port, graylog.Printable(live.Title), live.ID))
		}
	}
	return out
}

// titleObstacles returns the streams and dashboards of others that have the title of a
// missing part.
func titleObstacles(p contentpack.Pack, st state, have parts) (out []Finding) {
	const advice = "Delete or rename it, or run 'synlogger contentpack install --force', which keeps both."
	for _, want := range p.Streams {
		_, exists := have.streams[want.Title]
		for _, live := range st.streams {
			if !exists && !st.owned(live.ID) && live.Title == want.Title {
				out = append(out, obstacle("stream "+want.Title, advice, "another stream has this title (%s)", live.ID))
			}
		}
	}
	_, exists := have.dashboards[p.Dashboard.Title]
	for _, live := range st.dashboards {
		if !exists && !st.owned(live.ID) && live.Title == p.Dashboard.Title {
			out = append(
				out,
				obstacle("dashboard "+live.Title, advice, "another dashboard has this title (%s)", live.ID),
			)
		}
	}
	return out
}

// overlap reports whether two sockets with one port at these addresses collide.
func overlap(a, b string) bool {
	any := func(text string) bool {
		ip, err := netip.ParseAddr(text)
		return err != nil || ip.IsUnspecified() // a name may be any address
	}
	return a == b || any(a) || any(b)
}
