package graylog

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// A Dashboard is an entry in the list of dashboards.
type Dashboard struct {
	ID    string `json:"id"`
	Title string `json:"title"`
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
