package graylogtest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Rule is what a stream asks of a field.
type Rule struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Type  int    `json:"type"`
}

// The types of rules (graylog-server: StreamRuleType).
const (
	exact    = 1
	contains = 6
)

// Contains is the rule that a field contains a text.
func Contains(field, text string) Rule { return Rule{field, text, contains} }

// A Stream takes the messages that its rules match.
type Stream struct {
	ID, Title string
}

// Stream returns the stream of this title, which must be enabled. If there is
// none, it makes one with this rule, for this test.
func (s *Server) Stream(title string, rule Rule) Stream {
	s.t.Helper()
	var answer struct {
		Streams []struct {
			ID, Title string
			Disabled  bool
		}
	}
	s.must(http.MethodGet, "/streams", nil, nil, &answer)
	for _, st := range answer.Streams {
		if st.Title != title {
			continue
		}
		if st.Disabled {
			s.t.Fatalf("graylogtest: %q is paused", title)
		}
		return Stream{st.ID, st.Title}
	}
	return s.newStream(title, rule, s.defaultIndexSet(), false)
}

// newStream makes a stream and starts it.
func (s *Server) newStream(title string, rule Rule, indexSet string, alone bool) Stream {
	s.t.Helper()
	body := any(map[string]any{
		"title": title, "description": "made by a test", "matching_type": "AND", "rules": []Rule{rule},
		"index_set_id": indexSet, "remove_matches_from_default_stream": alone,
	})
	if s.major() >= 7 {
		body = map[string]any{"entity": body, "share_request": nil}
	}
	var made struct {
		ID string `json:"stream_id"`
	}
	s.must(http.MethodPost, "/streams", nil, body, &made)
	s.deleteAtEnd("/streams/"+made.ID, nil)
	s.must(http.MethodPost, "/streams/"+made.ID+"/resume", nil, nil, nil)
	return Stream{made.ID, title}
}

// defaultIndexSet returns the id of the one that messages go to.
func (s *Server) defaultIndexSet() string {
	s.t.Helper()
	var answer struct {
		Sets []struct {
			ID      string
			Default bool
		} `json:"index_sets"`
	}
	s.must(http.MethodGet, "/system/indices/index_sets", url.Values{"stats": {"false"}}, nil, &answer)
	for _, set := range answer.Sets {
		if set.Default {
			return set.ID
		}
	}
	s.t.Fatalf("graylogtest: no index set is the default one")
	return ""
}

// A Pen is an input whose messages are in an index of their own. So no field
// has a type yet, and no other message gives it one.
type Pen struct {
	Input
	Stream Stream
}

// NewPens makes n pens for this test, ready for messages.
func (s *Server) NewPens(kind Kind, n int) []Pen {
	s.t.Helper()
	titles, sets := make([]string, n), make([]string, n)
	for i := range n {
		titles[i] = fmt.Sprintf("test-%d-%s", i, strings.ToLower(rand.Text())) // none is the beginning of another
		sets[i] = s.newIndexSet(titles[i])
	}
	for _, set := range sets {
		s.awaitIndex(set)
	}
	// A message that is written when its index is gone makes a new one, so that
	// those under way, once the input is deleted, get the time of a batch.
	s.t.Cleanup(func() { time.Sleep(2 * time.Second) })
	pens := make([]Pen, n)
	for i := range pens {
		in := s.NewInput(titles[i], kind)
		pens[i] = Pen{in, s.newStream(titles[i], Rule{"gl2_source_input", in.ID, exact}, sets[i], true)}
	}
	for _, p := range pens {
		s.Settle(p.Input, p.Stream, "")
	}
	return pens
}

// newIndexSet makes one that keeps all its messages in one index.
func (s *Server) newIndexSet(title string) (id string) {
	s.t.Helper()
	const strategies = "org.graylog2.indexer."
	const rotation = strategies + "rotation.strategies.MessageCountRotationStrategy"
	const retention = strategies + "retention.strategies.NoopRetentionStrategy"
	var made struct{ ID string }
	s.must(http.MethodPost, "/system/indices/index_sets", nil, map[string]any{
		"title": title, "description": "made by a test", "index_prefix": title, "writable": true,
		"shards": 1, "replicas": 0, "index_analyzer": "standard",
		"index_optimization_max_num_segments": 1, "index_optimization_disabled": true,
		"field_type_refresh_interval": 5000, "creation_date": time.Now().UTC().Format(time.RFC3339),
		"rotation_strategy_class":  rotation,
		"rotation_strategy":        map[string]any{"type": rotation + "Config", "max_docs_per_index": 1_000_000},
		"retention_strategy_class": retention,
		"retention_strategy":       map[string]any{"type": retention + "Config", "max_number_of_indices": 1},
	}, &made)
	s.deleteAtEnd("/system/indices/index_sets/"+made.ID, url.Values{"delete_indices": {"true"}})
	return made.ID
}

// awaitIndex waits until a new index set has its index, which Graylog makes
// within 10 s.
func (s *Server) awaitIndex(set string) {
	s.t.Helper()
	err := s.until(func() (bool, error) {
		var deflector struct {
			Up bool `json:"is_up"`
		}
		err := s.call(http.MethodGet, "/system/deflector/"+set, nil, nil, &deflector)
		return deflector.Up, err
	})
	if err != nil {
		s.t.Fatalf("graylogtest: the index set %s has no index: %v", set, err)
	}
}

// settleHost is the source of the messages that Settle sends.
const settleHost = "graylogtest"

// Settle sends messages of this logger to the input until one of them can be
// found in the stream. Then the stream takes messages, which a new one does
// after a second or so, and whatever was sent before is stored or lost. A level
// that is a number, as records have it, is the first one of a new index.
func (s *Server) Settle(in Input, stream Stream, logger string) {
	s.t.Helper()
	word := strings.ToLower(rand.Text())
	frame := fmt.Appendf(nil, `{"version":"1.1","host":%q,"short_message":"settle %s","level":6,"_logger":%q}`, settleHost, word, logger)
	query := fmt.Sprintf("message:%s AND streams:%s", word, stream.ID)
	var sent time.Time
	err := s.until(func() (bool, error) {
		if time.Since(sent) > 2*time.Second {
			s.Send(in, frame)
			sent = time.Now()
		}
		n, err := s.count(query)
		return n > 0, err
	})
	if err != nil {
		s.t.Fatalf("graylogtest: a message from %s to the input %q should be in %q: %v", logger, in.Title, stream.Title, err)
	}
}
