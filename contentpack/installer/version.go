package installer

import (
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

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
