package api

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Stats are the counters of a collector. Received, Stored, Pruned, Lost and Refused
// count since the start. The store may have older records.
type Stats struct {
	Started time.Time `json:"started"`

	Received int64 `json:"received"` // frames: records and refused frames
	Stored   int64 `json:"stored"`   // records
	Queued   int64 `json:"queued"`   // records that wait for the store
	Pruned   int64 `json:"pruned"`   // records deleted to stay within the bounds, or by Clear
	Lost     int64 `json:"lost"`     // records that could not be stored when the collector stopped
	Bytes    int64 `json:"bytes"`    // of all frames

	Rate float64 `json:"rate"` // records stored per second, over the last five seconds

	// Refused counts the frames of which Graylog would store nothing, by reason.
	// Newest has the newest of these frames, newest first.
	Refused map[string]int64 `json:"refused"`
	Newest  []ingest.Refused `json:"newest_refused"`

	Inputs  []ingest.InputStats `json:"inputs"`
	Streams []record.Stream     `json:"streams"`

	Retention Retention `json:"retention"`

	Records    int64      `json:"records"`     // in the store
	Oldest     *time.Time `json:"oldest"`      // time of arrival of the oldest record, nil if the store is empty
	StoreBytes int64      `json:"store_bytes"` // size on disk
	StoreError string     `json:"store_error"` // why the store cannot be written now, "" if it can
	Damage     string     `json:"damage"`      // the first damage that was found, "" if there is none
	Persistent bool       `json:"persistent"`  // the store outlives the process
}

// Retention has the bounds of the store. The oldest records are deleted first.
type Retention struct {
	MaxRecords int64   `json:"max_records"`
	MaxAge     float64 `json:"max_age_seconds"` // since the arrival of a record; 0 means no limit
	MaxBytes   int64   `json:"max_bytes"`       // on disk
}

// Streams returns the streams in the order of the dashboard's tabs, and the default
// stream at the end, with the counts of the store.
func Streams(held store.Summary) []record.Stream {
	all := record.Streams()
	for i, n := range held.Streams {
		all[i].Records, all[i].Errors, all[i].Warnings = n.Records, n.Errors, n.Warnings
	}
	return all
}
