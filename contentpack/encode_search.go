package contentpack

// A searchTypeJSON is a search of type messages, pivot or events.
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
	out := searchTypeJSON{
		ID:        uuid("search", e.tab.Title, w.Title),
		Timerange: e.timerange,
		Query:     lucene(w.Query),
		Streams:   []string{e.tab.Stream.ID},
	}
	if w.Kind == KindMessages {
		out.Type = "messages"
		out.Sort = encodeOrder(w.Sort)
		out.messagesJSON = &messagesJSON{Limit: w.Limit, Decorators: []any{}}
		return out
	}
	chart := "chart"
	out.Type, out.Name = "pivot", &chart
	out.groupsJSON = &groupsJSON{
		RowGroups:    encodeGroups(w.Rows),
		ColumnGroups: encodeGroups(w.Columns),
		RollUp:       w.RollUp(),
	}
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

// events returns a search for the events of the stream. It lacks the widget's query,
// because events have no logger.
func (e tabEncoder) events(w Widget) searchTypeJSON {
	name := "events"
	return searchTypeJSON{Type: "events", ID: uuid("events", e.tab.Title, w.Title), Name: &name,
		Timerange: e.timerange, Query: lucene(""), Streams: []string{e.tab.Stream.ID}}
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
