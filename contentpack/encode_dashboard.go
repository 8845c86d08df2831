package contentpack

import "strconv"

type dashboardJSON struct {
	Type        string               `json:"type"`
	Title       value                `json:"title"`
	Summary     value                `json:"summary"`
	Description value                `json:"description"`
	CreatedAt   string               `json:"created_at"`
	Owner       *string              `json:"owner"`
	Properties  []any                `json:"properties"`
	Requires    struct{}             `json:"requires"`
	Search      searchJSON           `json:"search"`
	State       map[string]stateJSON `json:"state"` // by the id of a query
}

type searchJSON struct {
	CreatedAt  string      `json:"created_at"`
	Owner      *string     `json:"owner"`
	Parameters []any       `json:"parameters"`
	Requires   struct{}    `json:"requires"`
	Queries    []queryJSON `json:"queries"`
}

type queryJSON struct {
	ID          string           `json:"id"`
	Timerange   timerangeJSON    `json:"timerange"`
	Query       queryStringJSON  `json:"query"`
	SearchTypes []searchTypeJSON `json:"search_types"`
}

type timerangeJSON struct {
	Type  string `json:"type"`
	Range int    `json:"range"` // seconds
}

type queryStringJSON struct {
	Type        string `json:"type"`
	QueryString string `json:"query_string"`
}

// A stateJSON is the state of a tab.
type stateJSON struct {
	SelectedFields      *string                 `json:"selected_fields"`
	StaticMessageListID *string                 `json:"static_message_list_id"`
	Titles              titlesJSON              `json:"titles"`
	Widgets             []widgetJSON            `json:"widgets"`
	WidgetMapping       map[string][]string     `json:"widget_mapping"` // widget to search types
	Positions           map[string]positionJSON `json:"positions"`
	Formatting          struct {
		Highlighting []any `json:"highlighting"`
	} `json:"formatting"`
	DisplayModeSettings struct {
		Positions struct{} `json:"positions"`
	} `json:"display_mode_settings"`
}

type titlesJSON struct {
	Tab    map[string]string `json:"tab"`
	Widget map[string]string `json:"widget"`
}

type positionJSON struct {
	Col    int   `json:"col"`
	Row    int   `json:"row"`
	Height int   `json:"height"`
	Width  width `json:"width"`
}

// A width is a number of columns. FullWidth becomes "Infinity".
type width int

func (w width) MarshalJSON() ([]byte, error) {
	if w == FullWidth {
		return []byte(`"Infinity"`), nil
	}
	return strconv.AppendInt(nil, int64(w), 10), nil
}

// created is when the original's dashboard was created. Graylog requires a time, and
// the present time would make each pack different.
const created = "2021-02-14T16:38:10.828Z"

func encodeDashboard(d Dashboard) dashboardJSON {
	out := dashboardJSON{
		Type: "DASHBOARD", Title: text(d.Title), Summary: text(d.Summary), Description: text(""),
		CreatedAt: created, Properties: []any{},
		Search: searchJSON{CreatedAt: created, Parameters: []any{}},
		State:  map[string]stateJSON{},
	}
	for _, tab := range d.Tabs {
		e := tabEncoder{tab: tab, timerange: timerangeJSON{"relative", int(d.Range.Seconds())}}
		query, state := e.encode()
		out.Search.Queries = append(out.Search.Queries, query)
		out.State[query.ID] = state
	}
	return out
}

// A tabEncoder encodes a tab twice, like Graylog: as widgets, which people edit, and
// as search types, which the server runs.
type tabEncoder struct {
	tab       Tab
	timerange timerangeJSON
}

func (e tabEncoder) encode() (queryJSON, stateJSON) {
	query := queryJSON{ID: uuid("tab", e.tab.Title), Timerange: e.timerange, Query: lucene("")}
	state := stateJSON{
		Titles:        titlesJSON{Tab: map[string]string{"title": e.tab.Title}, Widget: map[string]string{}},
		WidgetMapping: map[string][]string{},
		Positions:     map[string]positionJSON{},
	}
	state.Formatting.Highlighting = []any{}
	for _, w := range e.tab.Widgets {
		id := uuid("widget", e.tab.Title, w.Title)
		state.Titles.Widget[id] = w.Title
		state.Widgets = append(state.Widgets, e.widget(id, w))
		state.Positions[id] = positionJSON{
			Col:    w.Position.Col,
			Row:    w.Position.Row,
			Height: w.Position.Height,
			Width:  width(w.Position.Width),
		}
		search := e.searchType(w)
		query.SearchTypes = append(query.SearchTypes, search)
		state.WidgetMapping[id] = []string{search.ID}
		if w.Events {
			marks := e.events(w)
			query.SearchTypes = append(query.SearchTypes, marks)
			state.WidgetMapping[id] = append(state.WidgetMapping[id], marks.ID)
		}
	}
	return query, state
}

func lucene(query string) queryStringJSON { return queryStringJSON{"elasticsearch", query} }
