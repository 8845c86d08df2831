package gelf

import (
	"fmt"
	"time"
)

// Limits of a Graylog server with its default settings, and of GELF.
const (
	// MaxFrame is the longest frame in bytes, without its NUL, that a GELF TCP
	// input takes (the input's max_message_size). A longer one closes the
	// connection.
	MaxFrame = 2_097_152

	// MaxField is the longest text of a field in bytes of UTF-8. It is the
	// longest term of the index (Lucene's MAX_TERM_LENGTH); a longer one makes
	// the index refuse the whole message. Message and full_message are analyzed
	// texts without such a limit.
	MaxField = 32_766

	// MaxDecompressed is the most that a compressed frame may hold, in bytes
	// (the input's decompress_size_limit). What is behind it is cut off.
	MaxDecompressed = 8_388_608

	// MaxChunks is the most datagrams that one frame may be cut into.
	MaxChunks = 128

	// ChunkTimeout is how long Graylog waits for the last chunk of a frame
	// after its first one (graylog-server: GelfChunkAggregator).
	ChunkTimeout = 5 * time.Second
)

// A Message is what Graylog stores of one frame, under Graylog's own names:
// host becomes source, short_message becomes message.
type Message struct {
	// Message is the record's text, trimmed.
	Message string
	// FullMessage is the long text, such as a stack trace; "" if there is none.
	FullMessage string
	// Source is the sending host; "" if the frame has none, and then Graylog
	// takes the address the frame came from.
	Source string
	// Timestamp has milliseconds, all that Graylog keeps, and is in UTC. It is
	// zero if the frame has none that counts: Graylog then takes the time of
	// arrival.
	Timestamp time.Time
	// Level is the syslog severity, -1 if the frame has none.
	Level int
	// Fields are all other fields, by the name they are stored under. A value
	// is a string, an int64 or a float64.
	Fields map[string]any
}

// Field returns the value of a stored field by its name, be it one of
// Message's own or one of its Fields: a string, an int64, a float64 or, for
// timestamp, a [time.Time]. It reports whether the message has it.
func (m Message) Field(name string) (any, bool) {
	switch name {
	case "message":
		return m.Message, true
	case "full_message":
		return m.FullMessage, m.FullMessage != ""
	case "source":
		return m.Source, m.Source != ""
	case "timestamp":
		return m.Timestamp, !m.Timestamp.IsZero()
	case "level":
		if m.Level >= 0 {
			return int64(m.Level), true
		}
		// A negative level is stored, but as an ordinary field.
	}
	v, ok := m.Fields[name]
	return v, ok
}

// Text returns the value of a field as text, "" if the message has none.
func (m Message) Text(name string) string {
	v, ok := m.Field(name)
	if !ok {
		return ""
	}
	if t, ok := v.(time.Time); ok {
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	return fmt.Sprint(v)
}

// An Action is what Graylog does to a field that it does not store as sent.
type Action string

const (
	// Dropped means that the field is not stored at all.
	Dropped Action = "dropped"
	// Renamed means that the value is stored under another name.
	Renamed Action = "renamed"
	// Altered means that another value than the one sent is stored.
	Altered Action = "altered"
)

// A Finding tells of one thing in a frame that Graylog does not store as sent.
type Finding struct {
	// Field is the key as it stands in the frame, with its underscore.
	Field string `json:"field"`
	// Action is what becomes of it.
	Action Action `json:"action"`
	// Reason says why, in a sentence fit to be shown.
	Reason string `json:"reason"`
}

// String returns the finding as one line of text.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s: %s", f.Field, f.Action, f.Reason)
}
