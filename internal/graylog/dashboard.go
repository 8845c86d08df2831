package graylog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// A Dashboard is an entry in the list of dashboards.
type Dashboard struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

const dashboardsPerPage = 100

// Dashboards returns all dashboards, page by page. The list is in "views" up to
// Graylog 5.0 and in "elements" from 5.1.
func (c *Client) Dashboards(ctx context.Context) (all []Dashboard, err error) {
	for page := 1; ; page++ {
		var answer struct {
			Total    int         `json:"total"`
			Elements []Dashboard `json:"elements"`
			Views    []Dashboard `json:"views"`
		}
		err := c.Get(ctx, "/api/dashboards", url.Values{
			"page":     {strconv.Itoa(page)},
			"per_page": {strconv.Itoa(dashboardsPerPage)},
		}, &answer)
		if err != nil {
			return all, err
		}
		found := append(answer.Elements, answer.Views...)
		all = append(all, found...)
		if len(found) == 0 || len(all) >= answer.Total {
			return all, nil
		}
	}
}

// Dashboard returns the JSON of a dashboard. Its member "search" is the JSON of
// the search behind it.
func (c *Client) Dashboard(ctx context.Context, id string) (map[string]any, error) {
	var dashboard map[string]any
	if err := c.Get(ctx, "/api/views/"+id, nil, &dashboard); err != nil {
		return nil, err
	}
	var search map[string]any
	searchID, _ := dashboard["search_id"].(string)
	if err := c.Get(ctx, "/api/views/search/"+searchID, nil, &search); err != nil {
		return nil, err
	}
	dashboard["search"] = search
	return dashboard, nil
}

// RunSearch runs the search of a dashboard and decodes the results.
func (c *Client) RunSearch(ctx context.Context, search, into any) error {
	return c.Do(ctx, http.MethodPost, "/api/views/search/sync", nil, search, into)
}

// SaveDashboard saves the JSON of a dashboard in the form that [Client.Dashboard]
// returns. If it has no id, the dashboard is created. Graylog does not change searches,
// so the search is saved as a new one.
func (c *Client) SaveDashboard(ctx context.Context, v version.Version, dashboard map[string]any) error {
	view := maps.Clone(dashboard)
	search, _ := view["search"].(map[string]any)
	delete(view, "search")
	search = maps.Clone(search)
	search["id"] = newObjectID()
	if err := c.Do(ctx, http.MethodPost, "/api/views/search", nil, search, nil); err != nil {
		return fmt.Errorf("save the search: %w", err)
	}
	view["search_id"] = search["id"]
	method, path := http.MethodPost, "/api/views"
	if id, ok := view["id"].(string); ok {
		method, path = http.MethodPut, path+"/"+id
	}
	return c.Do(ctx, method, path, nil, Entity(v, view), nil)
}

// newObjectID returns a random id in the form of MongoDB's ids.
func newObjectID() string {
	var id [12]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// DeleteDashboard deletes a dashboard.
func (c *Client) DeleteDashboard(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/api/views/"+id, nil, nil, nil)
}
