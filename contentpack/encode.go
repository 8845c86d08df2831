package contentpack

// The types in encode*.go are the JSON of packs in Graylog 4.0. They lack later
// fields, which have defaults, because an older server rejects a pack with them.

type packJSON struct {
	V           int          `json:"v"`
	ID          string       `json:"id"`
	Rev         int          `json:"rev"`
	Name        string       `json:"name"`
	Summary     string       `json:"summary"`
	Description string       `json:"description"`
	Vendor      string       `json:"vendor"`
	URL         string       `json:"url"`
	Parameters  []any        `json:"parameters"` // empty, because the auto loader passes no values
	Entities    []entityJSON `json:"entities"`
}

type entityJSON struct {
	V           string           `json:"v"`
	Type        entityType       `json:"type"`
	ID          string           `json:"id"`
	Data        any              `json:"data"`
	Constraints []constraintJSON `json:"constraints"`
}

type entityType struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type constraintJSON struct {
	Type    string `json:"type"`
	Version string `json:"version"`
}

// A value is a constant. A parameter of the pack could take its place.
type value struct {
	Type  string `json:"@type"`
	Value any    `json:"@value"`
}

func text(s string) value { return value{"string", s} }
func truth(b bool) value  { return value{"boolean", b} }
func number(n int) value  { return value{"integer", n} }

func encodePack(p Pack, description string) packJSON {
	out := packJSON{
		V: 1, ID: ID, Rev: p.Revision, Name: p.Name, Summary: p.Summary, Description: description,
		Vendor: p.Vendor, URL: p.URL, Parameters: []any{},
	}
	add := func(kind, version, id string, data any) {
		out.Entities = append(out.Entities, entityJSON{"1", entityType{kind, version}, id, data,
			[]constraintJSON{{"server-version", ">=" + p.MinServer}}})
	}
	for _, in := range p.Inputs {
		add("input", "1", uuid("input", in.Title), encodeInput(in))
	}
	for _, s := range p.Streams {
		add("stream", "1", s.ID, encodeStream(s))
	}
	add("dashboard", "2", uuid("dashboard", p.Dashboard.Title), encodeDashboard(p.Dashboard))
	return out
}

type inputJSON struct {
	Title         value            `json:"title"`
	Configuration map[string]value `json:"configuration"`
	StaticFields  struct{}         `json:"static_fields"`
	Type          value            `json:"type"`
	Global        value            `json:"global"`
	Extractors    []any            `json:"extractors"`
}

func encodeInput(in Input) inputJSON {
	return inputJSON{
		Title: text(in.Title),
		Configuration: map[string]value{
			"bind_address":              text(in.Bind),
			"port":                      number(in.Port),
			"use_null_delimiter":        truth(true),
			"max_message_size":          number(2 << 20),
			"recv_buffer_size":          number(1 << 20),
			"decompress_size_limit":     number(8 << 20),
			"number_worker_threads":     number(4),
			"tcp_keepalive":             truth(false),
			"tls_enable":                truth(in.TLS.Enable),
			"tls_cert_file":             text(in.TLS.CertFile),
			"tls_key_file":              text(in.TLS.KeyFile),
			"tls_key_password":          text(""),
			"tls_client_auth":           text(string(in.TLS.ClientAuth)),
			"tls_client_auth_cert_file": text(in.TLS.ClientCAs),
		},
		Type:       text("org.graylog2.inputs.gelf.tcp.GELFTCPInput"),
		Global:     truth(true),
		Extractors: []any{},
	}
}

type streamJSON struct {
	Title           value      `json:"title"`
	Description     value      `json:"description"`
	Disabled        value      `json:"disabled"`
	MatchingType    value      `json:"matching_type"`
	StreamRules     []ruleJSON `json:"stream_rules"`
	AlertConditions []any      `json:"alert_conditions"`
	AlarmCallbacks  []any      `json:"alarm_callbacks"`
	Outputs         []any      `json:"outputs"`
	DefaultStream   value      `json:"default_stream"`
	RemoveMatches   value      `json:"remove_matches"`
}

type ruleJSON struct {
	Type        value `json:"type"`
	Field       value `json:"field"`
	Value       value `json:"value"`
	Inverted    value `json:"inverted"`
	Description value `json:"description"`
}

func encodeStream(s Stream) streamJSON {
	out := streamJSON{
		Title: text(s.Title), Description: text(s.Description), Disabled: truth(false), MatchingType: text("AND"),
		AlertConditions: []any{}, AlarmCallbacks: []any{}, Outputs: []any{},
		DefaultStream: truth(false), RemoveMatches: truth(false),
	}
	for _, r := range s.Rules {
		out.StreamRules = append(out.StreamRules, ruleJSON{
			Type:        text("CONTAINS"),
			Field:       text(r.Field),
			Value:       text(r.Contains),
			Inverted:    truth(false),
			Description: text(""),
		})
	}
	return out
}
