package role

import (
	"fmt"
	"strings"
)

// A Role is a kind of party in a Synergos grid. The content pack, the collector, the
// command line and the documentation are derived from the table of roles.
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

// All returns the roles, in the order of the tabs of the dashboard.
func All() []Role { return append([]Role(nil), table[:]...) }

// Lookup returns the role with a name or prefix, in any case: "ttp", "TTP", "worker",
// "WKR", "WKR_". The error lists the roles.
func Lookup(name string) (Role, error) {
	for _, r := range table {
		if strings.EqualFold(
			name,
			r.Name,
		) || strings.EqualFold(strings.TrimSuffix(name, "_"), strings.TrimSuffix(r.Prefix, "_")) {
			return r, nil
		}
	}
	return Role{}, fmt.Errorf("role: unknown role %q: use sysmetric, director, ttp or worker", name)
}

// Matches reports whether records of a logger belong to the stream of the role. It applies
// the rule of the stream in Graylog: the field logger contains the role's prefix.
func (r Role) Matches(logger string) bool { return strings.Contains(logger, r.Prefix) }
