package indexfailure

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestParse has messages of all servers that Graylog supports: Elasticsearch 5,
// 6 and 7, and OpenSearch.
func TestParse(t *testing.T) {
	nested := func(reason string) string {
		return `ElasticsearchException[Elasticsearch exception [type=mapper_parsing_exception, reason=` + reason +
			`]]; nested: ElasticsearchException[Elasticsearch exception [type=illegal_argument_exception, ` +
			`reason=For input string: "secret"]];`
	}
	const preview = ` in document with id 'x'. Preview of field's value: `
	for _, tc := range []struct {
		name    string
		message string
		want    reason
	}{
		{
			name: "text for a long",
			message: `{"type":"mapper_parsing_exception","reason":"failed to parse field [n] of type [long]` + preview +
				`'it's secret'","caused_by":{}}`,
			want: reason{Field: "n", indexType: "an integer (long)", sentType: "a text", fix: fixType},
		},
		{
			name:    "text for a float",
			message: nested("failed to parse field [n] of type [float]" + preview + "'secret'"),
			want:    reason{Field: "n", indexType: "a number (float)", sentType: "a text", fix: fixType},
		},
		{
			name:    "Elasticsearch 5",
			message: nested("failed to parse [n]"),
			want:    reason{Field: "n", indexType: "another type", sentType: "a text", fix: fixType},
		},
		{
			name: "value in the cause",
			message: `{"type":"mapper_parsing_exception","reason":"failed to parse field [n] of type [long]",` +
				`"caused_by":{"type":"illegal_argument_exception","reason":"For input string: \"secret\""}}`,
			want: reason{Field: "n", indexType: "an integer (long)", sentType: "a text", fix: fixType},
		},
		{
			name:    "date in another form",
			message: `failed to parse field [d] of type [date]` + preview + `'2026/01/02'"}`,
			want:    reason{Field: "d", indexType: "a date", sentType: "a date in another form", fix: fixType},
		},
		{
			name:    "number for a date",
			message: `failed to parse field [d] of type [date]` + preview + `'1.5'"}`,
			want:    reason{Field: "d", indexType: "a date", sentType: "a number", fix: fixType},
		},
		{
			name:    "mapper cannot be changed",
			message: `{"reason":"mapper [n] cannot be changed from type [long] to [text]"}`,
			want:    reason{Field: "n", indexType: "an integer (long)", sentType: "a text (text)", fix: fixType},
		},
		{
			name:    "mapper of different type",
			message: `{"reason":"mapper [n] of different type, current_type [ip], merged_type [keyword]"}`,
			want:    reason{Field: "n", indexType: "of the type ip", sentType: "a text (keyword)", fix: fixType},
		},
		{
			name: "object",
			message: `{"reason":"object mapping for [n] tried to parse field [n] as object, ` +
				`but found a concrete value"}`,
			want: reason{Field: "n", indexType: "an object", sentType: "a single value", fix: fixType},
		},
		{
			name: "limit of fields",
			message: `{"type":"illegal_argument_exception","reason":"Limit of total fields [1000] has been exceeded ` +
				`while adding new fields [1]"}`,
			want: reason{text: "the index has 1000 fields, which is its limit", fix: fixLimit},
		},
		{
			name: "disk full",
			message: `{"type":"cluster_block_exception","reason":"index [graylog_0] blocked by: ` +
				`[TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];"}`,
			want: reason{text: "the reason in the index: index [graylog_0", fix: fixOther},
		},
		{
			name: "empty",
			want: reason{text: "the reason in the index: unknown", fix: fixOther},
		},
	} {
		if got := parse(tc.message); got != tc.want {
			t.Errorf("%s: parse(%s) = %+v, want %+v", tc.name, tc.message, got, tc.want)
		}
		if text := fmt.Sprintf("%+v", parse(tc.message)); strings.Contains(text, "secret") {
			t.Errorf("%s: %s contains the value of the record", tc.name, text)
		}
	}
}

// TestGaps looks for the logger that lacks a record at second 10.
func TestGaps(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	doc := func(logger string, second, seq int) document {
		return document{logger, "host", at(second), json.Number(fmt.Sprint(seq))}
	}
	for name, tc := range map[string]struct {
		docs []document
		want []string
	}{
		"no records": {},
		"complete": {
			docs: []document{doc("a", 1, 1), doc("a", 9, 2), doc("a", 20, 3)},
		},
		"between": {
			docs: []document{doc("a", 20, 4), doc("a", 9, 2), doc("b", 8, 8), doc("b", 20, 9)},
			want: []string{"a"},
		},
		"first": {
			docs: []document{doc("a", 11, 2), doc("a", 20, 3)},
			want: []string{"a"},
		},
		"another time": {
			docs: []document{doc("a", 30, 1), doc("a", 40, 3)},
		},
		"begins later": {
			docs: []document{doc("a", 9, 70), doc("a", 20, 71)},
		},
		"restart": {
			docs: []document{doc("a", 9, 70), doc("a", 12, 1), doc("a", 20, 2)},
		},
		"after restart": {
			docs: []document{doc("a", 9, 70), doc("a", 12, 2), doc("a", 20, 3)},
			want: []string{"a"},
		},
		"no numbers": {
			docs: []document{{"a", "host", at(9), ""}, {"a", "host", at(11), ""}},
		},
	} {
		if got := gaps(tc.docs, at(10)); len(got)+len(tc.want) > 0 && !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: gaps() = %v, want %v", name, got, tc.want)
		}
	}
}
