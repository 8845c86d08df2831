package api

import (
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

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
	all := []endpoint{{
		path: "/api/search",
		summary: "The newest records that match, or the oldest, in the order of their arrival. While there may be " +
			"more, the answer has the before or after of the next page.",
		params: selecting(paramLimit, paramOrder, paramCut, paramShown),
		answer: searchAnswer{},
		serve:  a.serveSearch,
	}, {
		path:    "/api/records/{id}",
		summary: "One record with all of its texts.",
		params:  []param{paramID},
		answer:  record.Record{},
		also:    []int{404},
		serve:   a.serveRecord,
	}, {
		path:    "/api/records/{id}/details",
		summary: "One record with all fields that a search finds it by, and the nearest records by timestamp.",
		params:  []param{paramID, paramCut.withDefault(search.DetailCut), paramNear, paramAmong},
		answer:  search.Details{},
		also:    []int{404},
		serve:   a.serveDetails,
	}, {
		path:    "/api/records/{id}/gelf",
		summary: "One record as GELF 1.1. If it is sent again, the same record is stored.",
		params:  []param{paramID},
		answer:  map[string]any{},
		also:    []int{404},
		serve:   a.serveGELF,
	}, {
		path:    "/api/wait",
		summary: "Answers when n records match, or after the timeout.",
		params:  selecting(paramN, paramTimeout),
		answer:  waitAnswer{},
		limit:   "wait",
		also:    []int{504},
		serve:   a.serveWait,
	}, {
		path:    "/api/histogram",
		summary: "How many records match over time, by level.",
		params:  selecting(),
		answer:  pivot.Table{},
		serve:   a.serveHistogram,
	}, {
		path:    "/api/facets",
		summary: "The names of fields, and the values of some, with counts, of the newest records that match.",
		params:  selecting(paramFields, paramSize),
		answer:  pivot.Facets{},
		serve:   a.serveFacets,
	}, {
		path:    "/api/aggregate",
		summary: "A table of numbers about the records that match, as a chart shows it.",
		params:  selecting(paramRows, paramColumns, paramSeries, paramRowLimit, paramColumnLimit),
		answer:  pivot.Table{},
		serve:   a.serveAggregate,
	}, {
		path:    "/api/dashboard",
		summary: "The tabs and widgets of the content pack's dashboard.",
		answer:  dashboard.Dashboard{},
		limit:   noLimit,
		serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
			return writeJSON(w, http.StatusOK, dashboard.New())
		},
	}, {
		path:    "/api/dashboard/data",
		summary: "What all widgets of a tab show.",
		params:  []param{paramTab, paramFrom, paramTo, paramTabRange},
		answer:  dashboard.TabData{},
		also:    []int{404},
		serve:   a.serveTab,
	}, {
		path: "/api/tail",
		summary: "Matching records as they arrive: server-sent events of {\"records\": […], \"skipped\": n}, which " +
			"continue after Last-Event-ID. An event named failure has the error that ended the tail.",
		params: []param{
			paramStream, paramQuery, paramLevel, paramAfter, paramCut.withDefault(tailCut), paramShown,
		},
		kind:  "text/event-stream",
		limit: "tail",
		serve: a.serveTail,
	}, {
		path:    "/api/export",
		summary: "All records that match, newest first, as a file.",
		params:  selecting(paramFormat, paramFields),
		kind:    "application/x-ndjson",
		limit:   "export",
		serve:   a.serveExport,
	}, {
		path:    "/api/streams",
		summary: "The streams, their rules and counts.",
		answer:  streamsAnswer{},
		limit:   noLimit,
		serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
			return writeJSON(w, http.StatusOK, streamsAnswer{Streams(a.store.Summary())})
		},
	}, {
		path:    "/api/stats",
		summary: "The counters of the collector, and its retention.",
		answer:  Stats{},
		limit:   noLimit,
		serve: func(w http.ResponseWriter, _ *http.Request, _ params) error {
			return writeJSON(w, http.StatusOK, a.collector.Stats())
		},
	}, {
		method:  "POST",
		path:    "/api/clear",
		summary: "Deletes all records. It requires the header X-Requested-By.",
		body:    clearRequest{},
		answer:  clearAnswer{},
		also:    []int{415},
		serve:   a.serveClear,
	}, {
		path:    "/healthz",
		summary: "200 if every input receives and the store can be written.",
		answer:  healthAnswer{},
		limit:   "health",
		timeout: 2 * time.Second,
		also:    []int{503},
		serve:   a.serveHealth,
	}, {
		path:    "/api/openapi.json",
		summary: "This description.",
		answer:  map[string]any{},
		limit:   noLimit,
		serve:   a.serveOpenAPI,
	}}
	for i := range all {
		switch all[i].limit {
		case "":
			all[i].limit, all[i].timeout = "query", requestTime
		case noLimit:
			all[i].limit = ""
		}
	}
	return all
}

// noLimit is the limit of an endpoint that any number of requests may use at once.
const noLimit = "none"
