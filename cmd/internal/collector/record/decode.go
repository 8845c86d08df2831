package record

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/gelf"
)

// NewRow returns the row of a decoded message.
func NewRow(m gelf.Message, findings []gelf.Finding, received time.Time, ip string, port int, input string) index.Row {
	r := index.Row{
		Received:    received.UnixMilli(),
		Level:       m.Level,
		Source:      m.Source,
		Logger:      m.Text("logger"),
		Message:     m.Message,
		FullMessage: m.FullMessage,
		RemoteIP:    ip,
		RemotePort:  port,
		Input:       input,
	}
	r.Timestamp = r.Received
	if !m.Timestamp.IsZero() {
		r.Timestamp = m.Timestamp.UnixMilli()
	}
	if r.Source == "" {
		r.Source = ip
	}
	r.Streams = Route(func(field string) string {
		if field == "logger" { // the field that the rules look at
			return r.Logger
		}
		return m.Text(field)
	})
	if len(m.Fields) > 0 {
		r.Fields = fieldsText(m.Fields)
	}
	if len(findings) > 0 {
		text, err := json.Marshal(findings) // a finding is three strings: cannot fail
		if err == nil {
			r.Findings = string(text)
		}
	}
	return r
}

var scratches = sync.Pool{New: func() any { return new([]byte) }}

// fieldsText returns the fields of a row as JSON.
func fieldsText(fields map[string]any) string {
	const most = 64 << 10 // a larger scratch is left to the garbage collector
	scratch := scratches.Get().(*[]byte)
	*scratch = index.AppendFields((*scratch)[:0], fields)
	text := string(*scratch)
	if cap(*scratch) <= most {
		scratches.Put(scratch)
	}
	return text
}

// parseFindings parses the findings of a row.
func parseFindings(text string, into *[]gelf.Finding) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}
