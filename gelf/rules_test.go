package gelf

import (
	"math"
	"slices"
)

// Findings of several rules.
const (
	trimmed = "altered: white space around the text is removed"
	blank   = "dropped: a blank text is not stored"
	badKey  = "dropped: a key may contain only ASCII letters, digits and _ . - @"
	arrival = "Graylog uses the time of arrival"
)

// A rule is a frame and what Graylog stores of it, measured on Graylog 7.0.1. In the
// frame and the error, "$n" is replaced by n letters.
type rule struct {
	name     string
	frame    string
	want     Message
	findings string // one per line
	err      string // a part of the error, or "" if the frame is stored
}

var rules = slices.Concat(messageRules, nameRules, valueRules)

// messageRules covers host, text and timestamp.
var messageRules = []rule{
	// Valid names and values.
	{
		name:  "the smallest",
		frame: `{"host":"h","short_message":"m"}`,
		want:  m("m", "h", -1),
	},
	{
		name:  "version is not stored",
		frame: with(`"version":"1.1"`),
		want:  m("m", "h", -1),
	},
	{
		name:  "version as a field is",
		frame: with(`"_version":"2"`),
		want:  m("m", "h", -1, "version", "2"),
	},
	{
		name:  "one underscore is removed",
		frame: with(`"_a":"x","__b":"y","c":"z"`),
		want:  m("m", "h", -1, "a", "x", "_b", "y", "c", "z"),
	},
	{
		name:  "a single underscore stays",
		frame: with(`"_":"x"`),
		want:  m("m", "h", -1, "_", "x"),
	},
	{
		name:  "integers and floats",
		frame: with(`"_i":1,"_f":1.0,"_e":1e3,"_z":-0`),
		want:  m("m", "h", -1, "i", int64(1), "f", 1.0, "e", 1000.0, "z", int64(0)),
	},
	{
		name:  "a negative zero",
		frame: with(`"_z":-0.0`),
		want:  m("m", "h", -1, "z", math.Copysign(0, -1)),
	},
	{
		name:  "ordinary names",
		frame: with(`"_type":"a","_index":"b","_ttl":"c","_id":"d","_streams_":"e"`),
		want:  m("m", "h", -1, "type", "a", "index", "b", "ttl", "c", "id", "d", "streams_", "e"),
	},

	// Host and text.
	{
		name:  "no host",
		frame: `{"short_message":"m"}`,
		want:  m("m", "", -1),
	},
	{
		name:  "a source without a host",
		frame: `{"short_message":"m","_source":"s"}`,
		want:  m("m", "s", -1),
	},
	{
		name:  "a number as source",
		frame: `{"short_message":"m","_source":5}`,
		err:   "sets source to a number",
	},
	{
		name:     "host is trimmed",
		frame:    `{"host":" h ","short_message":"m"}`,
		want:     m("m", "h", -1),
		findings: "host " + trimmed,
	},
	{
		name:  "host is blank",
		frame: `{"host":" ","short_message":"m"}`,
		err:   "host is blank",
	},
	{
		name:  "host is an ideographic space",
		frame: `{"host":"　","short_message":"m"}`,
		err:   "host is blank",
	},
	{
		name:     "host is a control character",
		frame:    `{"host":"\u0001","short_message":"m"}`,
		want:     m("m", "", -1),
		findings: "host " + trimmed,
	},
	{
		name:  "host is a number",
		frame: `{"host":5,"short_message":"m"}`,
		err:   "host must be a string, not a number",
	},
	{
		name:  "host is null",
		frame: `{"host":null,"short_message":"m"}`,
		err:   "host must be a string, not null",
	},
	{
		name:  "host has the limit's length",
		frame: `{"host":"$32766","short_message":"m"}`,
		want:  m("m", long("$32766"), -1),
	},
	{
		name:  "host is too long",
		frame: `{"host":"$32767","short_message":"m"}`,
		err:   `"host" has 32767 bytes`,
	},
	{
		name:  "no text",
		frame: `{"host":"h"}`,
		err:   "neither short_message nor message",
	},
	{
		name:  "_message is not a text",
		frame: `{"host":"h","_message":"m"}`,
		err:   "neither short_message nor message",
	},
	{
		name:  "message without short_message",
		frame: `{"host":"h","message":"m"}`,
		want:  m("m", "h", -1),
	},
	{
		name:     "_message before message",
		frame:    `{"host":"h","_message":"u","message":"m"}`,
		want:     m("u", "h", -1),
		findings: "message dropped: the message has message already",
	},
	{
		name:     "_message after message",
		frame:    `{"host":"h","message":"m","_message":"u"}`,
		want:     m("m", "h", -1),
		findings: "_message dropped: the message has message already",
	},
	{
		name:  "a number before message",
		frame: `{"host":"h","_message":5,"message":"m"}`,
		err:   "sets message to a number",
	},
	{
		name:     "message and short_message",
		frame:    with(`"message":"x"`),
		want:     m("m", "h", -1),
		findings: "message dropped: the message has message already",
	},
	{
		name:     "a text that is trimmed",
		frame:    `{"host":"h","short_message":" a b\n"}`,
		want:     m("a b", "h", -1),
		findings: "short_message " + trimmed,
	},
	{
		name:  "an ideographic space is not trimmed",
		frame: `{"host":"h","short_message":"　x　"}`,
		want:  m("　x　", "h", -1),
	},
	{
		name:  "a text of blanks",
		frame: `{"host":"h","short_message":" "}`,
		err:   "short_message is blank",
	},
	{
		name:  "a text of ideographic spaces",
		frame: `{"host":"h","short_message":"　"}`,
		err:   "short_message is blank",
	},
	{
		name:     "a text of ideographic spaces, and message",
		frame:    `{"host":"h","short_message":"　","message":"x"}`,
		want:     m("　", "h", -1),
		findings: "message dropped: the message has message already",
	},
	{
		name:  "a text of blanks, and message",
		frame: `{"host":"h","short_message":" ","message":"x"}`,
		err:   "short_message is blank",
	},
	{
		name:  "a text of non-breaking spaces",
		frame: `{"host":"h","short_message":"\u00a0"}`,
		want:  m("\u00a0", "h", -1),
	},
	{
		name:  "a text of control characters",
		frame: `{"host":"h","short_message":"\u0001"}`,
		err:   "short_message is blank",
	},
	{
		name:  "a number as text",
		frame: `{"host":"h","short_message":5}`,
		err:   "short_message must be a string, not a number",
	},
	{
		name:  "null as text",
		frame: `{"host":"h","short_message":null,"message":"m"}`,
		err:   "short_message must be a string, not null",
	},
	{
		name:  "an array as text",
		frame: `{"host":"h","message":[]}`,
		err:   "message must be a string, not an array",
	},
	{
		name:  "a text has no limit",
		frame: `{"host":"h","short_message":"$40000"}`,
		want:  m(long("$40000"), "h", -1),
	},

	// Timestamps.
	{
		name:  "milliseconds",
		frame: with(`"timestamp":1700000000.123456`),
		want:  m("m", "h", -1, "timestamp", "2023-11-14 22:13:20.123"),
	},
	{
		name:  "rounded up",
		frame: with(`"timestamp":1699999999.9995`),
		want:  m("m", "h", -1, "timestamp", "2023-11-14 22:13:20.000"),
	},
	{
		name:  "as text",
		frame: with(`"timestamp":" 1.7e9 "`),
		want:  m("m", "h", -1, "timestamp", "2023-11-14 22:13:20.000"),
	},
	{
		name:  "in the format of Java",
		frame: with(`"timestamp":"1700000000d"`),
		want:  m("m", "h", -1, "timestamp", "2023-11-14 22:13:20.000"),
	},
	{
		name:  "NaN as text",
		frame: with(`"timestamp":"NaN"`),
		want:  m("m", "h", -1, "timestamp", "1970-01-01 00:00:00.000"),
	},
	{
		name:     "zero",
		frame:    with(`"timestamp":0`),
		want:     m("m", "h", -1),
		findings: "timestamp dropped: not above zero; " + arrival,
	},
	{
		name:     "negative",
		frame:    with(`"timestamp":-5`),
		want:     m("m", "h", -1),
		findings: "timestamp dropped: not above zero; " + arrival,
	},
	{
		name:     "not a number",
		frame:    with(`"timestamp":"1_0"`),
		want:     m("m", "h", -1),
		findings: "timestamp dropped: not a number; " + arrival,
	},
	{
		name:     "not a time",
		frame:    with(`"timestamp":true`),
		want:     m("m", "h", -1),
		findings: "timestamp dropped: boolean is not a time; " + arrival,
	},
	{
		name:  "the last year",
		frame: with(`"timestamp":253402300799.999`),
		want:  m("m", "h", -1, "timestamp", "9999-12-31 23:59:59.999"),
	},
	{
		name:  "a year of five digits",
		frame: with(`"timestamp":253402300800`),
		err:   "timestamp is in the year 10000",
	},
	{
		name:  "milliseconds for seconds",
		frame: with(`"timestamp":1700000000123`),
		err:   "timestamp is in the year 55840",
	},
	{
		name:  "an infinite time",
		frame: with(`"timestamp":1e400`),
		err:   "timestamp is in the year 292278994",
	},
	{
		name:     "_timestamp",
		frame:    with(`"_timestamp":5`),
		want:     m("m", "h", -1),
		findings: "_timestamp dropped: the message has timestamp already",
	},
}
