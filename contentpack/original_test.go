package contentpack

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/golden"
)

// A difference is one from the original's pack, with the reason for it. Where,
// Have and Want are regular expressions for what differences returns; the other
// texts are for docs/GRAYLOG.md.
type difference struct {
	Where, Have, Want            string
	What, Original, Ours, Reason string
}

// ourDifferences are all there are. The first that fits counts.
var ourDifferences = []difference{
	{`pack: rev`, `1`, `2`,
		"revision", "1", "2", "it is an update of that pack, under the same id"},
	{`pack: description`, ``, `Made by synlogger contentpack\. Content [0-9a-f]{16}\.`,
		"description", "none", "names the content", "tells packs of other options apart, and ours from others"},
	{`(input [^T].*|input TTP.*|stream .*|dashboard .*): constraint server-version`, `>=4\.0\.1\+6a0cc0b`, `>=4\.0\.0`,
		"oldest server", "4.0.1", "4.0.0", "nothing in it needs 4.0.1"},
	{`input Test Logs: .*`, `.+`, ``,
		"input Test Logs", "at port 12201", "left out, unless asked for", "no stream picks up what comes to it"},
	{`widget Disk Rate: .*`, ``, `.+`,
		"Disk Rate", "none", "`avg(disk_read_rate)`, `avg(disk_write_rate)`", "bytes per second, which the counters do not show"},
	{`widget Network Rate: .*`, ``, `.+`,
		"Network Rate", "none", "`avg(net_external_sent_rate)`, `avg(net_external_recv_rate)`", "the same"},
	{`widget Network Sent/Received (Packets|Bytes): .*`, `.*net_(packets|bytes)_(recv|sent)\)?`, `.*net_external_(packets|bytes)_(recv|sent)\)?`,
		"Network Sent/Received Packets and Bytes", "`net_packets_…`, `net_bytes_…`", "`net_external_packets_…`, `net_external_bytes_…`",
		"the fields of the original count the loopback, which has what a host sends to itself"},
	{`widget Network (Packets|Bytes) with Loopback: .*`, ``, `.+`,
		"Network Packets and Bytes with Loopback", "none", "the original's two charts, further down", "hosts with the Python package have no fields without the loopback"},
	{`widget .*: (search (pivot|messages) )?query`, ``, `logger:[A-Z]{3}_\*`,
		"query of each widget", "none", "`logger:TTP_*` and the like", "an upload may take the stream from a search (since 4.3), which then finds all records"},
	{`widget .*: (config|search pivot) rollup`, `true`, `false`,
		"roll-up of charts that are split by logger", "on", "off", "it is drawn as one more series, and doubles each stack"},
	{`widget (.*Memory.*): (config series 1 function|search pivot series 1 type)`, `sum.*`, `avg.*`,
		"memory charts", "`sum(memory_…)`", "`avg(memory_…)`", "a sum grows with the number of records"},
	{`widget Disk Read/Write Count: .*`, `.*disk_write_count\)?`, `.*disk_write_counter\)?`,
		"Disk Read/Write Count", "`max(disk_write_count)`", "`max(disk_write_counter)`", "no one sends a field of the first name"},
	{`widget .* Message Table: config fields`, `.*`, `timestamp, source, logger, level_name, gl2_remote_ip, gl2_remote_port`,
		"message tables", "time, source, sender", "`logger` and `level_name`, too", "they say who logged, and how urgent it is"},
	{`widget .* Message Table: search messages sort 1 (field|order)`, ``, `timestamp|DESC`,
		"search of the message tables", "no order", "newest first", "the order is not left to the server"},
	{`widget CPU: title`, ``, `CPU`,
		"title of the CPU chart", "none", "CPU", "Graylog shows a chart without one as untitled"},
}

// TestOriginal holds our pack against the original's. Ids are no facts.
func TestOriginal(t *testing.T) {
	raw, err := os.ReadFile("testdata/original.json")
	if err != nil {
		t.Fatal(err)
	}
	have, err := packFacts(raw)
	if err != nil {
		t.Fatal(err)
	}
	want, err := packFacts(packJSONOf(t, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(have) < 600 || len(want) < 600 {
		t.Fatalf("%d and %d facts are too few", len(have), len(want))
	}
	used := make([]int, len(ourDifferences))
	for _, d := range differences(have, want) {
		fits := slices.IndexFunc(ourDifferences, func(row difference) bool {
			return whole(row.Where, d.Where) && whole(row.Have, d.Have) && whole(row.Want, d.Want)
		})
		if fits < 0 {
			t.Errorf("%s: the original has %q, ours %q, and no row says why", d.Where, d.Have, d.Want)
			continue
		}
		used[fits]++
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("nothing differs as the row %q says", ourDifferences[i].What)
		}
	}
}

// TestFactsSeeEachChange holds that packs which differ in one thing differ
// in one fact, so that TestOriginal overlooks none.
func TestFactsSeeEachChange(t *testing.T) {
	text := string(packJSONOf(t, Options{}))
	want, err := packFacts([]byte(text))
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
			t.Errorf("there is no %s", change[0])
		}
		have, err := packFacts([]byte(strings.Replace(text, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if len(differences(have, want)) == 0 {
			t.Errorf("%s for %s makes no difference", change[1], change[0])
		}
	}
}

func whole(pattern, text string) bool {
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(text)
}

// TestDocumentedDifferences holds the list in docs/GRAYLOG.md against the one
// above.
func TestDocumentedDifferences(t *testing.T) {
	var table strings.Builder
	table.WriteString("| what | in the original | in ours | why |\n|---|---|---|---|\n")
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
