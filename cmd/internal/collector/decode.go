package collector

import (
	"encoding/json"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

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

// parseFindings reads what newRow wrote of findings.
func parseFindings(text string, into *[]gelf.Finding) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}
