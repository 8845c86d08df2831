package graylog

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// A Stream is a stream of the server.
type Stream struct {
	ID            string       `json:"id,omitempty"`
	Title         string       `json:"title"`
	Description   string       `json:"description"`
	Disabled      bool         `json:"disabled,omitempty"`
	MatchingType  string       `json:"matching_type"` // AND or OR
	RemoveMatches bool         `json:"remove_matches_from_default_stream"`
	Default       bool         `json:"is_default,omitempty"`
	IndexSet      string       `json:"index_set_id"`
	Rules         []StreamRule `json:"rules"`
}

// A StreamRule is one rule of a stream.
type StreamRule struct {
	Field    string   `json:"field"`
	Type     RuleType `json:"type"`
	Value    string   `json:"value"`
	Inverted bool     `json:"inverted"`
}

// A RuleType is the type of a rule (graylog2-server: StreamRuleType).
type RuleType int

// The types of rules.
const (
	RuleExact RuleType = iota + 1
	RuleRegex
	RuleGreater
	RuleSmaller
	RulePresence
	RuleContains
	RuleAlwaysMatch
	RuleMatchInput
)

// String returns the name of the type in content packs, such as CONTAINS.
func (t RuleType) String() string {
	names := []string{"EXACT", "REGEX", "GREATER", "SMALLER", "PRESENCE", "CONTAINS", "ALWAYS_MATCH", "MATCH_INPUT"}
	if t < 1 || int(t) > len(names) {
		return fmt.Sprint(int(t))
	}
	return names[t-1]
}

const streamsPath = "/api/streams"

// Streams returns all streams.
func (c *Client) Streams(ctx context.Context) ([]Stream, error) {
	var answer struct {
		Streams []Stream `json:"streams"`
	}
	err := c.Get(ctx, streamsPath, nil, &answer)
	return answer.Streams, err
}

// CreateStream creates a stream and returns its id. The stream is paused.
func (c *Client) CreateStream(ctx context.Context, v version.Version, s Stream) (id string, err error) {
	var made struct {
		ID string `json:"stream_id"`
	}
	if s.Rules == nil {
		s.Rules = []StreamRule{}
	}
	err = c.Do(ctx, http.MethodPost, streamsPath, nil, Entity(v, s), &made)
	return made.ID, err
}

// ResumeStream starts a paused stream.
func (c *Client) ResumeStream(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodPost, streamsPath+"/"+id+"/resume", nil, struct{}{}, nil)
}

// DeleteStream deletes a stream.
func (c *Client) DeleteStream(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, streamsPath+"/"+id, nil, nil, nil)
}
