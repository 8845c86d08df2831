package indexfailure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestParse has the messages of the servers that Graylog uses: Elasticsearch 5,
// 6 and 7, and OpenSearch.
func TestParse(t *testing.T) {
	const nested = `ElasticsearchException[Elasticsearch exception [type=mapper_parsing_exception, reason=%s]]; nested: ElasticsearchException[` +
		`Elasticsearch exception [type=illegal_argument_exception, reason=For input string: "secret"]];`
	for _, tc := range []struct {
		message string
		want    reason
	}{
		{`{"type":"mapper_parsing_exception","reason":"failed to parse field [n] of type [long] in document with id 'x'. Preview of field's value: 'it's secret'","caused_by":{}}`,
			reason{Field: "n", Index: "an integer (long)", Sent: "a text", Fix: fixKind}},
		{fmt.Sprintf(nested, "failed to parse field [n] of type [float] in document with id 'x'. Preview of field's value: 'secret'"),
			reason{Field: "n", Index: "a number (float)", Sent: "a text", Fix: fixKind}},
		{fmt.Sprintf(nested, "failed to parse [n]"), reason{Field: "n", Index: "another kind", Sent: "a text", Fix: fixKind}},
		{`{"type":"mapper_parsing_exception","reason":"failed to parse field [n] of type [long]","caused_by":{"type":"illegal_argument_exception","reason":"For input string: \"secret\""}}`,
			reason{Field: "n", Index: "an integer (long)", Sent: "a text", Fix: fixKind}},
		{`failed to parse field [d] of type [date] in document with id 'x'. Preview of field's value: '2026/01/02'"}`,
			reason{Field: "d", Index: "a date", Sent: "a date in another form", Fix: fixKind}},
		{`failed to parse field [d] of type [date] in document with id 'x'. Preview of field's value: '1.5'"}`,
			reason{Field: "d", Index: "a date", Sent: "a number", Fix: fixKind}},
		{`{"reason":"mapper [n] cannot be changed from type [long] to [text]"}`, reason{Field: "n", Index: "an integer (long)", Sent: "a text (text)", Fix: fixKind}},
		{`{"reason":"mapper [n] of different type, current_type [ip], merged_type [keyword]"}`, reason{Field: "n", Index: "of the type ip", Sent: "a text (keyword)", Fix: fixKind}},
		{`{"reason":"object mapping for [n] tried to parse field [n] as object, but found a concrete value"}`, reason{Field: "n", Index: "an object", Sent: "a single value", Fix: fixKind}},
		{`{"type":"illegal_argument_exception","reason":"Limit of total fields [1000] has been exceeded while adding new fields [1]"}`,
			reason{Text: "the index has 1000 different fields, its limit, and takes no new one", Fix: fixLimit}},
		{`{"type":"cluster_block_exception","reason":"index [graylog_0] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];"}`,
			reason{Text: "the index says: index [graylog_0", Fix: fixOther}},
		{"", reason{Text: "the index says: of an unknown kind", Fix: fixOther}},
	} {
		if got := parse(tc.message); got != tc.want {
			t.Errorf("%s\nis %+v\nwant %+v", tc.message, got, tc.want)
		}
		if text := fmt.Sprintf("%+v", parse(tc.message)); strings.Contains(text, "secret") {
			t.Errorf("the value of a record is in %s", text)
		}
	}
}

// An answers is a server: what it answers at a path.
type answers map[string]func(query url.Values) string

func (a answers) get(_ context.Context, path string, query url.Values, into any) error {
	answer := a[path]
	if answer == nil {
		return errors.New("403 Forbidden")
	}
	return json.Unmarshal([]byte(answer(query)), into)
}

// since makes Read look back to a time.
func since(t *testing.T, at string) time.Duration {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return time.Since(when)
}

// TestRead replays what Graylog 7.0.1 said of ten refused records. One has a
// timestamp of the year 10001.
func TestRead(t *testing.T) {
	text, err := os.ReadFile("testdata/failures-7.0.1.json")
	if err != nil {
		t.Fatal(err)
	}
	server := answers{failuresPath: func(url.Values) string { return string(text) }}
	r, err := Read(t.Context(), server.get, since(t, "2026-11-27T11:00:00Z"))
	if err != nil || r.Total != 10 || r.Rest() != "" || len(r.Groups) != 9 {
		t.Fatalf("%+v, %v", r, err)
	}
	var lines []string
	for _, g := range r.Groups {
		lines = append(lines, g.Found())
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"2 refused, the last of 2026-11-27 11:12:34 UTC: the field unit_num is an integer (long) in the index graylog_0, and a text in the refused records; logger of the refused records: unknown",
		"the field unit_num is an integer (long) in the index graylog_0, and a text that looks like a date in",
		"the field unit_num is an integer (long) in the index graylog_0, and a number out of its range in",
		"the field unit_date is a date in the index graylog_0, and a text in",
		"the field unit_float is a number (float) in the index graylog_0, and a text in",
		"the field unit_huge is a number (float) in the index graylog_0, and a number out of its range in",
		"by the index graylog_0: field unit_big: the text is longer than 32766 bytes",
		"by the index graylog_0: field _version: the index reserves the name",
		"the field timestamp is a date in the index graylog_0",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("there is no %q in\n%s", want, all)
		}
	}
}

