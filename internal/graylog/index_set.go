package graylog

import (
	"context"
	"errors"
	"net/url"
)

// An IndexSet is a set of indices of the server.
type IndexSet struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Prefix  string `json:"index_prefix"` // of the names of the indices
	Default bool   `json:"default"`      // stores messages unless a stream has another set
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
