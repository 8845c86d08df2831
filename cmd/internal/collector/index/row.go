package index

import (
	"slices"
)

// A row is a record as the store takes it.
type Row struct {
	Received, Timestamp  int64 // milliseconds since 1970
	Level                int
	Streams              StreamSet
	Source, Logger       string
	Message, FullMessage string
	Fields, Findings     string // JSON, "" for none
	RemoteIP             string
	RemotePort           int
	Input                string
}

// rowOverhead stands for what a row costs beside its texts.
const RowOverhead = 256

func (r Row) Size() int {
	return RowOverhead + len(r.Source) + len(r.Logger) + len(r.Message) + len(r.FullMessage) + len(r.Fields) + len(r.Findings)
}

// field returns a field of the row by the name that Graylog gives it; message,
// full_message and timestamp are not among them.
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

// eachValue calls f with all fields of the row but message, full_message and
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

// rowColumns are the fields that a row has beside its JSON.
var rowColumns = [...]string{"source", "level", "gl2_remote_ip", "gl2_remote_port", "gl2_source_input", "logger", StreamsColumn}

// streamsColumn holds the set of a record's streams as bits. Nothing that
// arrives can have this name, which has no place in GELF.
const StreamsColumn = " streams"

// A streamSet has a bit for each stream that a record is in: the roles in
// their order, and behind them the default stream. A record can be in several,
// as a rule looks for its prefix anywhere in the logger's name.
type StreamSet uint32

// has reports whether the set holds the i-th of streams.
func (s StreamSet) Has(i int) bool { return s&(1<<i) != 0 }

// Text returns the message of a row, or its full message.
func (r *Row) Text(kind byte) string {
	if kind == TextMessage {
		return r.Message
	}
	return r.FullMessage
}
