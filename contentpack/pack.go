package contentpack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/aimakerspace/synlogger/role"
)

// ID is the id of the pack in Graylog. It is the id of the original's pack, so
// Graylog shows this pack as an update, and package installer replaces the
// original's, which uses the same ports.
const ID = "f6f1e9f0-69c4-48dd-b100-f69cd80463c2"

// Revision is the revision of the pack of the zero [Config]. The original's
// revision is 1. It is raised with each change of that pack, because Graylog
// accepts each revision once.
const Revision = 2

// A Pack is the content pack "Synergos Logs". Create it with [New]. It marshals to
// the JSON of Graylog.
type Pack struct {
	Revision  int
	Name      string
	Summary   string
	Vendor    string
	URL       string
	MinServer string // oldest version of Graylog, "4.0.0"
	Inputs    []Input
	Streams   []Stream // in the order of the dashboard's tabs
	Dashboard Dashboard
}

// An Input is a GELF TCP input on every node. Frames end with a null byte.
type Input struct {
	Title string
	Bind  string // IP address
	Port  int
	TLS   TLS
}

// A Stream contains the records that all of its rules match. The records are in
// the default stream too.
type Stream struct {
	ID          string // in the pack, 24 hexadecimal digits; a server assigns another id
	Title       string
	Description string
	Rules       []Rule
}

// A Rule matches a record whose field contains a text. The case matters.
type Rule struct {
	Field    string
	Contains string
}

// Matches reports whether the stream contains a record. The function field returns
// the value of the record's field as text, or "" if the record lacks the field.
func (s Stream) Matches(field func(name string) string) bool {
	for _, r := range s.Rules {
		if value := field(r.Field); value == "" || !strings.Contains(value, r.Contains) {
			return false
		}
	}
	return len(s.Rules) > 0
}

// New returns the pack of the options. The same options give the same pack, byte
// for byte. Errors are about the options.
func New(o Config) (Pack, error) {
	o, err := o.complete()
	if err != nil {
		return Pack{}, fmt.Errorf("contentpack: %w", err)
	}
	p := Pack{
		Revision:  o.Revision,
		Name:      "Synergos Logs",
		Summary:   o.Summary,
		Vendor:    o.Vendor,
		URL:       o.URL,
		MinServer: o.MinServer,
		Dashboard: newDashboard(o.EventAnnotations),
	}
	for _, r := range role.All() {
		p.Inputs = append(p.Inputs, Input{r.Input, o.Bind, o.Ports[r.Name], o.TLS})
		p.Streams = append(p.Streams, newStream(r))
	}
	if o.TestInput {
		p.Inputs = append(p.Inputs, Input{TestInputTitle, o.Bind, o.Ports[TestInputRole], o.TLS})
	}
	return p, nil
}

func newStream(r role.Role) Stream {
	description := "Logs documenting " + strings.ToLower(r.Name) + " operations"
	if isSysmetric(r) {
		description = "Logs containing hardware metadata & statistics"
	}
	return Stream{
		ID:          id24("stream", r.Stream),
		Title:       r.Stream,
		Description: description,
		Rules:       []Rule{{"logger", r.Prefix}},
	}
}

func isSysmetric(r role.Role) bool { return r.Name == "Sysmetric" }

// Content identifies everything in the pack except its revision. Packs of different
// options have different contents. It is part of the description that Graylog shows.
func (p Pack) Content() string {
	p.Revision = 0
	text, err := marshal(encodePack(p, ""))
	if err != nil {
		panic(err) // impossible: all values can be marshaled
	}
	return digest(string(text))[:16]
}

// description is the description of the packs of this package. No other pack has
// it.
const description = "Made by synlogger contentpack. Content %s."

var contentPattern = regexp.MustCompile(strings.Replace(regexp.QuoteMeta(description), "%s", "([0-9a-f]{16})", 1))

// ContentOf returns the [Pack.Content] in the description of a pack in Graylog, or
// "" if another program created that pack.
func ContentOf(description string) string {
	if m := contentPattern.FindStringSubmatch(description); m != nil {
		return m[1]
	}
	return ""
}

// MarshalJSON returns the pack as Graylog reads it. Like Graylog's exports, the JSON
// is indented by two spaces. It ends with a newline.
func (p Pack) MarshalJSON() ([]byte, error) {
	return marshal(encodePack(p, fmt.Sprintf(description, p.Content())))
}

func marshal(p packJSON) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(p)
	return buf.Bytes(), err
}
