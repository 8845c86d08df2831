package contentpack_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/golden"
)

// A difference is a difference from the original's pack, and the reason for it.
// Where, Have and Want are regular expressions for facts. The other texts are for
// docs/GRAYLOG.md.
type difference struct {
	Where, Have, Want            string
	What, Original, Ours, Reason string
}

// ourDifferences are all differences from the original's pack. The first that matches
// is used.
var ourDifferences = []difference{
	{
		Where:    `pack: rev`,
		Have:     `1`,
		Want:     `2`,
		What:     "revision",
		Original: "1",
		Ours:     "2",
		Reason:   "it updates the original under the same id",
	},
	{
		Where:    `pack: description`,
		Have:     ``,
		Want:     `Made by synlogger contentpack\. Content [0-9a-f]{16}\.`,
		What:     "description",
		Original: "—",
		Ours:     "contains the content id",
		Reason:   "it identifies the pack's options and that synlogger created it",
	},
	{
		Where:    `(input [^T].*|input TTP.*|stream .*|dashboard .*): constraint server-version`,
		Have:     `>=4\.0\.1\+6a0cc0b`,
		Want:     `>=4\.0\.0`,
		What:     "oldest server",
		Original: "4.0.1",
		Ours:     "4.0.0",
		Reason:   "the pack does not need 4.0.1",
	},
	{
		Where:    `input Test Logs: .*`,
		Have:     `.+`,
		Want:     ``,
		What:     "input Test Logs",
		Original: "at port 12201",
		Ours:     "only with `--test-input`",
		Reason:   "no role uses it",
	},
	{
		Where:    `widget Disk Rate: .*`,
		Have:     ``,
		Want:     `.+`,
		What:     "Disk Rate",
		Original: "—",
		Ours:     "`avg(disk_read_rate)`, `avg(disk_write_rate)`",
		Reason:   "the counters do not show bytes per second",
	},
	{
		Where:    `widget Network Rate: .*`,
		Have:     ``,
		Want:     `.+`,
		What:     "Network Rate",
		Original: "—",
		Ours:     "`avg(net_external_sent_rate)`, `avg(net_external_recv_rate)`",
		Reason:   "the counters do not show bytes per second",
	},
	{
		Where:    `widget Network Sent/Received (Packets|Bytes): .*`,
		Have:     `.*net_(packets|bytes)_(recv|sent)\)?`,
		Want:     `.*net_external_(packets|bytes)_(recv|sent)\)?`,
		What:     "Network Sent/Received Packets and Bytes",
		Original: "`net_packets_…`, `net_bytes_…`",
		Ours:     "`net_external_packets_…`, `net_external_bytes_…`",
		Reason:   "the original's fields include the loopback interface, which carries a host's traffic to itself",
	},
	{
		Where:    `widget Network (Packets|Bytes) with Loopback: .*`,
		Have:     ``,
		Want:     `.+`,
		What:     "Network Packets and Bytes with Loopback",
		Original: "—",
		Ours:     "the original's two charts",
		Reason:   "hosts with the Python package only send these fields",
	},
	{
		Where:    `widget .*: (search (pivot|messages) )?query`,
		Have:     ``,
		Want:     `logger:[A-Z]{3}_\*`,
		What:     "query of each widget",
		Original: "—",
		Ours:     "such as `logger:TTP_*`",
		Reason:   "since 4.3, an upload can remove the stream from a search, which then finds all records",
	},
	{
		Where:    `widget .*: (config event_annotation|search events .*)`,
		Have:     `true|events|Sysmetrics Stream|the last 300 s`,
		Want:     `false|`,
		What:     "marks of events in charts",
		Original: "on",
		Ours:     "only with `--event-annotations`",
		Reason:   "the page of Graylog 6.1.0 to 6.1.3 cannot draw such charts",
	},
	{
		Where:    `widget .*: (config|search pivot) rollup`,
		Have:     `true`,
		Want:     `false`,
		What:     "roll-up of charts with a series for each logger",
		Original: "on",
		Ours:     "off",
		Reason:   "Graylog draws it as another series, which doubles each stack",
	},
	{
		Where:    `widget (.*Memory.*): (config series 1 function|search pivot series 1 type)`,
		Have:     `sum.*`,
		Want:     `avg.*`,
		What:     "memory charts",
		Original: "`sum(memory_…)`",
		Ours:     "`avg(memory_…)`",
		Reason:   "a sum depends on the number of records",
	},
	{
		Where:    `widget Disk Read/Write Count: .*`,
		Have:     `.*disk_write_count\)?`,
		Want:     `.*disk_write_counter\)?`,
		What:     "Disk Read/Write Count",
		Original: "`max(disk_write_count)`",
		Ours:     "`max(disk_write_counter)`",
		Reason:   "no program sends `disk_write_count`",
	},
	{
		Where:    `widget .* Message Table: config fields`,
		Have:     `.*`,
		Want:     `timestamp, source, logger, level_name, gl2_remote_ip, gl2_remote_port`,
		What:     "message tables",
		Original: "time, source, sender",
		Ours:     "also `logger` and `level_name`",
		Reason:   "they show the sender and the severity",
	},
	{
		Where:    `widget .* Message Table: search messages sort 1 (field|order)`,
		Have:     ``,
		Want:     `timestamp|DESC`,
		What:     "search of the message tables",
		Original: "no order",
		Ours:     "newest first",
		Reason:   "otherwise the server chooses the order",
	},
	{
		Where:    `widget CPU: title`,
		Have:     ``,
		Want:     `CPU`,
		What:     "title of the CPU chart",
		Original: "—",
		Ours:     "CPU",
		Reason:   "Graylog shows such a chart as untitled",
	},
}

