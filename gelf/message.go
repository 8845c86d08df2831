package gelf

import (
	"fmt"
	"time"
)

// Limits of GELF, and of a Graylog server with default settings.
const (
	// MaxFrame is the length of the longest frame that a GELF TCP input accepts, in
	// bytes without the NUL (the input's max_message_size). A longer frame closes
	// the connection.
	MaxFrame = 2_097_152

	// MaxField is the length of the longest text of a field, in bytes of UTF-8. The
	// index rejects a message with a longer one (Lucene's MAX_TERM_LENGTH). Message
	// and full_message are analyzed texts without this limit.
	MaxField = 32_766

	// MaxDecompressed is the maximum size of a decompressed frame in bytes (the
	// input's decompress_size_limit). Graylog truncates a larger one.
	MaxDecompressed = 8_388_608

	// MaxChunks is the maximum number of chunks of a frame.
	MaxChunks = 128

	// ChunkTimeout is how long Graylog waits for the other chunks of a frame after
	// the first one (graylog-server: GelfChunkAggregator).
	ChunkTimeout = 5 * time.Second
)

// A Message is what Graylog stores of a frame. It uses Graylog's names: host is stored
// as source, and short_message as message.
type Message struct {
	// Message is the trimmed text of the record.
	Message string
	// FullMessage is a long text, such as a stack trace, or "".
	FullMessage string
	// Source is the sending host. If it is "", Graylog uses the address from which it
	// received the frame.
	Source string
	// Timestamp is in UTC and rounded to milliseconds. If it is zero, the frame has no
	// valid timestamp, and Graylog uses the time of arrival.
	Timestamp time.Time
	// Level is the syslog severity, or -1 if the frame has none.
	Level int
	// Fields contains all other fields by their stored names. The values are of type
	// string, int64 or float64.
	Fields map[string]any
}

// Field returns the value of a field by its stored name, including message, source,
// level, timestamp and full_message. The value is a string, int64 or float64, and a
// [time.Time] for timestamp. Field reports whether the message has the field.
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
		// A negative level is stored in Fields.
	}
	v, ok := m.Fields[name]
	return v, ok
}

// Text returns the value of a field as text, or "" if the message does not have the
// field.
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

// An Action describes what Graylog does with a field that it does not store as sent.
type Action string

const (
	// Dropped means that the field is not stored at all.
	ActionDropped Action = "dropped"
	// Renamed means that the value is stored under another name.
	ActionRenamed Action = "renamed"
	// Altered means that another value is stored.
	ActionAltered Action = "altered"
)

// A Finding describes a field that Graylog does not store as sent.
type Finding struct {
	// Field is the key in the frame, with its underscore.
	Field string `json:"field"`
	// Action is what Graylog does with the field.
	Action Action `json:"action"`
	// Reason is a text for users.
	Reason string `json:"reason"`
}

// String returns the finding as one line of text.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s: %s", f.Field, f.Action, f.Reason)
}
