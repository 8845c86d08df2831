package graylogtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// Contains returns a rule: the field contains the text.
func Contains(field, text string) graylog.StreamRule {
	return graylog.StreamRule{Field: field, Type: graylog.RuleContains, Value: text}
}

// A Stream is a stream of the server.
type Stream struct {
	ID, Title string
}

// Stream returns the stream with this title, which must not be paused. If there
// is no such stream, it creates one with this rule for the test.
func (s *Server) Stream(title string, rule graylog.StreamRule) Stream {
	s.t.Helper()
	streams, err := s.API.Streams(context.Background())
	s.check(err)
	for _, st := range streams {
		if st.Title != title {
			continue
		}
		if st.Disabled {
			s.t.Fatalf("graylogtest: the stream %q is paused", title)
		}
		return Stream{st.ID, st.Title}
	}
	set, err := s.API.DefaultIndexSet(context.Background())
	s.check(err)
	return s.newStream(graylog.Stream{
		Title:    title,
		IndexSet: set.ID,
		Rules:    []graylog.StreamRule{rule},
	})
}

// newStream creates a stream for the test and starts it.
func (s *Server) newStream(stream graylog.Stream) Stream {
	s.t.Helper()
	stream.Description = "created by a test"
	stream.MatchingType = "AND"
	id, err := s.API.CreateStream(context.Background(), s.version, stream)
	s.check(err)
	s.cleanup(func(ctx context.Context) error { return s.API.DeleteStream(ctx, id) })
	s.check(s.API.ResumeStream(context.Background(), id))
	return Stream{id, stream.Title}
}

const indexSetsPath = "/api/system/indices/index_sets"

// An IsolatedInput is an input whose messages are stored in a separate index. No
// field has a type there yet, and no other message can give it one.
type IsolatedInput struct {
	Input
	Stream Stream
}

// NewIsolatedInputs creates n inputs for this test, ready for messages.
func (s *Server) NewIsolatedInputs(kind Kind, n int) []IsolatedInput {
	s.t.Helper()
	titles, sets := make([]string, n), make([]string, n)
	for i := range n {
		titles[i] = fmt.Sprintf("test-%d-%s", i, strings.ToLower(rand.Text())) // no title is a prefix of another
		sets[i] = s.newIndexSet(titles[i])
	}
	for _, set := range sets {
		s.awaitIndex(set)
	}
	// A message that is written after its index was deleted creates a new index.
	// So wait for the batches in progress after the input was deleted.
	s.t.Cleanup(func() { time.Sleep(2 * time.Second) })
	inputs := make([]IsolatedInput, n)
	for i := range inputs {
		in := s.NewInput(titles[i], kind)
		rule := graylog.StreamRule{Field: "gl2_source_input", Type: graylog.RuleExact, Value: in.ID}
		inputs[i] = IsolatedInput{in, s.newStream(graylog.Stream{
			Title:         titles[i],
			IndexSet:      sets[i],
			Rules:         []graylog.StreamRule{rule},
			RemoveMatches: true,
		})}
	}
	for _, in := range inputs {
		s.Settle(in.Input, in.Stream, "")
	}
	return inputs
}

// newIndexSet creates an index set that stores all messages in one index.
func (s *Server) newIndexSet(title string) (id string) {
	s.t.Helper()
	const strategies = "org.graylog2.indexer."
	const rotation = strategies + "rotation.strategies.MessageCountRotationStrategy"
	const retention = strategies + "retention.strategies.NoopRetentionStrategy"
	var made struct{ ID string }
	s.check(s.API.Do(context.Background(), http.MethodPost, indexSetsPath, nil, map[string]any{
		"title":                               title,
		"description":                         "created by a test",
		"index_prefix":                        title,
		"writable":                            true,
		"shards":                              1,
		"replicas":                            0,
		"index_analyzer":                      "standard",
		"index_optimization_max_num_segments": 1,
		"index_optimization_disabled":         true,
		"field_type_refresh_interval":         5000, // ms
		"creation_date":                       time.Now().UTC().Format(time.RFC3339),
		"rotation_strategy_class":             rotation,
		"rotation_strategy": map[string]any{
			"type":               rotation + "Config",
			"max_docs_per_index": 1_000_000,
		},
		"retention_strategy_class": retention,
		"retention_strategy":       map[string]any{"type": retention + "Config", "max_number_of_indices": 1},
	}, &made))
	s.cleanup(func(ctx context.Context) error {
		query := url.Values{"delete_indices": {"true"}}
		return s.API.Do(ctx, http.MethodDelete, indexSetsPath+"/"+made.ID, query, nil, nil)
	})
	return made.ID
}

// awaitIndex waits until a new index set has its index. Graylog creates it
// within 10 s.
func (s *Server) awaitIndex(set string) {
	s.t.Helper()
	err := s.until(func() (bool, error) {
		var deflector struct {
			Up bool `json:"is_up"`
		}
		err := s.API.Get(context.Background(), "/api/system/deflector/"+set, nil, &deflector)
		return deflector.Up, err
	})
	if err != nil {
		s.t.Fatalf("graylogtest: the index set %s has no index: %v", set, err)
	}
}

// settleHost is the source of the messages that Settle sends.
const settleHost = "graylogtest"

// Settle sends messages with this logger to the input until one of them is found
// in the stream. Then the stream receives messages, which a new one does after
// about a second, and everything sent before is stored or lost. The messages
// have a numeric level, like records, so the index stores levels as numbers.
func (s *Server) Settle(in Input, stream Stream, logger string) {
	s.t.Helper()
	word := strings.ToLower(rand.Text())
	frame := fmt.Appendf(nil, `{"version":"1.1","host":%q,"short_message":"settle %s","level":6,"_logger":%q}`,
		settleHost, word, logger)
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
		s.t.Fatalf("graylogtest: a message from %q to the input %q is not in the stream %q: %v",
			logger, in.Title, stream.Title, err)
	}
}
