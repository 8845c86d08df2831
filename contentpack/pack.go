package contentpack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/aimakerspace/synlogger/role"
)

// ID is the id of the pack in Graylog, which is that of the original's pack.
// Graylog takes packs of one id for revisions of one pack, so that a server
// that has the original's shows ours as its update, and [Client.Install] finds
// what it has to replace: two packs with ids of their own would fight for the
// same ports.
const ID = "f6f1e9f0-69c4-48dd-b100-f69cd80463c2"

// Revision is the revision of the pack; the original's is 1. It is raised
// whenever the pack of the zero [Options] changes, as Graylog refuses another
// pack under a revision that it knows.
const Revision = 2

// A Pack is the content pack "Synergos Logs": what a Graylog server needs to
// take, route and show the records of a Synergos grid. It is made by [New], and
// marshals to the JSON that Graylog reads.
type Pack struct {
	Revision  int
	Name      string
	Summary   string
	Vendor    string
	URL       string
	MinServer string // oldest version of Graylog that it is for, "4.0.0"
	Inputs    []Input
	Streams   []Stream // in the order of the dashboard's tabs
	Dashboard Dashboard
}

// An Input is a GELF TCP input, on every node, whose frames end with a null
// byte.
type Input struct {
	Title string
	Bind  string // IP address
	Port  int
	TLS   TLS
}

// A Stream is the records that all of its rules match. They stay in the
// default stream, too.
type Stream struct {
	ID          string // in the pack, 24 hexadecimal digits; on a server it has another one
	Title       string
	Description string
	Rules       []Rule
}

// A Rule matches a record whose field contains a text, in the same case.
type Rule struct {
	Field    string
	Contains string
}

// Matches reports whether a record is in the stream, where field returns the
// value of a record's field as text, "" for one that it lacks.
func (s Stream) Matches(field func(name string) string) bool {
	for _, r := range s.Rules {
		if value := field(r.Field); value == "" || !strings.Contains(value, r.Contains) {
			return false
		}
	}
	return len(s.Rules) > 0
}

// New makes the pack of the options. The same options give the same pack, byte
// for byte. The errors are about the options.
func New(o Options) (Pack, error) {
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
		Dashboard: newDashboard(),
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
	return Stream{id24("stream", r.Stream), r.Stream, description, []Rule{{"logger", r.Prefix}}}
}

func isSysmetric(r role.Role) bool { return r.Name == "Sysmetric" }

// maker stands in the description of our packs, and in no other's.
const maker = "synlogger contentpack"

// Content identifies what is in the pack, its revision excepted: packs of
// different options have different contents, though they may have the same
// revision. It stands in the description that Graylog shows of the pack.
func (p Pack) Content() string {
	p.Revision = 0
	text, err := marshal(encodePack(p, ""))
	if err != nil {
		panic(err) // there is nothing in a pack that cannot be marshalled
	}
	return digest(string(text))[:16]
}

var contentPattern = regexp.MustCompile(`Made by ` + maker + `\. Content ([0-9a-f]{16})\.`)

// contentOf returns the content that a description names, "" if the pack is
// none of ours.
func contentOf(description string) string {
	if m := contentPattern.FindStringSubmatch(description); m != nil {
		return m[1]
	}
	return ""
}

// MarshalJSON returns the pack as Graylog reads it: indented by two spaces, as
// its own exports are, with a line end behind.
func (p Pack) MarshalJSON() ([]byte, error) {
	return marshal(encodePack(p, fmt.Sprintf("Made by %s. Content %s.", maker, p.Content())))
}

func marshal(p packJSON) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(p)
	return buf.Bytes(), err
}
