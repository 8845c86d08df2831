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

// A stateJSON is a tab.
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

// A width is a number of columns, or "Infinity", as JSON has no number for it.
type width int

func (w width) MarshalJSON() ([]byte, error) {
	if w == Full {
		return []byte(`"Infinity"`), nil
	}
	return strconv.AppendInt(nil, int64(w), 10), nil
}

// created is when the original's dashboard was made. Graylog wants a time, and
// the pack has to be the same whenever it is made.
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

// A tabEncoder writes a tab down twice, as Graylog keeps it: as widgets, which
// people edit, and as search types, which the server answers.
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
	var events []searchTypeJSON
	for _, w := range e.tab.Widgets {
		id := uuid("widget", e.tab.Title, w.Title)
		state.Titles.Widget[id] = w.Title
		state.Widgets = append(state.Widgets, e.widget(id, w))
		state.Positions[id] = positionJSON{Col: w.Position.Col, Row: w.Position.Row, Height: w.Position.Height, Width: width(w.Position.Width)}
		search := e.searchType(w)
		query.SearchTypes = append(query.SearchTypes, search)
		state.WidgetMapping[id] = []string{search.ID}
		if w.Events {
			marks := e.events(w)
			events = append(events, marks)
			state.WidgetMapping[id] = append(state.WidgetMapping[id], marks.ID)
		}
	}
	// Since 4.3 an upload takes the stream from the first search type of the
	// first query, unless the server has a stream of that title already
	// (graylog-server: ContentPackPersistenceService). Of events, which are
	// mere marks on a chart, that does no harm.
	query.SearchTypes = append(events, query.SearchTypes...)
	return query, state
}

func lucene(query string) queryStringJSON { return queryStringJSON{"elasticsearch", query} }

type widgetJSON struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"` // aggregation or messages
	Filter    *string         `json:"filter"`
	Timerange timerangeJSON   `json:"timerange"`
	Query     queryStringJSON `json:"query"`
	Streams   []string        `json:"streams"`
	Config    any             `json:"config"` // chartJSON or tableJSON
}

func (e tabEncoder) widget(id string, w Widget) widgetJSON {
	out := widgetJSON{ID: id, Type: "aggregation", Timerange: e.timerange, Query: lucene(w.Query), Streams: []string{e.tab.Stream.ID}}
	if w.Kind == Messages {
		out.Type = "messages"
		out.Config = tableJSON{Fields: w.Fields, ShowMessageRow: true, Decorators: []any{}, Sort: encodeSort(w.Sort)}
	} else {
		out.Config = encodeChart(w)
	}
	return out
}

type tableJSON struct {
	Fields         []string   `json:"fields"`
	ShowMessageRow bool       `json:"show_message_row"`
	Decorators     []any      `json:"decorators"`
	Sort           []sortJSON `json:"sort"`
}

type chartJSON struct {
	Visualization       string            `json:"visualization"`
	VisualizationConfig map[string]string `json:"visualization_config"`
	EventAnnotation     bool              `json:"event_annotation"`
	RowPivots           []pivotJSON       `json:"row_pivots"`
	ColumnPivots        []pivotJSON       `json:"column_pivots"`
	Series              []seriesJSON      `json:"series"`
	RollUp              bool              `json:"rollup"`
	Sort                []sortJSON        `json:"sort"`
	FormattingSettings  *formattingJSON   `json:"formatting_settings"`
}

type pivotJSON struct {
	Field  string          `json:"field"`
	Type   string          `json:"type"`
	Config pivotConfigJSON `json:"config"`
}

type pivotConfigJSON struct {
	Limit    int           `json:"limit,omitempty"`
	Interval *intervalJSON `json:"interval,omitempty"`
}

// An intervalJSON is a span of time: Scaling is null in a widget and 1 in a
// search type.
type intervalJSON struct {
	Type    string `json:"type"`
	Scaling *int   `json:"scaling"`
}

type seriesJSON struct {
	Function string `json:"function"`
	Config   struct {
		Name *string `json:"name"`
	} `json:"config"`
}

type sortJSON struct {
	Type      string `json:"type"`
	Field     string `json:"field"`
	Direction string `json:"direction"`
}

type formattingJSON struct {
	ChartColors []colorJSON `json:"chart_colors"`
}

type colorJSON struct {
	FieldName string `json:"field_name"` // of a series
	Color     string `json:"chart_color"`
}

