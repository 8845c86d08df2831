package collector

import (
	"slices"
)

// A row is a record as the store takes it.
type row struct {
	received, timestamp  int64 // milliseconds since 1970
	level                int
	streams              streamSet
	source, logger       string
	message, fullMessage string
	fields, findings     string // JSON, "" for none
	remoteIP             string
	remotePort           int
	input                string
}

// rowOverhead stands for what a row costs beside its texts.
const rowOverhead = 256

func (r row) size() int {
	return rowOverhead + len(r.source) + len(r.logger) + len(r.message) + len(r.fullMessage) + len(r.fields) + len(r.findings)
}

// field returns a field of the row by the name that Graylog gives it; message,
// full_message and timestamp are not among them.
func (r *row) field(name string) (value, bool) {
	switch name {
	case "source":
		return textValue(r.source), r.source != ""
	case "level":
		if r.level >= 0 {
			return intValue(int64(r.level)), true
		}
	case "gl2_remote_ip":
		return textValue(r.remoteIP), r.remoteIP != ""
	case "gl2_remote_port":
		return intValue(int64(r.remotePort)), r.remotePort != 0
	case "gl2_source_input":
		return textValue(r.input), r.input != ""
	case "logger":
		return textValue(r.logger), r.logger != ""
	case streamsColumn:
		return intValue(int64(r.streams)), true
	}
	return findField(r.fields, name)
}

// eachValue calls f with all fields of the row but message, full_message and
// timestamp, until f returns false.
func (r *row) eachValue(f func(name string, v value) bool) {
	for _, name := range rowColumns {
		if v, ok := r.field(name); ok && !f(name, v) {
			return
		}
	}
	eachField(r.fields, func(name string, v value) bool {
		return slices.Contains(rowColumns[:], name) || f(name, v)
	})
}

// rowColumns are the fields that a row has beside its JSON.
var rowColumns = [...]string{"source", "level", "gl2_remote_ip", "gl2_remote_port", "gl2_source_input", "logger", streamsColumn}

// streamsColumn holds the set of a record's streams as bits. Nothing that
// arrives can have this name, which has no place in GELF.
const streamsColumn = " streams"

// A streamSet has a bit for each stream that a record is in: the roles in
// their order, and behind them the default stream. A record can be in several,
// as a rule looks for its prefix anywhere in the logger's name.
type streamSet uint32

// has reports whether the set holds the i-th of streams.
func (s streamSet) has(i int) bool { return s&(1<<i) != 0 }
