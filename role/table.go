package role

import (
	"fmt"
	"strings"
)

// A Role is one kind of party of a Synergos grid. The table of roles is the
// one place for its prefix, port, titles and stream rule: the content pack,
// the collector, the command line and the documentation derive from it.
type Role struct {
	Name   string // "Director"
	Prefix string // of the logger's name on the wire, "DIR_"
	Port   int    // of its GELF TCP input
	Input  string // title of its input in Graylog
	Stream string // title of its stream
	Tab    string // title of its tab on the Synergos Dashboard
}

var table = [...]Role{
	{"Sysmetric", "SYS_", 9100, "Sysmetrics Logs", "Sysmetrics Stream", "Sysmetrics Analysis"},
	{"Director", "DIR_", 9200, "Director Logs", "Director Stream", "Director Analysis"},
	{"TTP", "TTP_", 9300, "TTP Logs", "TTP Stream", "TTP Analysis"},
	{"Worker", "WKR_", 9400, "Worker Logs", "Worker Stream", "Worker Analysis"},
}

// All returns the roles in the order of the dashboard's tabs.
func All() []Role { return append([]Role(nil), table[:]...) }

// Lookup returns the role of a name or prefix in any case: "ttp", "TTP",
// "worker", "WKR", "WKR_". The error names the roles there are.
func Lookup(name string) (Role, error) {
	for _, r := range table {
		if strings.EqualFold(
			name,
			r.Name,
		) || strings.EqualFold(strings.TrimSuffix(name, "_"), strings.TrimSuffix(r.Prefix, "_")) {
			return r, nil
		}
	}
	return Role{}, fmt.Errorf("role: %q is no role: use sysmetric, director, ttp or worker", name)
}

// Matches reports whether a record of this logger belongs to the role's
// stream. It is the rule of the stream in Graylog: the field logger CONTAINS
// the role's prefix.
func (r Role) Matches(logger string) bool { return strings.Contains(logger, r.Prefix) }
