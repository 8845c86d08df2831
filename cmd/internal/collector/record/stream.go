package record

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/role"
)

// A Stream is a stream of the content pack, with the number of its records.
type Stream struct {
	Name     string `json:"name"`  // the name of its role, such as "TTP", or "Default"
	Title    string `json:"title"` // such as "TTP Stream"
	Rule     string `json:"rule"`  // such as "logger CONTAINS TTP_"
	Records  int64  `json:"records"`
	Errors   int64  `json:"errors"`   // with severity 0 to 3
	Warnings int64  `json:"warnings"` // with severity 4
}

// ErrNoStream is the error of a stream that does not exist.
var ErrNoStream = errors.New("no stream")

// DefaultStream is the name of the stream of all records that match no rule. In
// Graylog, such a record is only in the Default Stream.
const DefaultStream = "Default"

// Pack returns the content pack. The collector uses its inputs, streams and dashboard,
// so a mistake in the pack shows on a developer's machine.
var Pack = sync.OnceValue(func() contentpack.Pack {
	p, err := contentpack.New(contentpack.Config{TestInput: true})
	if err != nil {
		panic(err) // cannot happen with these options
	}
	return p
})

// Streams returns the streams in the order of the dashboard's tabs, and the default
// stream at the end. Their counts are zero.
func Streams() []Stream {
	var all []Stream
	for i, st := range Pack().Streams {
		var rules []string
		for _, r := range st.Rules {
			rules = append(rules, r.Field+" CONTAINS "+r.Contains)
		}
		all = append(all, Stream{Name: role.All()[i].Name, Title: st.Title, Rule: strings.Join(rules, " AND ")})
	}
	return append(all, Stream{Name: DefaultStream, Title: "Default Stream", Rule: "no other stream"})
}

// Route returns the streams of a record. field returns the value of a field as text,
// "" if the record lacks the field.
func Route(field func(name string) string) index.StreamSet {
	var set index.StreamSet
	all := Pack().Streams
	for i, st := range all {
		if st.Matches(field) {
			set |= 1 << i
		}
	}
	if set == 0 {
		set = 1 << len(all)
	}
	return set
}

// StreamTitles returns the titles of the streams in a set.
func StreamTitles(set index.StreamSet) []string {
	var titles []string
	for i, st := range Streams() {
		if set.Has(i) {
			titles = append(titles, st.Title)
		}
	}
	return titles
}

// StreamIndex returns the index of a stream in Streams, given its name, title or
// prefix in any case.
func StreamIndex(name string) (int, error) {
	all := Streams()
	names := make([]string, len(all))
	for i, st := range all {
		if strings.EqualFold(name, st.Name) || strings.EqualFold(name, st.Title) {
			return i, nil
		}
		names[i] = st.Name
	}
	if r, err := role.Lookup(name); err == nil {
		return StreamIndex(r.Name)
	}
	return 0, fmt.Errorf("%w %q: use one of %s", ErrNoStream, name, strings.Join(names, ", "))
}

// StreamNames returns the names of the streams, in the order of Streams.
func StreamNames() []string {
	var names []string
	for _, st := range Streams() {
		names = append(names, st.Name)
	}
	return names
}
