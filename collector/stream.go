package collector

import (
	"fmt"
	"strings"

	"github.com/aimakerspace/synlogger/role"
)

// A Stream is a stream of the content pack with what the store holds of it.
type Stream struct {
	Name     string `json:"name"`  // "TTP", the name of its role; "Default"
	Title    string `json:"title"` // "TTP Stream"
	Rule     string `json:"rule"`  // "logger CONTAINS TTP_"
	Records  int64  `json:"records"`
	Errors   int64  `json:"errors"`   // of these, severity 0 to 3
	Warnings int64  `json:"warnings"` // of these, severity 4
}

// DefaultStream is the name of the stream of all records that no rule picks
// up. In Graylog such a record is in the Default Stream alone.
const DefaultStream = "Default"

// A streamSet has a bit for each stream that a record is in: the roles in
// their order, and behind them the default stream. A record can be in several,
// as a rule looks for its prefix anywhere in the logger's name.
type streamSet uint32

// streams are the streams in the order of the dashboard's tabs, the default
// stream last. The counts are zero.
func streams() []Stream {
	var all []Stream
	for _, r := range role.All() {
		all = append(all, Stream{Name: r.Name, Title: r.Stream, Rule: "logger CONTAINS " + r.Prefix})
	}
	return append(all, Stream{Name: DefaultStream, Title: "Default Stream", Rule: "no other stream"})
}

// route returns the streams that a record of this logger is in.
func route(logger string) streamSet {
	var set streamSet
	roles := role.All()
	for i, r := range roles {
		if r.Matches(logger) {
			set |= 1 << i
		}
	}
	if set == 0 {
		set = 1 << len(roles)
	}
	return set
}

// has reports whether the set holds the i-th of streams.
func (s streamSet) has(i int) bool { return s&(1<<i) != 0 }

// titles returns the titles of the set's streams.
func (s streamSet) titles() []string {
	var titles []string
	for i, st := range streams() {
		if s.has(i) {
			titles = append(titles, st.Title)
		}
	}
	return titles
}

// streamIndex returns the place of a stream in streams, by its name, title or
// prefix in any case.
func streamIndex(name string) (int, error) {
	all := streams()
	names := make([]string, len(all))
	for i, st := range all {
		if strings.EqualFold(name, st.Name) || strings.EqualFold(name, st.Title) {
			return i, nil
		}
		names[i] = st.Name
	}
	if r, err := role.Lookup(name); err == nil {
		return streamIndex(r.Name)
	}
	return 0, fmt.Errorf("%w %q: use one of %s", ErrNoStream, name, strings.Join(names, ", "))
}
