package collector

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An endpoint is a path of the REST API: what serves it, and what the description
// at /api/openapi.json says of it.
type endpoint struct {
	method  string // GET, which HEAD is too, or POST
	path    string
	summary string
	params  []param
	body    any           // of a POST: a value of the type
	answer  any           // a value of the type; nil for what is no JSON
	kind    string        // of an answer that is no JSON: its content type
	limit   string        // the gate that bounds how many run at once, "" for none
	timeout time.Duration // 0: the handler has its own
	also    []int         // statuses beside 200, 400, 401, 403, 405 and 500
	serve   func(w http.ResponseWriter, r *http.Request, p params) error
}

// searchAnswer is what /api/search says.
type searchAnswer struct {
	Records []Record `json:"records"`
	Before  int64    `json:"before,omitempty"` // of the next page
	After   int64    `json:"after,omitempty"`  // likewise, of the oldest first
}

type streamsAnswer struct {
	Streams []Stream `json:"streams"`
}

type waitAnswer struct {
	Count  int    `json:"count"`
	Wanted int    `json:"wanted"`
	Error  string `json:"error,omitempty"`
}

type healthAnswer struct {
	Status string `json:"status"`
}

type clearAnswer struct {
	Cleared int64 `json:"cleared"` // records
}

type clearRequest struct {
	Confirm string `json:"confirm"` // "clear"
}

type errorAnswer struct {
	Error    string `json:"error"`
	Position *int   `json:"position,omitempty"` // byte of q that the error is about, from 0
}

// table is the REST API.
func (c *Collector) table() []endpoint {
	with := func(more ...param) []param { return append(append([]param(nil), selecting...), more...) }
	return []endpoint{
		{path: "/api/search", summary: "The newest records that match, or the oldest, in the order of their arrival. While there may be more, the answer has the before or after of the next page.",
			params: with(paramLimit, paramOrder, paramCut, paramShown), answer: searchAnswer{}, limit: "query", timeout: requestTime, serve: c.serveSearch},
		{path: "/api/records/{id}", summary: "One record with all of its texts.",
			params: []param{paramID}, answer: Record{}, limit: "query", timeout: requestTime, also: []int{404}, serve: c.serveRecord},
		{path: "/api/records/{id}/details", summary: "One record with all fields that a search knows it by, and the records around it in time.",
			params: []param{paramID, paramCut.unless(detailCut),
				{name: "near", kind: "integer", most: maxNear, standard: 5, text: "How many records before it, and how many after it."},
				{name: "among", kind: "string", oneOf: []string{"all", "source", "logger"}, standard: "all", text: "Among which: all, or those of the same source or logger."}},
			answer: Details{}, limit: "query", timeout: requestTime, also: []int{404}, serve: c.serveDetails},
		{path: "/api/records/{id}/gelf", summary: "One record as the GELF 1.1 that is stored as it is.",
			params: []param{paramID}, answer: map[string]any{}, limit: "query", timeout: requestTime, also: []int{404}, serve: c.serveGELF},
		{path: "/api/wait", summary: "Answers when n records match, or after the timeout.",
			params: with(param{name: "n", kind: "integer", least: 1, most: maxID, standard: 1, text: "How many records to wait for."},
				param{name: "timeout", kind: "duration", most: int64(maxWait), standard: defaultWait, text: "How long to wait, such as 10s."}),
			answer: waitAnswer{}, limit: "wait", also: []int{504}, serve: c.serveWait},
		{path: "/api/histogram", summary: "How many records match over time, by level.",
			params: with(), answer: Table{}, limit: "query", timeout: requestTime, serve: c.serveHistogram},
		{path: "/api/facets", summary: "The names of fields and the values of some, with counts, of the newest records that match.",
			params: with(paramFields, param{name: "size", kind: "integer", least: 1, most: maxLimit, standard: 10, text: "The most values of a field."}),
			answer: Facets{}, limit: "query", timeout: requestTime, serve: c.serveFacets},
		{path: "/api/aggregate", summary: "A table of numbers about the records that match, as a chart shows it.",
			params: with(
				param{name: "rows", kind: "string", text: "The field to group by; timestamp for spans of time."},
				param{name: "columns", kind: "string", text: "The field to split the groups by."},
				param{name: "series", kind: "string", list: true, standard: "count()", text: "count(), or avg, sum, min, max, stddev, latest of a field, such as avg(cpu_percent); with commas between them."},
				param{name: "row_limit", kind: "integer", least: 1, most: maxLimit, standard: defaultGroup, text: "The most rows that are values."},
				param{name: "column_limit", kind: "integer", least: 1, most: maxLimit, standard: defaultGroup, text: "The most columns."}),
			answer: Table{}, limit: "query", timeout: requestTime, serve: c.serveAggregate},
		{path: "/api/dashboard", summary: "The tabs and widgets of the content pack's dashboard.",
			answer: Dashboard{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, c.Dashboard())
			}},
		{path: "/api/dashboard/data", summary: "What all widgets of a tab show.",
			params: []param{{name: "tab", kind: "string", required: true, text: "The title of a tab, or its stream.", example: "TTP"}, paramFrom, paramTo,
				{name: "range", kind: "integer", most: paramRange.most, text: "The last so many seconds, in place of from and to; 0 means all. Without any of them, the dashboard's 300."}},
			answer: TabData{}, limit: "query", timeout: requestTime, also: []int{404}, serve: c.serveTab},
		{path: "/api/tail", summary: "Records that match as they come: server-sent events of {\"records\": […], \"skipped\": n}, which go on after Last-Event-ID. An event named failure has the error that ended them.",
			params: []param{paramStream, paramQuery, paramLevel, paramAfter, paramCut.unless(tailCut), paramShown}, kind: "text/event-stream", limit: "tail", serve: c.serveTail},
		{path: "/api/export", summary: "All records that match, newest first, as a file.",
			params: with(param{name: "format", kind: "string", oneOf: []string{"ndjson", "csv"}, standard: "ndjson", text: "A JSON object a line, or CSV."}, paramFields),
			kind:   "application/x-ndjson", limit: "export", serve: c.serveExport},
		{path: "/api/streams", summary: "The streams, their rules and counts.",
			answer: streamsAnswer{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, streamsAnswer{c.Streams()})
			}},
		{path: "/api/stats", summary: "The counters of the collector, and what it keeps.",
			answer: Stats{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, c.Stats())
			}},
		{method: "POST", path: "/api/clear", summary: "Deletes all records. It needs the header X-Requested-By.",
			body: clearRequest{}, answer: clearAnswer{}, limit: "query", timeout: requestTime, also: []int{415}, serve: c.serveClear},
		{path: "/healthz", summary: "200 while every input receives and the store can be written.",
			answer: healthAnswer{}, limit: "health", timeout: 2 * time.Second, also: []int{503}, serve: c.serveHealth},
		{path: "/api/openapi.json", summary: "This description.", answer: map[string]any{}, serve: c.serveOpenAPI},
	}
}

