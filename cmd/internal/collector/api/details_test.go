package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// The details of a record are its fields as in Graylog's index, and the nearest
// records by timestamp, whatever the order of arrival.
func TestDetails(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	at := func(second int, source, logger, more string) string {
		return fmt.Sprintf(
			`{"version":"1.1","host":%q,"short_message":"at %d","timestamp":%d.25,"_logger":%q%s}`,
			source,
			second,
			1767323000+second,
			logger,
			more,
		)
	}
	collectortest.Send(
		t,
		c,
		"TTP Logs",
		at(5, "h1", "TTP_a", `,"level":4,"full_message":"größe","_n":9007199254740993,"_x":2.0,"_s":"größer"`), // 1
		at(7, "h2", "TTP_a", ""), // 2
		at(6, "h1", "TTP_b", `,"_note":"x"`),
		at(1, "h1", "TTP_a", ""), // 4
		at(2, "h2", "TTP_b", ""),
		at(5, "h1", "TTP_b", ""), // 6: same timestamp, but arrived later
		at(3, "h1", "", ""),
		at(4, "h2", "", ""), // 8
		fmt.Sprintf(
			`{"version":"1.1","host":"h1","short_message":%q,"timestamp":1767323009}`,
			strings.Repeat("ä", 400),
		),
	)
	collectortest.Await(t, c, search.Query{}, 9)
	ids := func(records []record.Record) (all []int64) {
		for _, r := range records {
			all = append(all, r.ID)
		}
		return all
	}
	for _, tt := range []struct {
		target        string
		before, after []int64
	}{
		{"1/details", []int64{4, 5, 7, 8}, []int64{6, 3, 2, 9}},
		{"1/details?near=2", []int64{7, 8}, []int64{6, 3}},
		{"1/details?near=0", nil, nil},
		{"1/details?among=source", []int64{4, 7}, []int64{6, 3, 9}},
		{"1/details?among=logger", []int64{4}, []int64{2}},
		{"7/details?among=logger", nil, []int64{8, 9}},
		{"6/details?near=1", []int64{1}, []int64{3}},
		{"9/details?near=50", []int64{4, 5, 7, 8, 1, 6, 3, 2}, nil},
	} {
		var d search.Details
		collectortest.GetJSON(t, c, "/api/records/"+tt.target, &d)
		if before, after := ids(d.Before), ids(d.After); !cmp.Equal(before, tt.before) || !cmp.Equal(after, tt.after) {
			t.Errorf("%s: %v before and %v after, want %v and %v", tt.target, before, after, tt.before, tt.after)
		}
	}
	var d, whole search.Details
	collectortest.GetJSON(t, c, "/api/records/1/details", &whole)
	if last := whole.After[3]; len([]rune(last.Message)) != 300 || len(last.Fields) != 0 ||
		whole.After[1].Fields["logger"] != "TTP_b" || len(whole.After[1].Fields) != 1 {
		t.Errorf("the records around are not brief: %+v", whole.After)
	}
	collectortest.GetJSON(t, c, "/api/records/1/details?cut=3", &d)
	want := []record.Field{
		{Name: "gl2_remote_ip", Value: "127", Type: "text", Cut: true},
		{Name: "gl2_remote_port", Value: fmt.Sprint(d.Record.RemotePort), Type: "int"},
		{Name: "gl2_source_input", Value: "TTP", Type: "text", Cut: true},
		{Name: "level", Value: "4", Type: "int"},
		{Name: "logger", Value: "TTP", Type: "text", Cut: true},
		{Name: "n", Value: "9007199254740993", Type: "int"},
		{Name: "s", Value: "grö", Type: "text", Cut: true},
		{Name: "source", Value: "h1", Type: "text"},
		{Name: "streams", Value: "TTP Stream", Type: "text"},
		{Name: "timestamp", Value: "2026-01-02T03:03:25.250Z", Type: "date"},
		{Name: "x", Value: "2", Type: "float"},
	}
	if diff := cmp.Diff(want, d.Fields); diff != "" || d.Record.Message != "at " || d.Record.FullMessage != "grö" {
		t.Errorf("%+v, fields (-want +got):\n%s", d.Record, diff)
	}
	for target, want := range map[string]int{
		"10/details":            404,
		"10/gelf":               404,
		"10":                    404,
		"0/details":             400,
		"1/details?near=51":     400,
		"1/details?among=level": 400,
		"1/details?cut=-1":      400,
		"1/gelf?cut=1":          400,
	} {
		if status, body := collectortest.Get(t, c, "/api/records/"+target); status != want {
			t.Errorf("%s: %d %s, want %d", target, status, body, want)
		}
	}
}

// The frame of /gelf makes an equal record if it is sent again.
func TestGELFRoundTrip(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	frames := []string{
		collectortest.Frame("TTP_a", "plain"),
		`{"short_message":"no host, time or level"}`,
		`{"version":"1.1","host":"h","short_message":"a \"b\"\\\n\u0001 größe 😀","full_message":"lines\n\tof\u0000it",
			"timestamp":1767323045.007,"level":0,"_logger":"WKR_x",
			"_big":9007199254740993,"_least":-9223372036854775808,"_whole":2.0,"_huge":1.5e38,"_tiny":-0.0,
			"_third":0.3333333333333333,"_text":"2","_id":7}`,
		`{"version":"1.1","host":"h","short_message":"old and odd names","level":-3,"file":"f.go","line":12,"facility":"user",
			"_version":"2","__a":1,"_":2,"_a.b":"c","_flag":true,"_list":[1,"x"],"_gone":null}`,
		`{"version":"1.1","host":"h","short_message":"before 1970","timestamp":-1.5}`,
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	for id := 1; id <= len(frames); id++ {
		status, body := collectortest.Get(t, c, fmt.Sprintf("/api/records/%d/gelf", id))
		if status != 200 || !json.Valid([]byte(body)) || !strings.HasPrefix(body, `{"version":"1.1","host":`) {
			t.Fatalf("record %d: %d %s", id, status, body)
		}
		collectortest.Send(t, c, "TTP Logs", body)
		collectortest.Await(t, c, search.Query{}, len(frames)+id)
		pair, err := c.Search(t.Context(), search.Query{After: int64(id) - 1, Oldest: true, Limit: len(frames) + 1})
		if err != nil || len(pair) != len(frames)+1 {
			t.Fatal(pair, err)
		}
		first, again := pair[0], pair[len(frames)]
		if len(again.Findings) > 0 {
			t.Errorf("%s: %v", body, again.Findings)
		}
		if diff := cmp.Diff(first, again,
			cmpopts.IgnoreFields(record.Record{}, "ID", "Received", "RemotePort", "Findings")); diff != "" {
			t.Errorf("%s (-first +again):\n%s", body, diff)
		}
	}
}
