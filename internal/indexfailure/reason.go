package indexfailure

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A reason is what the message of a failure says. Elasticsearch and OpenSearch
// word it alike in all versions that Graylog uses; only the JSON or the text
// around it differs.
type reason struct {
	Field string // "" if unknown
	Index string // kind of the field in the index
	Sent  string // kind of the field in the record
	Text  string // what happened, if it is not a conflict of kinds
	Fix   string // what to do about it
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
	mapperPattern   = regexp.MustCompile(
		`mapper \[([^\]]+)\] (?:cannot be changed from type|of different type, current_type) \[([^\]]+)\](?: to|, merged_type) \[([^\]]+)\]`)
	documentPattern = regexp.MustCompile(`document with id '([0-9a-fA-F-]{36})'`)
	reasonPattern   = regexp.MustCompile(`"?reason"?[:=] ?"?([^"\]]+)`)
)

const (
	fixKind = "Rename the field in one of the programs, or send one kind everywhere. " +
		"If the index has the wrong kind, rotate it: System, Indices, Maintenance."
	fixLength = "Shorten the text, or send it as full_message."
	fixLimit  = "Use fewer different field names, and put variable names into values. " +
		"Rotate the index to start again: System, Indices, Maintenance."
	fixName   = "Rename the field: the index reserves this name."
	fixOther  = "See System, Overview, Indexer failures."
	fixNumber = "Send numbers that the index can hold, or send this one as a text under another name."
)

// parse returns what a message says. It never returns a value of a record.
func parse(message string) reason {
	if m := metadataPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], Text: "the index reserves the name", Fix: fixName}
	}
	if m := parsePattern.FindStringSubmatch(message); m != nil {
		r := reason{Field: m[1], Index: kind(m[2]), Sent: sentKind(m[2], message), Fix: fixKind}
		if r.Sent == outOfRange {
			r.Fix = fixNumber
		}
		return r
	}
	if m := mapperPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], Index: kind(m[2]), Sent: kind(m[3]), Fix: fixKind}
	}
	if m := objectPattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], Index: "an object", Sent: "a single value", Fix: fixKind}
	}
	if m := immensePattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], Text: "the text is longer than 32766 bytes", Fix: fixLength}
	}
	if m := limitPattern.FindStringSubmatch(message); m != nil {
		return reason{Text: "the index has " + m[1] + " different fields, its limit, and takes no new one", Fix: fixLimit}
	}
	if m := oldParsePattern.FindStringSubmatch(message); m != nil {
		return reason{Field: m[1], Index: "another kind", Sent: sentKind("", message), Fix: fixKind}
	}
	text := "of an unknown kind"
	if m := reasonPattern.FindStringSubmatch(message); m != nil {
		text = m[1]
	}
	return reason{Text: "the index says: " + shorten(text), Fix: fixOther}
}

func shorten(text string) string {
	const most = 150
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// kind names a type of the index in the words of someone who logs.
func kind(typ string) string {
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

// sentKind returns the kind of the value that the index, where the field has
// this type, could not take. The message has its beginning, if anything of it.
func sentKind(typ, message string) string {
	m := previewPattern.FindStringSubmatch(message)
	if m == nil {
		m = inputPattern.FindStringSubmatch(message)
	}
	if m == nil {
		return "another kind"
	}
	_, err := strconv.ParseFloat(m[1], 64)
	switch {
	case err == nil && strings.HasPrefix(kind(typ), "a number"), err == nil && strings.HasPrefix(kind(typ), "an integer"):
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

// arrived returns when Graylog processed the record, which its document's id
// tells if it is a UUID of version 1. A record's own timestamp may be days
// older, for example if it comes from a spool.
func arrived(message string) (time.Time, bool) {
	m := documentPattern.FindStringSubmatch(message)
	if m == nil || m[1][14] != '1' {
		return time.Time{}, false
	}
	ticks, err := strconv.ParseInt(m[1][15:18]+m[1][9:13]+m[1][0:8], 16, 64)
	if err != nil {
		return time.Time{}, false
	}
	const untilUnix = 122192928000000000 // from 1582-10-15, in units of 100 ns
	ticks -= untilUnix
	return time.Unix(ticks/1e7, ticks%1e7*100).UTC(), true
}
