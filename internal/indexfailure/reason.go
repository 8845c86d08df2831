package indexfailure

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A reason is the parsed message of a failure. Elasticsearch and OpenSearch use
// the same words in all versions that Graylog supports. Only the JSON or the text
// around them differs.
type reason struct {
	Field     string // name of the field, "" if unknown
	indexType string // type of the field in the index
	sentType  string // type of the field in the record
	text      string // what happened, "" for a conflict of types
	fix       string // what to do about it
}

var (
	parsePattern    = regexp.MustCompile(`failed to parse field \[([^\]]+)\] of type \[([^\]]+)\]`)
	oldParsePattern = regexp.MustCompile(`failed to parse \[([^\]]+)\]`)
	previewPattern  = regexp.MustCompile(`(?s)Preview of field's value: '(.*?)'(?:"[,}]|\]|$)`)
	inputPattern    = regexp.MustCompile(`(?s)For input string: \\*"(.*?)\\*"`)
	immensePattern  = regexp.MustCompile(`immense term in field=\\*"([^"\\]+)\\*"`)
	limitPattern    = regexp.MustCompile(`Limit of total fields \[(\d+)\]`)
	metadataPattern = regexp.MustCompile(`Field \[([^\]]+)\] is a metadata field`)
	objectPattern   = regexp.MustCompile(`tried to parse field \[([^\]]+)\] as object, but found a concrete value`)
	mapperPattern   = regexp.MustCompile(`mapper \[([^\]]+)\] ` +
		`(?:cannot be changed from type|of different type, current_type) \[([^\]]+)\](?: to|, merged_type) \[([^\]]+)\]`)
	documentPattern = regexp.MustCompile(`document with id '([0-9a-fA-F-]{36})'`)
	reasonPattern   = regexp.MustCompile(`"?reason"?[:=] ?"?([^"\]]+)`)
)

const (
	fixType = "Rename the field in one of the programs, or send the same type everywhere. " +
		"If the index has the wrong type, rotate it: System, Indices, Maintenance."
	fixLength = "Shorten the text, or send it as full_message."
	fixLimit  = "Use fewer field names, and put variable parts into values. " +
		"To start again, rotate the index: System, Indices, Maintenance."
	fixName   = "Rename the field: the index reserves this name."
	fixOther  = "See System, Overview, Indexer failures."
	fixNumber = "Send numbers in the range of the index, or send the number as text in another field."
)

// parse parses a message. The result never contains a value of a record.
func parse(message string) reason {
	if m := metadataPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], text: "the index reserves the name", fix: fixName}
	}
	if m := parsePattern.FindStringSubmatch(message); m != nil {
		r := reason{Field: m[1], indexType: describe(m[2]), sentType: sentType(m[2], message), fix: fixType}
		if r.sentType == outOfRange {
			r.fix = fixNumber
		}
		return r
	}
	if m := mapperPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], indexType: describe(m[2]), sentType: describe(m[3]), fix: fixType}
	}
	if m := objectPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], indexType: "an object", sentType: "a single value", fix: fixType}
	}
	if m := immensePattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], text: "the text is longer than 32766 bytes", fix: fixLength}
	}
	if m := limitPattern.FindStringSubmatch(message); m != nil {
		return reason{text: "the index has " + m[1] + " fields, which is its limit", fix: fixLimit}
	}
	if m := oldParsePattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], indexType: "another type", sentType: sentType("", message), fix: fixType}
	}
	text := "unknown"
	if m := reasonPattern.FindStringSubmatch(message); m != nil {
		text = m[1]
	}
	return reason{text: "the reason in the index: " + shorten(text), fix: fixOther}
}

func shorten(text string) string {
	const most = 150
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// describe returns a type of the index in common words.
func describe(typ string) string {
	switch typ {
	case "byte", "short", "integer", "long":
		return "an integer (" + typ + ")"
	case "half_float", "float", "double", "scaled_float":
		return "a number (" + typ + ")"
	case "text", "keyword":
		return "a text (" + typ + ")"
	case "date":
		return "a date"
	}
	return "of the type " + typ
}

const outOfRange = "a number out of its range"

var dateLike = regexp.MustCompile(`^\d{4}[-/]\d\d?[-/]\d\d?`)

// sentType returns the type of the value that the index refused for a field of
// type typ. The message contains at most the start of the value.
func sentType(typ, message string) string {
	m := previewPattern.FindStringSubmatch(message)
	if m == nil {
		m = inputPattern.FindStringSubmatch(message)
	}
	if m == nil {
		return "another type"
	}
	_, err := strconv.ParseFloat(m[1], 64)
	switch {
	case err == nil && strings.HasPrefix(describe(typ), "a number"),
		err == nil && strings.HasPrefix(describe(typ), "an integer"):
		return outOfRange
	case err == nil:
		return "a number"
	case dateLike.MatchString(m[1]) && typ == "date":
		return "a date in another form"
	case dateLike.MatchString(m[1]):
		return "a text that looks like a date"
	}
	return "a text"
}

// arrived returns when Graylog processed the record. The time is in the
// document's id if that is a UUID of version 1. The record's timestamp can be days
// older if the record comes from a spool.
func arrived(message string) (time.Time, bool) {
	m := documentPattern.FindStringSubmatch(message)
	if m == nil || m[1][14] != '1' {
		return time.Time{}, false
	}
	ticks, err := strconv.ParseInt(m[1][15:18]+m[1][9:13]+m[1][0:8], 16, 64)
	if err != nil {
		return time.Time{}, false
	}
	const untilUnix = 122192928000000000 // from 1582-10-15 to 1970-01-01, in units of 100 ns
	ticks -= untilUnix
	return time.Unix(ticks/1e7, ticks%1e7*100).UTC(), true
}
