package api

import (
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
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

// clearSchema describes a clearRequest.
var clearSchema = rest.Object{
	"type":                 "object",
	"properties":           rest.Object{"confirm": rest.Object{"type": "string", "enum": []string{"clear"}}},
	"required":             []string{"confirm"},
	"additionalProperties": false,
}

type clearRequest struct {
	Confirm string `json:"confirm"` // "clear"
}

// table returns the endpoints of the REST API.
func (a *API) table() []rest.Endpoint {
	all := []rest.Endpoint{{
		Path: "/api/search",
		Summary: "The newest records that match, or the oldest, in the order of their arrival. While there may be " +
			"more, the answer has the before or after of the next page.",
		Params: selecting(paramLimit, paramOrder, paramCut, paramShown),
		Answer: searchAnswer{},
		Serve:  a.serveSearch,
	}, {
		Path:    "/api/records/{id}",
		Summary: "One record with all of its texts.",
		Params:  []rest.Param{paramID},
		Answer:  record.Record{},
		Also:    []int{404},
		Serve:   a.serveRecord,
	}, {
		Path:    "/api/records/{id}/details",
		Summary: "One record with all fields that a search finds it by, and the nearest records by timestamp.",
		Params:  []rest.Param{paramID, paramCut.WithDefault(search.DetailCut), paramNear, paramAmong},
		Answer:  search.Details{},
		Also:    []int{404},
		Serve:   a.serveDetails,
	}, {
		Path:    "/api/records/{id}/gelf",
		Summary: "One record as GELF 1.1. If it is sent again, the same record is stored.",
		Params:  []rest.Param{paramID},
		Answer:  map[string]any{},
		Also:    []int{404},
		Serve:   a.serveGELF,
	}, {
		Path:    "/api/wait",
		Summary: "Answers when n records match, or after the timeout.",
		Params:  selecting(paramN, paramTimeout),
		Answer:  waitAnswer{},
		Late:    "fewer records match",
		Limit:   "wait",
		Also:    []int{504},
		Serve:   a.serveWait,
	}, {
		Path:    "/api/histogram",
		Summary: "How many records match over time, by level.",
		Params:  selecting(),
		Answer:  pivot.Table{},
		Serve:   a.serveHistogram,
	}, {
		Path:    "/api/facets",
		Summary: "The names of fields, and the values of some, with counts, of the newest records that match.",
		Params:  selecting(paramFields, paramSize),
		Answer:  pivot.Facets{},
		Serve:   a.serveFacets,
	}, {
		Path:    "/api/aggregate",
		Summary: "A table of numbers about the records that match, as a chart shows it.",
		Params:  selecting(paramRows, paramColumns, paramSeries, paramRowLimit, paramColumnLimit),
		Answer:  pivot.Table{},
		Serve:   a.serveAggregate,
	}, {
		Path:    "/api/dashboard",
		Summary: "The tabs and widgets of the content pack's dashboard.",
		Answer:  dashboard.Dashboard{},
		Limit:   noLimit,
		Serve: func(w http.ResponseWriter, _ *http.Request, _ rest.Params) error {
			return rest.WriteJSON(w, http.StatusOK, dashboard.New())
		},
	}, {
		Path:    "/api/dashboard/data",
		Summary: "What all widgets of a tab show.",
		Params:  []rest.Param{paramTab, paramFrom, paramTo, paramTabRange},
		Answer:  dashboard.TabData{},
		Also:    []int{404},
		Serve:   a.serveTab,
	}, {
		Path: "/api/tail",
		Summary: "Matching records as they arrive: server-sent events of {\"records\": […], \"skipped\": n}, which " +
			"continue after Last-Event-ID. An event named failure has the error that ended the tail.",
		Params: []rest.Param{
			paramStream, paramQuery, paramLevel, paramAfter, paramCut.WithDefault(tailCut), paramShown,
		},
		Kind:  "text/event-stream",
		Limit: "tail",
		Serve: a.serveTail,
	}, {
		Path:    "/api/export",
		Summary: "All records that match, newest first, as a file.",
		Params:  selecting(paramFormat, paramFields),
		Kind:    "application/x-ndjson",
		AltKind: "text/csv",
		Limit:   "export",
		Serve:   a.serveExport,
	}, {
		Path:    "/api/streams",
		Summary: "The streams, their rules and counts.",
		Answer:  streamsAnswer{},
		Limit:   noLimit,
		Serve: func(w http.ResponseWriter, _ *http.Request, _ rest.Params) error {
			return rest.WriteJSON(w, http.StatusOK, streamsAnswer{Streams(a.store.Summary())})
		},
	}, {
		Path:    "/api/stats",
		Summary: "The counters of the collector, and its retention.",
		Answer:  Stats{},
		Limit:   noLimit,
		Serve: func(w http.ResponseWriter, _ *http.Request, _ rest.Params) error {
			return rest.WriteJSON(w, http.StatusOK, a.collector.Stats())
		},
	}, {
		Method:  "POST",
		Path:    "/api/clear",
		Summary: "Deletes all records. It requires the header X-Requested-By.",
		Body:    clearSchema,
		Answer:  clearAnswer{},
		Also:    []int{415},
		Serve:   a.serveClear,
	}, {
		Path:    "/healthz",
		Summary: "200 if every input receives and the store can be written.",
		Answer:  healthAnswer{},
		Limit:   "health",
		Timeout: 2 * time.Second,
		Also:    []int{503},
		Serve:   a.serveHealth,
	}, {
		Path:    "/api/openapi.json",
		Summary: "This description.",
		Answer:  map[string]any{},
		Limit:   noLimit,
		Serve:   a.serveOpenAPI,
	}}
	for i := range all {
		switch all[i].Limit {
		case "":
			all[i].Limit, all[i].Timeout = "query", requestTime
		case noLimit:
			all[i].Limit = ""
		}
	}
	return all
}

// noLimit is the limit of an endpoint that any number of requests may use at once.
const noLimit = "none"
