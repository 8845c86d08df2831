package contentpack

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
	out := widgetJSON{
		ID:        id,
		Type:      "aggregation",
		Timerange: e.timerange,
		Query:     lucene(w.Query),
		Streams:   []string{e.tab.Stream.ID},
	}
	if w.Kind == KindMessages {
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

// An intervalJSON is an interval. Scaling is null in a widget and 1 in a search
// type.
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
