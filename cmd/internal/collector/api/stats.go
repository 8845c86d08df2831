package api

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// Stats are the counters of a [Collector]. Received, Stored, Pruned, Lost and
// Refused count from its start; what the store holds may be older.
type Stats struct {
	Started time.Time `json:"started"`

	Received int64 `json:"received"` // frames: records and refused ones
	Stored   int64 `json:"stored"`   // records
	Queued   int64 `json:"queued"`   // records that wait for the store
	Pruned   int64 `json:"pruned"`   // records deleted to keep within the bounds
	Lost     int64 `json:"lost"`     // records that the store did not take until the end
	Bytes    int64 `json:"bytes"`    // of all frames

	Rate float64 `json:"rate"` // records stored a second, over the last five

	// Refused counts the frames of which Graylog would store nothing, by
	// reason. Newest are the latest of them, newest first.
	Refused map[string]int64 `json:"refused"`
	Newest  []ingest.Refused `json:"newest_refused"`

	Inputs  []ingest.InputStats `json:"inputs"`
	Streams []record.Stream     `json:"streams"`

	Retention Retention `json:"retention"`

	Records    int64      `json:"records"`     // in the store
	Oldest     *time.Time `json:"oldest"`      // when the oldest of them was received, nil for none
	StoreBytes int64      `json:"store_bytes"` // its size on disk
	StoreError string     `json:"store_error"` // why it cannot be written now, "" if it can
	Damage     string     `json:"damage"`      // the first damage of it that was found, "" for none
	Persistent bool       `json:"persistent"`  // it outlives the process
}

// Retention is what bounds the store; the oldest records go first.
type Retention struct {
	MaxRecords int64   `json:"max_records"`
	MaxAge     float64 `json:"max_age_seconds"` // since a record arrived; 0 means no limit
	MaxBytes   int64   `json:"max_bytes"`       // on disk
}
