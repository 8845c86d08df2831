package record

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/gelf"
)

// A Record is one stored record, under the names that Graylog gives its
// fields.
type Record struct {
	ID       int64     `json:"id"` // grows in the order of arrival
	Received time.Time `json:"received"`

	Timestamp   time.Time `json:"timestamp"` // the sender's, or Received if it sent none
	Source      string    `json:"source"`    // the sender's host, or its IP address
	Message     string    `json:"message"`
	FullMessage string    `json:"full_message,omitempty"`
	Level       int       `json:"level"` // syslog severity, -1 if the sender gave none
	Logger      string    `json:"logger,omitempty"`
	Streams     []string  `json:"streams"` // titles

	// Fields are all further fields, logger included. A value is a string, an
	// int64 or a float64.
	Fields map[string]any `json:"fields"`
	// Findings say what Graylog would not have stored as sent.
	Findings []gelf.Finding `json:"findings,omitempty"`

	RemoteIP   string `json:"gl2_remote_ip"`
	RemotePort int    `json:"gl2_remote_port"`
	Input      string `json:"gl2_source_input"` // title
}

// LevelName returns the name of the record's severity as the handlers write
// it, "" if the record has no level.
func (r Record) LevelName() string { return index.LevelName(r.Level) }
