package installer

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// obstacles returns what prevents the installation of the pack.
func (s *session) obstacles(p contentpack.Pack, st state) []Finding {
	out := s.versionObstacles(p)
	out = append(out, s.revisionObstacles(p, st)...)
	out = append(out, portObstacles(p, st)...)
	if !s.force {
		out = append(out, titleObstacles(p, st)...)
	}
	return out
}

func obstacle(where, advice, format string, args ...any) Finding {
	return Finding{Problem: true, Where: where, Found: fmt.Sprintf(format, args...), Advice: advice}
}

func (s *session) versionObstacles(p contentpack.Pack) (out []Finding) {
	if oldest, err := version.Parse(p.MinServer); err == nil && s.version.Compare(oldest) < 0 {
		out = append(out, obstacle("Graylog "+s.report.Version,
			"Update Graylog, or create the pack with a lower MinServer (--min-server). 3.3.11 is known to accept it.",
			"the pack requires %s or later", p.MinServer))
	}
	return out
}

func (s *session) revisionObstacles(p contentpack.Pack, st state) (out []Finding) {
	if s.force {
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(st.revisions)) {
		installed := slices.ContainsFunc(st.installations, func(in installation) bool { return in.Revision == n })
		if installed && n > p.Revision {
			out = append(out, obstacle(packName,
				"Use the synlogger that installed it. To install the older revision, use Force (--force).",
				"revision %d is installed, which is newer than %d", n, p.Revision))
		}
	}
	if stored, exists := st.revisions[p.Revision]; exists && !stored.ours() {
		out = append(out, obstacle(packName,
			"Choose a higher revision, which keeps the other one, or use Force (--force), which deletes it.",
			"another program has uploaded revision %d", p.Revision))
	}
	return out
}

func portObstacles(p contentpack.Pack, st state) (out []Finding) {
	owned := st.owned()
	for _, in := range p.Inputs {
		for _, live := range st.inputs {
			if owned[live.ID] || live.IsUDP() || live.Port() != in.Port || !overlap(in.Bind, live.Bind()) {
				continue
			}
			out = append(out, obstacle("input "+in.Title,
				"Choose another port, or delete that input or change its port at System, Inputs.",
				"port %d is used by the input %q (%s)", in.Port, graylog.Printable(live.Title), live.ID))
		}
	}
	return out
}

func titleObstacles(p contentpack.Pack, st state) (out []Finding) {
	const advice = "Delete or rename it, or use Force (--force), which keeps both."
	owned := st.owned()
	for _, want := range p.Streams {
		for _, live := range st.streams {
			if !owned[live.ID] && live.Title == want.Title {
				out = append(out, obstacle("stream "+want.Title, advice, "another stream has this title (%s)", live.ID))
			}
		}
	}
	for _, live := range st.dashboards {
		if !owned[live.ID] && live.Title == p.Dashboard.Title {
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
