package graylogtest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// A Document is a message as Graylog gives it to those who search. Numbers are
// of the type [json.Number], which tells 1 from 1.0.
type Document map[string]any

// RemotePort is the port that the message came from.
func (d Document) RemotePort() int {
	n, _ := d["gl2_remote_port"].(json.Number)
	port, _ := strconv.Atoi(n.String())
	return port
}

// Streams are the ids of the streams that the message is in.
func (d Document) Streams() []string {
	list, _ := d["streams"].([]any)
	ids := make([]string, len(list))
	for i := range list {
		ids[i], _ = list[i].(string)
	}
	return ids
}

// serverSets are the fields that Graylog gives each message.
var serverSets = []string{
	"_id", "streams", "gl2_accounted_message_size", "gl2_message_id", "gl2_processing_duration_ms",
	"gl2_processing_timestamp", "gl2_receive_timestamp", "gl2_remote_ip", "gl2_remote_port",
	"gl2_source_input", "gl2_source_node",
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// Message returns the document without what Graylog itself has added, in the
// shape that [gelf.Decode] gives to what it says is stored.
func (d Document) Message() gelf.Message {
	m := gelf.Message{Level: -1, Fields: make(map[string]any)}
	for name, v := range d {
		if slices.Contains(serverSets, name) {
			continue
		}
		v = typed(v)
		text, _ := v.(string)
		switch name {
		case "message":
			m.Message = text
		case "full_message": // text in the index, also if it was sent as a number
			m.FullMessage = fmt.Sprint(d[name])
		case "source":
			m.Source = text
		case "timestamp":
			m.Timestamp, _ = time.Parse(timeFormat, text)
		case "level":
			if n, ok := v.(int64); ok && 0 <= n && n <= math.MaxInt32 {
				m.Level = int(n)
				continue
			}
			m.Fields[name] = v
		default:
			m.Fields[name] = v
		}
	}
	return m
}

// typed is a value with its number as int64 or float64, by the way it is
// written.
func typed(v any) any {
	number, ok := v.(json.Number)
	if !ok {
		return v
	}
	if !strings.ContainsAny(number.String(), ".eE") {
		if n, err := number.Int64(); err == nil {
			return n
		}
		return v
	}
	f, err := number.Float64()
	if err != nil {
		return v
	}
	return f
}

// pageSize is how many documents are asked for at a time; a search gives no
// more than 10,000 in all.
const pageSize = 500

// latest is the newest timestamp that a search can ask for.
func (s *Server) latest() time.Time {
	if s.major() < 4 {
		return time.Unix(math.MaxInt32, 0).UTC() // it counts seconds with 32 bits
	}
	return time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
}

// order is by a field that no two messages have the same value of, where the
// server can sort by it.
func (s *Server) order() string {
	if s.major() < 4 {
		return "timestamp:asc"
	}
	return "gl2_message_id:asc"
}

func (s *Server) page(query string, offset, limit int) (docs []Document, total int, err error) {
	var answer struct {
		Messages []struct{ Message Document }
		Total    int `json:"total_results"`
	}
	err = s.call(http.MethodGet, "/search/universal/absolute", url.Values{
		"query": {query}, "from": {time.Unix(0, 0).UTC().Format(timeFormat)}, "to": {s.latest().Format(timeFormat)},
		"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}, "sort": {s.order()},
	}, nil, &answer)
	for _, m := range answer.Messages {
		docs = append(docs, m.Message)
	}
	return docs, answer.Total, err
}

func (s *Server) count(query string) (int, error) {
	_, total, err := s.page(query, 0, 1)
	return total, err
}

// Search returns all documents that match a query.
func (s *Server) Search(query string) []Document {
	s.t.Helper()
	var all []Document
	for {
		docs, total, err := s.page(query, len(all), pageSize)
		if err != nil {
			s.t.Fatalf("graylogtest: %s: %v", query, err)
		}
		all = append(all, docs...)
		if len(all) >= total || len(docs) == 0 {
			return all
		}
	}
}

// Wait waits until n documents match a query, and returns those that do then:
// more than n perhaps, or fewer if n are not there after [Patience].
func (s *Server) Wait(query string, n int) []Document {
	s.t.Helper()
	var last error
	s.until(func() (bool, error) { // how many there are is the test's to judge
		have, err := s.count(query)
		last = err
		return have >= n, err
	})
	if last != nil {
		s.t.Fatalf("graylogtest: %s: %v", query, last)
	}
	return s.Search(query)
}