func encodeChart(w Widget) chartJSON {
	out := chartJSON{
		Visualization: string(w.Kind), EventAnnotation: w.Events, RollUp: w.RollUp(), Sort: encodeSort(w.Sort),
		RowPivots: encodePivots(w.Rows), ColumnPivots: encodePivots(w.Columns),
	}
	if w.BarMode != "" {
		out.VisualizationConfig = map[string]string{"barmode": w.BarMode}
	}
	var colors []colorJSON
	for _, s := range w.Series {
		out.Series = append(out.Series, seriesJSON{Function: s.String()})
		if s.Color != "" {
			colors = append(colors, colorJSON{s.String(), s.Color})
		}
	}
	if colors != nil {
		out.FormattingSettings = &formattingJSON{colors}
	}
	return out
}

func encodePivots(pivots []Pivot) []pivotJSON {
	out := []pivotJSON{}
	for _, p := range pivots {
		if p.IsTime() {
			out = append(out, pivotJSON{p.Field, "time", pivotConfigJSON{Interval: &intervalJSON{Type: "auto"}}})
		} else {
			out = append(out, pivotJSON{p.Field, "values", pivotConfigJSON{Limit: p.Limit}})
		}
	}
	return out
}

func encodeSort(sorts []Sort) []sortJSON {
	out := []sortJSON{}
	for _, s := range sorts {
		direction := "Ascending"
		if s.Descending {
			direction = "Descending"
		}
		out = append(out, sortJSON{"pivot", s.Field, direction})
	}
	return out
}

func encodeOrder(sorts []Sort) []orderJSON {
	out := []orderJSON{}
	for _, s := range sorts {
		order := "ASC"
		if s.Descending {
			order = "DESC"
		}
		out = append(out, orderJSON{s.Field, order})
	}
	return out
}

// A searchTypeJSON is a question to the server: of the type messages, pivot or
// events.
type searchTypeJSON struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	Name      *string         `json:"name"`
	Timerange timerangeJSON   `json:"timerange"`
	Query     queryStringJSON `json:"query"`
	Streams   []string        `json:"streams"`
	Filter    *string         `json:"filter"`
	Sort      any             `json:"sort,omitempty"` // []sortJSON of a pivot, []orderJSON of messages
	*messagesJSON
	*groupsJSON
}

type messagesJSON struct {
	Limit      int   `json:"limit"`
	Offset     int   `json:"offset"`
	Decorators []any `json:"decorators"`
}

type groupsJSON struct {
	RowGroups    []groupJSON  `json:"row_groups"`
	ColumnGroups []groupJSON  `json:"column_groups"`
	Series       []numberJSON `json:"series"`
	RollUp       bool         `json:"rollup"`
}

type orderJSON struct {
	Field string `json:"field"`
	Order string `json:"order"`
}

type groupJSON struct {
	Type     string        `json:"type"`
	Field    string        `json:"field"`
	Limit    int           `json:"limit,omitempty"`
	Interval *intervalJSON `json:"interval,omitempty"`
}

type numberJSON struct {
	Type  string  `json:"type"`
	ID    string  `json:"id"`
	Field *string `json:"field"`
}

func (e tabEncoder) searchType(w Widget) searchTypeJSON {
	out := searchTypeJSON{ID: uuid("search", e.tab.Title, w.Title), Timerange: e.timerange, Query: lucene(w.Query), Streams: []string{e.tab.Stream.ID}}
	if w.Kind == Messages {
		out.Type = "messages"
		out.Sort = encodeOrder(w.Sort)
		out.messagesJSON = &messagesJSON{Limit: w.Limit, Decorators: []any{}}
		return out
	}
	chart := "chart"
	out.Type, out.Name = "pivot", &chart
	out.groupsJSON = &groupsJSON{RowGroups: encodeGroups(w.Rows), ColumnGroups: encodeGroups(w.Columns), RollUp: w.RollUp()}
	out.Sort = encodeSort(w.Sort)
	for _, s := range w.Series {
		n := numberJSON{Type: s.Function, ID: s.String()}
		if s.Field != "" {
			n.Field = &s.Field
		}
		out.Series = append(out.Series, n)
	}
	return out
}

func encodeGroups(pivots []Pivot) []groupJSON {
	out := []groupJSON{}
	for _, p := range pivots {
		if p.IsTime() {
			one := 1
			out = append(out, groupJSON{Type: "time", Field: p.Field, Interval: &intervalJSON{"auto", &one}})
		} else {
			out = append(out, groupJSON{Type: "values", Field: p.Field, Limit: p.Limit})
		}
	}
	return out
}

// events asks for the events of the stream. They have no logger, so that it
// does not repeat the widget's query.
func (e tabEncoder) events(w Widget) searchTypeJSON {
	name := "events"
	return searchTypeJSON{Type: "events", ID: uuid("events", e.tab.Title, w.Title), Name: &name,
		Timerange: e.timerange, Query: lucene(""), Streams: []string{e.tab.Stream.ID}}
}
