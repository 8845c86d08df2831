package api

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/gelf"
)

const maxID = 1 << 53 // the largest exact integer in JavaScript

// selecting returns the parameters that select records, and more.
func selecting(more ...param) []param {
	return append([]param{
		paramStream, paramQuery, paramLevel, paramFrom, paramTo, paramRange, paramAfter, paramBefore,
	}, more...)
}

// Parameters that select records.
var (
	paramStream = param{
		name: "stream",
		kind: "string",
		text: "A stream by its name, title or prefix, in any case.",
	}
	paramQuery = param{
		name: "q",
		kind: "string",
		text: "A query in Graylog's language: words, \"phrases\", field:value, field:>4, wildcards, AND OR NOT, " +
			"parentheses.",
	}
	paramLevel = param{
		name: "level",
		kind: "string",
		text: "Records at least this severe: a syslog severity by number or name.",
	}
	paramFrom = param{
		name: "from",
		kind: "time",
		text: "Records with this timestamp or a later one: 2026-01-02T03:04:05Z, in UTC without a zone.",
	}
	paramTo = param{
		name: "to",
		kind: "time",
		text: "Records with an earlier timestamp.",
	}
	paramRange = param{
		name: "range",
		kind: "integer",
		max:  10 * 366 * 86400,
		text: "Records of the last so many seconds, instead of from and to; 0 means all.",
	}
	paramAfter = param{
		name: "after",
		kind: "integer",
		max:  maxID,
		text: "Records with a greater id.",
	}
	paramBefore = param{
		name: "before",
		kind: "integer",
		min:  1,
		max:  maxID,
		text: "Records with a smaller id.",
	}
)

// Parameters that select a part of the answer.
var (
	paramID = param{
		name:     "id",
		kind:     "integer",
		min:      1,
		max:      maxID,
		path:     true,
		required: true,
		text:     "The id of a record.",
		example:  1,
	}
	paramLimit = param{
		name:      "limit",
		kind:      "integer",
		min:       1,
		max:       search.MaxLimit,
		byDefault: search.DefaultLimit,
		text:      "The largest number of records to return.",
	}
	paramOrder = param{
		name:      "order",
		kind:      "string",
		oneOf:     []string{"newest", "oldest"},
		byDefault: "newest",
		text:      "The newest records, newest first, or the oldest, oldest first, by arrival.",
	}
	paramCut = param{
		name:      "cut",
		kind:      "integer",
		max:       gelf.MaxDecompressed,
		byDefault: 0,
		text: "The number of characters to which texts are truncated: message, full_message and those of fields. " +
			"0 means no limit.",
	}
	paramFields = param{
		name: "fields",
		kind: "string",
		list: true,
		text: "Names of fields, separated by commas.",
	}
	paramShown = param{
		name: "fields",
		kind: "string",
		list: true,
		text: "Names of the fields that each record has in the answer, separated by commas. The default is all.",
	}
	paramFormat = param{
		name:      "format",
		kind:      "string",
		oneOf:     []string{"ndjson", "csv"},
		byDefault: "ndjson",
		text:      "A JSON object per line, or CSV.",
	}
	paramNear = param{
		name:      "near",
		kind:      "integer",
		max:       search.MaxNear,
		byDefault: 5,
		text:      "How many records before it, and how many after it.",
	}
	paramAmong = param{
		name:      "among",
		kind:      "string",
		oneOf:     []string{"all", "source", "logger"},
		byDefault: "all",
		text:      "Nearest among all records, or among those with the same source or logger.",
	}
	paramN = param{
		name:      "n",
		kind:      "integer",
		min:       1,
		max:       maxID,
		byDefault: 1,
		text:      "How many records to wait for.",
	}
	paramTimeout = param{
		name:      "timeout",
		kind:      "duration",
		max:       int64(maxWait),
		byDefault: defaultWait,
		text:      "How long to wait, such as 10s.",
	}
)

// Parameters of charts and facets.
var (
	paramSize = param{
		name:      "size",
		kind:      "integer",
		min:       1,
		max:       pivot.MaxLimit,
		byDefault: 10,
		text:      "The largest number of values of a field.",
	}
	paramRows = param{
		name: "rows",
		kind: "string",
		text: "The field to group by; timestamp groups by time intervals.",
	}
	paramColumns = param{
		name: "columns",
		kind: "string",
		text: "The field to split the groups by.",
	}
	paramSeries = param{
		name:      "series",
		kind:      "string",
		list:      true,
		byDefault: "count()",
		text: "count(), or avg, sum, min, max, stddev or latest of a field, such as avg(cpu_percent), separated by " +
			"commas.",
	}
	paramRowLimit = param{
		name:      "row_limit",
		kind:      "integer",
		min:       1,
		max:       pivot.MaxLimit,
		byDefault: pivot.DefaultLimit,
		text:      "The largest number of rows that are values.",
	}
	paramColumnLimit = param{
		name:      "column_limit",
		kind:      "integer",
		min:       1,
		max:       pivot.MaxLimit,
		byDefault: pivot.DefaultLimit,
		text:      "The largest number of columns.",
	}
	paramTab = param{
		name:     "tab",
		kind:     "string",
		required: true,
		text:     "The title of a tab, or its stream.",
		example:  "TTP",
	}
	paramTabRange = param{
		name: "range",
		kind: "integer",
		max:  paramRange.max,
		text: "The last so many seconds, instead of from and to; 0 means all. Without any of them, the dashboard's " +
			"300.",
	}
)
