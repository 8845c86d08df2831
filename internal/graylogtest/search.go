package graylogtest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A Document is a message as a search returns it. Numbers are of the type
// [json.Number], which distinguishes 1 from 1.0.
type Document map[string]any

// RemotePort returns the port that the message was sent from.
func (d Document) RemotePort() int {
	n, _ := d["gl2_remote_port"].(json.Number)
	port, _ := strconv.Atoi(n.String())
	return port
}

// Streams returns the ids of the message's streams.
func (d Document) Streams() []string {
	list, _ := d["streams"].([]any)
	ids := make([]string, len(list))
	for i := range list {
		ids[i], _ = list[i].(string)
	}
	return ids
}

// serverFields are the fields that Graylog adds to each message.
var serverFields = []string{
	"_id", "streams", "gl2_accounted_message_size", "gl2_message_id", "gl2_processing_duration_ms",
	"gl2_processing_timestamp", "gl2_receive_timestamp", "gl2_remote_ip", "gl2_remote_port",
	"gl2_source_input", "gl2_source_node",
}

// Message returns the document without serverFields, in the form in which
// [gelf.Decode] returns messages.
func (d Document) Message() gelf.Message {
	m := gelf.Message{Level: -1, Fields: make(map[string]any)}
	for name, v := range d {
		if slices.Contains(serverFields, name) {
			continue
		}
		v = typed(v)
		text, _ := v.(string)
		switch name {
		case "message":
			m.Message = text
		case "full_message": // text in the index, even if it was sent as a number
			m.FullMessage = fmt.Sprint(d[name])
		case "source":
			m.Source = text
		case "timestamp":
			m.Timestamp, _ = time.Parse(graylog.TimeFormat, text)
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

// typed converts a number to int64 or float64, depending on how it is written.
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

// maxDocuments is the number of documents that a search returns at most. They are
// in one request, because Graylog 4.3 ignores the offset of a second one.
const maxDocuments = 10_000

// latest returns the newest timestamp that a search accepts.
func (s *Server) latest() time.Time {
	if s.version.Major < 4 {
		return time.Unix(math.MaxInt32, 0).UTC() // its seconds have 32 bits
	}
	return time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
}

// order returns the sort order: by a field with unique values, if the server can
// sort by it.
func (s *Server) order() string {
	if s.version.Major < 4 {
		return "timestamp:asc"
	}
	return "gl2_message_id:asc"
}

func (s *Server) find(query string, limit int) (docs []Document, total int, err error) {
	return graylog.Find[Document](context.Background(), s.API, graylog.Search{
		Query: query,
		From:  time.Unix(0, 0),
		To:    s.latest(),
		Sort:  s.order(),
		Limit: limit,
	})
}

func (s *Server) count(query string) (int, error) {
	_, total, err := s.find(query, 1)
	return total, err
}

// Search returns all documents that match a query.
func (s *Server) Search(query string) []Document {
	s.t.Helper()
	docs, total, err := s.find(query, maxDocuments)
	if err != nil {
		s.t.Fatalf("graylogtest: search %s: %v", query, err)
	}
	if len(docs) != total {
		s.t.Fatalf("graylogtest: search %s: %d of %d documents were returned", query, len(docs), total)
	}
	return docs
}

// Wait waits until n documents match a query, or until [WaitTimeout], and returns
// all that match then, which may be fewer or more than n.
func (s *Server) Wait(query string, n int) []Document {
	s.t.Helper()
	var last error
	s.until(func() (bool, error) { // the caller checks the number
		have, err := s.count(query)
		last = err
		return have >= n, err
	})
	if last != nil {
		s.t.Fatalf("graylogtest: search %s: %v", query, last)
	}
	return s.Search(query)
}