// TestReadByArrival holds that a record from a spool counts, although its own
// timestamp is old, and that one of the same timestamp from long ago does not.
func TestReadByArrival(t *testing.T) {
	const old = `{"total":1,"failures":[{"timestamp":"2020-01-01T00:00:00.000Z","message":"failed to parse field [n] of type [long] in document with id '%s'"}]}`
	for id, want := range map[string]int{
		"728b4130-ea53-11f1-ba36-02fc00000001": 1, // made at 11:12:35
		"728b4130-ea53-11e1-ba36-02fc00000001": 0, // years before
		"728b4130-ea53-41f1-ba36-02fc00000001": 0, // not of version 1
		"x":                                    0,
	} {
		server := answers{failuresPath: func(url.Values) string { return fmt.Sprintf(old, id) }}
		r, err := Read(t.Context(), server.get, since(t, "2026-11-27T11:00:00Z"))
		if err != nil || r.Total != want {
			t.Errorf("%s: %d records, want %d; %v", id, r.Total, want, err)
		}
	}
	if at, ok := arrived("document with id '728b4130-ea53-11f1-ba36-02fc00000001'"); !ok || at.Format("2006-01-02T15:04:05") != "2026-11-27T11:12:35" {
		t.Errorf("it arrived at %v, %v", at, ok)
	}
}

// TestReadPages has more refused records than are read.
func TestReadPages(t *testing.T) {
	const most = pageSize * maxPages
	pages := 0
	server := answers{
		failuresPath: func(query url.Values) string {
			if want := fmt.Sprint(pages * pageSize); query.Get("offset") != want || query.Get("limit") != fmt.Sprint(pageSize) {
				t.Errorf("page %d is asked for by %v", pages, query)
			}
			pages++
			one := fmt.Sprintf(`{"timestamp":%q,"message":"failed to parse field [n] of type [long]"},`, time.Now().UTC().Format(timeFormat))
			return `{"total":99999,"failures":[` + strings.TrimSuffix(strings.Repeat(one, pageSize), ",") + `]}`
		},
		failuresPath + "/count": func(url.Values) string { return fmt.Sprintf(`{"count":%d}`, most+7) },
	}
	r, err := Read(t.Context(), server.get, time.Hour)
	if err != nil || pages != maxPages || len(r.Groups) != 1 || r.Groups[0].Count != most || r.Rest() != fmt.Sprintf("7 more refused, of %d in all", most+7) {
		t.Errorf("%d pages, %v, %+v, %v", pages, r.Rest(), r, err)
	}
}

func TestReadFails(t *testing.T) {
	if _, err := Read(t.Context(), answers{}.get, time.Hour); err == nil {
		t.Error("a server that forbids it is said to have refused nothing")
	}
	server := answers{failuresPath: func(url.Values) string { return "{}" }}
	if _, err := Read(t.Context(), server.get, time.Hour); err == nil {
		t.Error("an answer without a list is said to be an empty one")
	}
}

// TestGaps finds whose record is missing at second 10.
func TestGaps(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	doc := func(logger string, second, seq int) document {
		return document{logger, "host", at(second), json.Number(fmt.Sprint(seq))}
	}
	for name, tc := range map[string]struct {
		docs []document
		want []string
	}{
		"none":          {nil, nil},
		"complete":      {[]document{doc("a", 1, 1), doc("a", 9, 2), doc("a", 20, 3)}, nil},
		"between":       {[]document{doc("a", 20, 4), doc("a", 9, 2), doc("b", 8, 8), doc("b", 20, 9)}, []string{"a"}},
		"first":         {[]document{doc("a", 11, 2), doc("a", 20, 3)}, []string{"a"}},
		"another time":  {[]document{doc("a", 30, 1), doc("a", 40, 3)}, nil},
		"begins later":  {[]document{doc("a", 9, 70), doc("a", 20, 71)}, nil},
		"restart":       {[]document{doc("a", 9, 70), doc("a", 12, 1), doc("a", 20, 2)}, nil},
		"after restart": {[]document{doc("a", 9, 70), doc("a", 12, 2), doc("a", 20, 3)}, []string{"a"}},
		"no numbers":    {[]document{{"a", "host", at(9), ""}, {"a", "host", at(11), ""}}, nil},
	} {
		if got := gaps(tc.docs, at(10)); len(got)+len(tc.want) > 0 && !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
