package api

import (
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// An endpoint is a path of the REST API. /api/openapi.json is generated from its
// fields.
type endpoint struct {
	method  string // GET, which includes HEAD, or POST
	path    string
	summary string
	params  []param
	body    any           // a value of the type of a POST's body
	answer  any           // a value of the type; nil if the answer is not JSON
	kind    string        // content type of an answer that is not JSON
	limit   string        // key of requestLimits, "" for no limit
	timeout time.Duration // 0: the handler sets its own
	also    []int         // statuses besides 200, 400, 401, 403, 405 and 500
	serve   func(w http.ResponseWriter, r *http.Request, p params) error
}

// A searchAnswer is the answer of /api/search.
type searchAnswer struct {
	Records []record.Record `json:"records"`
	Before  int64           `json:"before,omitempty"` // of the next page, if the newest records come first
	After   int64           `json:"after,omitempty"`  // of the next page, if the oldest records come first
}

type streamsAnswer struct {
	Streams []record.Stream `json:"streams"`
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
	Cleared int64 `json:"cleared"` // number of records
}

type clearRequest struct {
	Confirm string `json:"confirm"` // "clear"
}

type errorAnswer struct {
	Error    string `json:"error"`
	Position *int   `json:"position,omitempty"` // byte offset in q
}

// table returns the endpoints of the REST API.
func (a *API) table() []endpoint {
	with := func(more ...param) []param { return append(append([]param(nil), selecting...), more...) }
	return []endpoint{
		{path: "/api/search", summary: "The newest records that match, or the oldest, in the order of their arrival. While there may be more, the answer has the before or after of the next page.",
			params: with(paramLimit, paramOrder, paramCut, paramShown), answer: searchAnswer{}, limit: "query", timeout: requestTime, serve: a.serveSearch},
		{path: "/api/records/{id}", summary: "One record with all of its texts.",
			params: []param{paramID}, answer: record.Record{}, limit: "query", timeout: requestTime, also: []int{404}, serve: a.serveRecord},
		{path: "/api/records/{id}/details", summary: "One record with all fields that a search knows it by, and the records around it in time.",
			params: []param{paramID, paramCut.withDefault(search.DetailCut),
				{name: "near", kind: "integer", max: search.MaxNear, byDefault: 5, text: "How many records before it, and how many after it."},
				{name: "among", kind: "string", oneOf: []string{"all", "source", "logger"}, byDefault: "all", text: "Among which: all, or those of the same source or logger."}},
			answer: search.Details{}, limit: "query", timeout: requestTime, also: []int{404}, serve: a.serveDetails},
		{path: "/api/records/{id}/gelf", summary: "One record as the GELF 1.1 that is stored as it is.",
			params: []param{paramID}, answer: map[string]any{}, limit: "query", timeout: requestTime, also: []int{404}, serve: a.serveGELF},
		{path: "/api/wait", summary: "Answers when n records match, or after the timeout.",
			params: with(param{name: "n", kind: "integer", min: 1, max: maxID, byDefault: 1, text: "How many records to wait for."},
				param{name: "timeout", kind: "duration", max: int64(maxWait), byDefault: defaultWait, text: "How long to wait, such as 10s."}),
			answer: waitAnswer{}, limit: "wait", also: []int{504}, serve: a.serveWait},
		{path: "/api/histogram", summary: "How many records match over time, by level.",
			params: with(), answer: pivot.Table{}, limit: "query", timeout: requestTime, serve: a.serveHistogram},
		{path: "/api/facets", summary: "The names of fields and the values of some, with counts, of the newest records that match.",
			params: with(paramFields, param{name: "size", kind: "integer", min: 1, max: pivot.MaxLimit, byDefault: 10, text: "The most values of a field."}),
			answer: pivot.Facets{}, limit: "query", timeout: requestTime, serve: a.serveFacets},
		{path: "/api/aggregate", summary: "A table of numbers about the records that match, as a chart shows it.",
			params: with(
				param{name: "rows", kind: "string", text: "The field to group by; timestamp for spans of time."},
				param{name: "columns", kind: "string", text: "The field to split the groups by."},
				param{name: "series", kind: "string", list: true, byDefault: "count()", text: "count(), or avg, sum, min, max, stddev, latest of a field, such as avg(cpu_percent); with commas between them."},
				param{name: "row_limit", kind: "integer", min: 1, max: pivot.MaxLimit, byDefault: pivot.DefaultLimit, text: "The most rows that are values."},
				param{name: "column_limit", kind: "integer", min: 1, max: pivot.MaxLimit, byDefault: pivot.DefaultLimit, text: "The most columns."}),
			answer: pivot.Table{}, limit: "query", timeout: requestTime, serve: a.serveAggregate},
		{path: "/api/dashboard", summary: "The tabs and widgets of the content pack's dashboard.",
			answer: dashboard.Dashboard{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, dashboard.New())
			}},
		{path: "/api/dashboard/data", summary: "What all widgets of a tab show.",
			params: []param{{name: "tab", kind: "string", required: true, text: "The title of a tab, or its stream.", example: "TTP"}, paramFrom, paramTo,
				{name: "range", kind: "integer", max: paramRange.max, text: "The last so many seconds, in place of from and to; 0 means all. Without any of them, the dashboard's 300."}},
			answer: dashboard.TabData{}, limit: "query", timeout: requestTime, also: []int{404}, serve: a.serveTab},
		{path: "/api/tail", summary: "Records that match as they come: server-sent events of {\"records\": […], \"skipped\": n}, which go on after Last-Event-ID. An event named failure has the error that ended them.",
			params: []param{paramStream, paramQuery, paramLevel, paramAfter, paramCut.withDefault(tailCut), paramShown}, kind: "text/event-stream", limit: "tail", serve: a.serveTail},
		{path: "/api/export", summary: "All records that match, newest first, as a file.",
			params: with(param{name: "format", kind: "string", oneOf: []string{"ndjson", "csv"}, byDefault: "ndjson", text: "A JSON object a line, or CSV."}, paramFields),
			kind:   "application/x-ndjson", limit: "export", serve: a.serveExport},
		{path: "/api/streams", summary: "The streams, their rules and counts.",
			answer: streamsAnswer{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, streamsAnswer{Streams(a.store.Summary())})
			}},
		{path: "/api/stats", summary: "The counters of the collector, and what it keeps.",
			answer: Stats{}, serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
				return writeJSON(w, http.StatusOK, a.collector.Stats())
			}},
		{method: "POST", path: "/api/clear", summary: "Deletes all records. It needs the header X-Requested-By.",
			body: clearRequest{}, answer: clearAnswer{}, limit: "query", timeout: requestTime, also: []int{415}, serve: a.serveClear},
		{path: "/healthz", summary: "200 while every input receives and the store can be written.",
			answer: healthAnswer{}, limit: "health", timeout: 2 * time.Second, also: []int{503}, serve: a.serveHealth},
		{path: "/api/openapi.json", summary: "This description.", answer: map[string]any{}, serve: a.serveOpenAPI},
	}
}