// routes returns the handler of all paths.
func (c *Collector) routes() http.Handler {
	mux := http.NewServeMux()
	for _, v := range pageViews {
		mux.HandleFunc(v.pattern(), onlyGET(c.serveView(v)))
	}
	mux.HandleFunc("/assets/", onlyGET(serveAsset))
	gates := make(map[string]*gate)
	for kind, limits := range gateLimits {
		gates[kind] = newGate(limits)
	}
	for _, rt := range c.table() {
		mux.HandleFunc(rt.path, rt.handler(gates[rt.limit]))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, fmt.Errorf("no page %s", r.URL.Path))
	})
	guarded := guardSite(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

func onlyGET(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if methodAllowed(w, r, "GET") {
			serve(w, r)
		}
	}
}

func methodAllowed(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method || method == "GET" && r.Method == http.MethodHead {
		return true
	}
	allow := method
	if method == "GET" {
		allow = "GET, HEAD"
	}
	w.Header().Set("Allow", allow)
	writeError(w, http.StatusMethodNotAllowed, fmt.Errorf("method %s: this path takes %s", r.Method, allow))
	return false
}

// handler serves the route within the limits of its gate, nil for none.
func (rt endpoint) handler(g *gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !methodAllowed(w, r, rt.httpMethod()) {
			return
		}
		p, err := parseParams(r, rt.params)
		if err != nil {
			writeFailure(w, err)
			return
		}
		if g != nil {
			if err := g.enter(r.Context()); err != nil {
				w.Header().Set("Retry-After", "1")
				writeFailure(w, err)
				return
			}
			defer g.leave()
		}
		if rt.timeout > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), rt.timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if err := rt.serve(w, r, p); err != nil {
			writeFailure(w, err)
		}
	}
}

func (rt endpoint) httpMethod() string {
	if rt.method == "" {
		return "GET"
	}
	return rt.method
}

// serveAggregate answers with one pivot.
func (c *Collector) serveAggregate(w http.ResponseWriter, r *http.Request, p params) error {
	var v Pivot
	if f := p.text("rows"); f != "" {
		v.Row = &Group{Field: f, Limit: p.int("row_limit")}
	}
	if f := p.text("columns"); f != "" {
		v.Column = &Group{Field: f, Limit: p.int("column_limit")}
	}
	for _, text := range p.list("series") {
		function, field, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		if !ok || !strings.HasSuffix(text, ")") {
			return fmt.Errorf("%w: series %q: write it as count() or avg(cpu_percent)", ErrQuery, text)
		}
		v.Series = append(v.Series, Series{function, field})
	}
	return c.aggregateOne(w, r, p, v)
}

func (c *Collector) serveHistogram(w http.ResponseWriter, r *http.Request, p params) error {
	return c.aggregateOne(w, r, p, Pivot{
		Row: &Group{Field: "timestamp"}, Column: &Group{Field: "level", Empty: true}, Series: []Series{{Function: "count"}},
	})
}

func (c *Collector) aggregateOne(w http.ResponseWriter, r *http.Request, p params, v Pivot) error {
	tables, err := c.Aggregate(r.Context(), p.query(), []Pivot{v})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, tables[0])
}

func (c *Collector) serveFacets(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := c.Facets(r.Context(), p.query(), p.list("fields"), p.int("size"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, f)
}

func (c *Collector) serveTab(w http.ResponseWriter, r *http.Request, p params) error {
	from, to := p.times()
	if !p.has("range") && from.IsZero() && to.IsZero() {
		to = time.Now()
		from = to.Add(-pack().Dashboard.Range)
	}
	data, err := c.TabData(r.Context(), p.text("tab"), from.UTC(), to.UTC())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, data)
}
