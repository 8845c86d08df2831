package api

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/gelf"
)

const maxID = 1 << 53 // the largest exact integer in JavaScript

// selecting returns the parameters that select records, and more.
func selecting(more ...rest.Param) []rest.Param {
	return append([]rest.Param{
		paramStream, paramQuery, paramLevel, paramFrom, paramTo, paramRange, paramAfter, paramBefore,
	}, more...)
}

// Parameters that select records.
var (
	paramStream = rest.Param{
		Name: "stream",
		Kind: "string",
		Text: "A stream by its name, title or prefix, in any case.",
	}
	paramQuery = rest.Param{
		Name: "q",
		Kind: "string",
		Text: "A query in Graylog's language: words, \"phrases\", field:value, field:>4, wildcards, AND OR NOT, " +
			"parentheses.",
	}
	paramLevel = rest.Param{
		Name: "level",
		Kind: "string",
		Text: "Records at least this severe: a syslog severity by number or name.",
	}
	paramFrom = rest.Param{
		Name: "from",
		Kind: "time",
		Text: "Records with this timestamp or a later one: 2026-01-02T03:04:05Z, in UTC without a zone.",
	}
	paramTo = rest.Param{
		Name: "to",
		Kind: "time",
		Text: "Records with an earlier timestamp.",
	}
	paramRange = rest.Param{
		Name: "range",
		Kind: "integer",
		Max:  10 * 366 * 86400,
		Text: "Records of the last so many seconds, instead of from and to; 0 means all.",
	}
	paramAfter = rest.Param{
		Name: "after",
		Kind: "integer",
		Max:  maxID,
		Text: "Records with a greater id.",
	}
	paramBefore = rest.Param{
		Name: "before",
		Kind: "integer",
		Min:  1,
		Max:  maxID,
		Text: "Records with a smaller id.",
	}
)

// Parameters that select a part of the answer.
var (
	paramID = rest.Param{
		Name:     "id",
		Kind:     "integer",
		Min:      1,
		Max:      maxID,
		Path:     true,
		Required: true,
		Text:     "The id of a record.",
		Example:  1,
	}
	paramLimit = rest.Param{
		Name:      "limit",
		Kind:      "integer",
		Min:       1,
		Max:       search.MaxLimit,
		ByDefault: search.DefaultLimit,
		Text:      "The largest number of records to return.",
	}
	paramOrder = rest.Param{
		Name:      "order",
		Kind:      "string",
		OneOf:     []string{"newest", "oldest"},
		ByDefault: "newest",
		Text:      "The newest records, newest first, or the oldest, oldest first, by arrival.",
	}
	paramCut = rest.Param{
		Name:      "cut",
		Kind:      "integer",
		Max:       gelf.MaxDecompressed,
		ByDefault: 0,
		Text: "The number of characters to which texts are truncated: message, full_message and those of fields. " +
			"0 means no limit.",
	}
	paramFields = rest.Param{
		Name: "fields",
		Kind: "string",
		List: true,
		Text: "Names of fields, separated by commas.",
	}
	paramShown = rest.Param{
		Name: "fields",
		Kind: "string",
		List: true,
		Text: "Names of the fields that each record has in the answer, separated by commas. The default is all.",
	}
	paramFormat = rest.Param{
		Name:      "format",
		Kind:      "string",
		OneOf:     []string{"ndjson", "csv"},
		ByDefault: "ndjson",
		Text:      "A JSON object per line, or CSV.",
	}
	paramNear = rest.Param{
		Name:      "near",
		Kind:      "integer",
		Max:       search.MaxNear,
		ByDefault: 5,
		Text:      "How many records before it, and how many after it.",
	}
	paramAmong = rest.Param{
		Name:      "among",
		Kind:      "string",
		OneOf:     []string{"all", "source", "logger"},
		ByDefault: "all",
		Text:      "Nearest among all records, or among those with the same source or logger.",
	}
	paramN = rest.Param{
		Name:      "n",
		Kind:      "integer",
		Min:       1,
		Max:       maxID,
		ByDefault: 1,
		Text:      "How many records to wait for.",
	}
	paramTimeout = rest.Param{
		Name:      "timeout",
		Kind:      "duration",
		Max:       int64(maxWait),
		ByDefault: defaultWait,
		Text:      "How long to wait, such as 10s.",
	}
)

// Parameters of charts and facets.
var (
	paramSize = rest.Param{
		Name:      "size",
		Kind:      "integer",
		Min:       1,
		Max:       pivot.MaxLimit,
		ByDefault: 10,
		Text:      "The largest number of values of a field.",
	}
	paramRows = rest.Param{
		Name: "rows",
		Kind: "string",
		Text: "The field to group by; timestamp groups by time intervals.",
	}
	paramColumns = rest.Param{
		Name: "columns",
		Kind: "string",
		Text: "The field to split the groups by.",
	}
	paramSeries = rest.Param{
		Name:      "series",
		Kind:      "string",
		List:      true,
		ByDefault: "count()",
		Text: "count(), or avg, sum, min, max, stddev or latest of a field, such as avg(cpu_percent), separated by " +
			"commas.",
	}
	paramRowLimit = rest.Param{
		Name:      "row_limit",
		Kind:      "integer",
		Min:       1,
		Max:       pivot.MaxLimit,
		ByDefault: pivot.DefaultLimit,
		Text:      "The largest number of rows that are values.",
	}
	paramColumnLimit = rest.Param{
		Name:      "column_limit",
		Kind:      "integer",
		Min:       1,
		Max:       pivot.MaxLimit,
		ByDefault: pivot.DefaultLimit,
		Text:      "The largest number of columns.",
	}
	paramTab = rest.Param{
		Name:     "tab",
		Kind:     "string",
		Required: true,
		Text:     "The title of a tab, or its stream.",
		Example:  "TTP",
	}
	paramTabRange = rest.Param{
		Name: "range",
		Kind: "integer",
		Max:  paramRange.Max,
		Text: "The last so many seconds, instead of from and to; 0 means all. Without any of them, the dashboard's " +
			"300.",
	}
)