// TestOriginal compares our pack with the original's, except for ids.
func TestOriginal(t *testing.T) {
	raw, err := os.ReadFile("testdata/original.json")
	if err != nil {
		t.Fatal(err)
	}
	have, err := facts.Pack(raw)
	if err != nil {
		t.Fatal(err)
	}
	want, err := facts.Pack(marshal(t, contentpack.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(have) < 600 || len(want) < 600 {
		t.Fatalf("%d and %d facts are too few", len(have), len(want))
	}
	used := make([]int, len(ourDifferences))
	for _, name := range facts.Differing(have, want) {
		row := slices.IndexFunc(ourDifferences, func(row difference) bool {
			return whole(row.Where, name) && whole(row.Have, have[name]) && whole(row.Want, want[name])
		})
		if row < 0 {
			t.Errorf("%s: the original has %q, ours %q, and no row explains it", name, have[name], want[name])
			continue
		}
		used[row]++
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("nothing matches the row %q", ourDifferences[i].What)
		}
	}
}

// TestFactsShowEachChange checks that a change of the pack changes a fact, so that
// TestOriginal finds each difference.
func TestFactsShowEachChange(t *testing.T) {
	text := string(marshal(t, contentpack.Config{EventAnnotations: true}))
	want, err := facts.Pack([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"barmode": "stack"`, `"barmode": "group"`},
		{`"limit": 15`, `"limit": 16`},
		{`"limit": 150`, `"limit": 151`},
		{`"col": 7`, `"col": 8`},
		{`"width": "Infinity"`, `"width": 12`},
		{`"range": 300`, `"range": 301`},
		{`"#9c27b0"`, `"#9c27b1"`},
		{`"direction": "Descending"`, `"direction": "Ascending"`},
		{`"@value": 1048576`, `"@value": 1048577`},
		{`"@value": "CONTAINS"`, `"@value": "EXACT"`},
		{`"visualization": "pie"`, `"visualization": "line"`},
		{`"event_annotation": true`, `"event_annotation": false`},
		{`"title": "TTP Analysis"`, `"title": "TTP"`},
	} {
		if !strings.Contains(text, change[0]) {
			t.Errorf("the pack lacks %s", change[0])
		}
		have, err := facts.Pack([]byte(strings.Replace(text, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if len(facts.Differing(have, want)) == 0 {
			t.Errorf("%s instead of %s changes no fact", change[1], change[0])
		}
	}
}

// whole reports whether the pattern matches the whole text.
func whole(pattern, text string) bool {
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(text)
}

// TestDocumentedDifferences compares the table in docs/GRAYLOG.md with
// ourDifferences.
func TestDocumentedDifferences(t *testing.T) {
	var table strings.Builder
	table.WriteString("| part | original | this pack | reason |\n|---|---|---|---|\n")
	for _, d := range ourDifferences {
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", d.What, d.Original, d.Ours, d.Reason)
	}
	golden.Check(t, "testdata/differences.md", table.String())
	const doc = "../docs/GRAYLOG.md"
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), table.String()) {
		t.Errorf("%s lacks the table of testdata/differences.md", doc)
	}
}

// marshal returns the JSON of a pack.
func marshal(t *testing.T, o contentpack.Config) []byte {
	t.Helper()
	p, err := contentpack.New(o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPackContainsNoSecret checks for passwords, because everybody who can open
// Graylog's list of packs can read the pack.
func TestPackContainsNoSecret(t *testing.T) {
	f, err := facts.Pack(marshal(t, contentpack.Config{
		TLS: contentpack.TLS{Enable: true, CertFile: "x", KeyFile: "x"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range f {
		if strings.Contains(name, "password") {
			t.Errorf("%s is %s", name, value)
		}
	}
}
