// Package index turns records into blocks of columns, words and texts, in which a
// search finds records without reading them. It knows neither the store nor the
// query language.
package index

import "slices"

// A Row is a record in the form in which the store keeps it.
type Row struct {
	Received, Timestamp  int64 // milliseconds since 1970
	Level                int
	Streams              StreamSet
	Source, Logger       string
	Message, FullMessage string
	Fields, Findings     string // JSON, "" if there are none
	RemoteIP             string
	RemotePort           int
	Input                string
}

// RowOverhead is an estimate of the size of a row without its texts, in bytes.
const RowOverhead = 256

// Size estimates the memory that the row takes, in bytes.
func (r Row) Size() int {
	return RowOverhead + len(r.Source) + len(r.Logger) + len(r.Message) + len(r.FullMessage) + len(r.Fields) +
		len(r.Findings)
}

// Field returns a field of the row by its name in Graylog, except message,
// full_message and timestamp.
func (r *Row) Field(name string) (Value, bool) {
	switch name {
	case "source":
		return NewText(r.Source), r.Source != ""
	case "level":
		if r.Level >= 0 {
			return NewInteger(int64(r.Level)), true
		}
	case "gl2_remote_ip":
		return NewText(r.RemoteIP), r.RemoteIP != ""
	case "gl2_remote_port":
		return NewInteger(int64(r.RemotePort)), r.RemotePort != 0
	case "gl2_source_input":
		return NewText(r.Input), r.Input != ""
	case "logger":
		return NewText(r.Logger), r.Logger != ""
	case StreamsColumn:
		return NewInteger(int64(r.Streams)), true
	}
	return findField(r.Fields, name)
}

// EachField calls f with all fields of the row except message, full_message and
// timestamp, until f returns false.
func (r *Row) EachField(f func(name string, v Value) bool) {
	for _, name := range rowColumns {
		if v, ok := r.Field(name); ok && !f(name, v) {
			return
		}
	}
	EachJSONField(r.Fields, func(name string, v Value) bool {
		return slices.Contains(rowColumns[:], name) || f(name, v)
	})
}

// rowColumns are the fields that are not part of Row.Fields.
var rowColumns = [...]string{"source", "level", "gl2_remote_ip", "gl2_remote_port", "gl2_source_input", "logger",
	StreamsColumn}

// StreamsColumn is the column with the streams of a record as bits. No field that
// arrives can have this name, because GELF forbids the space.
const StreamsColumn = " streams"

// A StreamSet has a bit for each stream of a record: the roles in their order, and
// then the default stream. A record can be in several streams, because a stream's rule
// looks for its prefix anywhere in the logger's name.
type StreamSet uint32

// Has reports whether the set contains the i-th stream.
func (s StreamSet) Has(i int) bool { return s&(1<<i) != 0 }

// Text returns the message or the full message of the row.
func (r *Row) Text(kind byte) string {
	if kind == TextMessage {
		return r.Message
	}
	return r.FullMessage
}
