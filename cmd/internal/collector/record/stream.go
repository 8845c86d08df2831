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

// A Stream is a stream of the content pack with what the store holds of it.
type Stream struct {
	Name     string `json:"name"`  // "TTP", the name of its role; "Default"
	Title    string `json:"title"` // "TTP Stream"
	Rule     string `json:"rule"`  // "logger CONTAINS TTP_"
	Records  int64  `json:"records"`
	Errors   int64  `json:"errors"`   // of these, severity 0 to 3
	Warnings int64  `json:"warnings"` // of these, severity 4
}

// ErrNoStream says that a stream does not exist.
var ErrNoStream = errors.New("no stream")

// DefaultStream is the name of the stream of all records that no rule picks
// up. In Graylog such a record is in the Default Stream alone.
const DefaultStream = "Default"

// pack is the content pack whose inputs and streams are those of a collector,
// so that a mistake in it shows on a developer's own machine.
var Pack = sync.OnceValue(func() contentpack.Pack {
	p, err := contentpack.New(contentpack.Options{TestInput: true})
	if err != nil {
		panic(err) // there is nothing wrong with these options
	}
	return p
})

// streams are the streams in the order of the dashboard's tabs, the default
// stream last. The counts are zero.
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

// route returns the streams of a record, of which field returns the value of a
// field as text, "" if it lacks it.
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

// streamTitles returns the titles of the streams of a set.
func StreamTitles(set index.StreamSet) []string {
	var titles []string
	for i, st := range Streams() {
		if set.Has(i) {
			titles = append(titles, st.Title)
		}
	}
	return titles
}

// streamIndex returns the place of a stream in streams, by its name, title or
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

// streamNames returns the names of the streams, by their bit in a streamSet.
func StreamNames() []string {
	var names []string
	for _, st := range Streams() {
		names = append(names, st.Name)
	}
	return names
}
