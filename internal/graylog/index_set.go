package graylog

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// An IndexSet is a set of indices of the server.
type IndexSet struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Prefix  string `json:"index_prefix"` // of the names of the indices
	Default bool   `json:"default"`      // stores messages unless a stream has another set
}

// A FieldType is the type of a field in an index set.
type FieldType struct {
	Field  string `json:"field_name"`
	Type   string `json:"type"`   // string, long, double, …
	Origin string `json:"origin"` // INDEX if nobody has fixed the type
}

// IndexSets returns all index sets.
func (c *Client) IndexSets(ctx context.Context) ([]IndexSet, error) {
	var answer struct {
		Sets []IndexSet `json:"index_sets"`
	}
	err := c.Get(ctx, "/api/system/indices/index_sets", url.Values{"stats": {"false"}}, &answer)
	return answer.Sets, err
}

// DefaultIndexSet returns the index set that stores messages unless a stream has
// another one.
func (c *Client) DefaultIndexSet(ctx context.Context) (IndexSet, error) {
	sets, err := c.IndexSets(ctx)
	if err != nil {
		return IndexSet{}, err
	}
	for _, set := range sets {
		if set.Default {
			return set, nil
		}
	}
	return IndexSet{}, errors.New("the server has no default index set")
}

// FixedFieldTypes returns the types of fields that somebody has fixed in an index set. It
// needs Graylog 6.0.
func (c *Client) FixedFieldTypes(ctx context.Context, set IndexSet) ([]FieldType, error) {
	var answer struct {
		Elements []FieldType `json:"elements"`
	}
	err := c.Get(ctx, "/api/system/indices/index_sets/types/"+set.ID, url.Values{"per_page": {"10000"}}, &answer)
	fixed := slices.DeleteFunc(answer.Elements, func(t FieldType) bool { return t.Origin == "INDEX" })
	return fixed, err
}

// SetFieldType fixes the type of a field in the next index of an index set.
func (c *Client) SetFieldType(ctx context.Context, set IndexSet, t FieldType) error {
	return c.Do(ctx, http.MethodPut, "/api/system/indices/mappings", nil, map[string]any{
		"index_sets": []string{set.ID},
		"field":      t.Field,
		"type":       t.Type,
		"rotate":     false,
	}, nil)
}

// Rotate starts a new index of an index set.
func (c *Client) Rotate(ctx context.Context, set IndexSet) error {
	return c.Do(ctx, http.MethodPost, "/api/cluster/deflector/"+set.ID+"/cycle", nil, struct{}{}, nil)
}
