package collector

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

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
func (r Record) LevelName() string {
	switch {
	case r.Level < 0:
		return ""
	case r.Level < len(severities):
		return severities[r.Level]
	}
	return strconv.Itoa(r.Level)
}

// severities are the syslog severities of RFC 5424 by their number.
var severities = [...]string{"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"}

// severity returns the number of a severity given by number or name.
func severity(name string) (int, error) {
	upper := strings.ToUpper(name)
	if upper == "WARN" {
		upper = "WARNING"
	}
	if i := slices.Index(severities[:], upper); i >= 0 {
		return i, nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n <= 7 {
		return n, nil
	}
	return 0, errors.New("use a number from 0 to 7 or a name from emergency to debug")
}

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

// newRow makes a row of a decoded message.
func newRow(m gelf.Message, findings []gelf.Finding, received time.Time, ip string, port int, input string) row {
	r := row{
		received:    received.UnixMilli(),
		level:       m.Level,
		source:      m.Source,
		logger:      m.Text("logger"),
		message:     m.Message,
		fullMessage: m.FullMessage,
		remoteIP:    ip,
		remotePort:  port,
		input:       input,
	}
	r.timestamp = r.received
	if !m.Timestamp.IsZero() {
		r.timestamp = m.Timestamp.UnixMilli()
	}
	if r.source == "" {
		r.source = ip
	}
	r.streams = route(func(field string) string {
		if field == "logger" { // what the rules are about
			return r.logger
		}
		return m.Text(field)
	})
	if len(m.Fields) > 0 {
		r.fields = string(appendFields(make([]byte, 0, 64*len(m.Fields)), m.Fields))
	}
	if len(findings) > 0 {
		text, err := json.Marshal(findings) // three strings each: cannot fail
		if err == nil {
			r.findings = string(text)
		}
	}
	return r
}

// rowOverhead stands for what a row costs beside its texts.
const rowOverhead = 256

func (r row) size() int {
	return rowOverhead + len(r.source) + len(r.logger) + len(r.message) + len(r.fullMessage) + len(r.fields) + len(r.findings)
}

// appendFields appends fields as a JSON object in the order of their names. A
// float64 always has a point or an exponent, so that parseFields can tell it
// from an int64.
func appendFields(dst []byte, fields map[string]any) []byte {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, name)
		dst = append(dst, ':')
		switch v := fields[name].(type) {
		case string:
			dst = appendString(dst, v)
		case int64:
			dst = strconv.AppendInt(dst, v, 10)
		case float64:
			dst = appendFloat(dst, v)
		}
	}
	return append(dst, '}')
}

// appendFloat appends a number that always has a point or an exponent.
func appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !slices.ContainsFunc(dst[start:], func(b byte) bool { return b == '.' || b == 'e' }) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// parseFields is the inverse of appendFields.
func parseFields(text string) (map[string]any, error) {
	fields := map[string]any{}
	if text == "" {
		return fields, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	for name, v := range fields {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if strings.ContainsAny(n.String(), ".e") {
			fields[name], _ = n.Float64()
		} else {
			fields[name], _ = n.Int64()
		}
	}
	return fields, nil
}

// parseFindings reads what newRow wrote of findings.
func parseFindings(text string, into *[]gelf.Finding) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// appendString appends a JSON string. It escapes what JSON must have escaped
// and nothing else, so that a search can look for the text as it is.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
