// Package record converts records between their forms: a GELF message as it
// arrives, a row of the store, and a record of the REST API. It knows the streams
// and inputs of the content pack.
package record

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/gelf"
)

// A Record is a stored record. Its fields have their names in Graylog.
type Record struct {
	ID       int64     `json:"id"` // increases in the order of arrival
	Received time.Time `json:"received"`

	Timestamp   time.Time `json:"timestamp"` // set by the sender; Received if the sender set none
	Source      string    `json:"source"`    // the sender's host; its IP address if the sender set none
	Message     string    `json:"message"`
	FullMessage string    `json:"full_message,omitempty"`
	Level       int       `json:"level"` // syslog severity, -1 if the sender set none
	Logger      string    `json:"logger,omitempty"`
	Streams     []string  `json:"streams"` // titles

	// Fields are all other fields, including logger. A value is a string, an int64 or
	// a float64.
	Fields map[string]any `json:"fields"`
	// Findings describe what Graylog would not have stored as sent.
	Findings []gelf.Finding `json:"findings,omitempty"`

	RemoteIP   string `json:"gl2_remote_ip"`
	RemotePort int    `json:"gl2_remote_port"`
	Input      string `json:"gl2_source_input"` // title
}

// LevelName returns the name of the record's severity as the handlers send it, and ""
// if the record has no level.
func (r Record) LevelName() string { return index.LevelName(r.Level) }
