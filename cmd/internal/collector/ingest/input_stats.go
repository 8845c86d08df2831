package ingest

// InputStats are the counters of one input.
type InputStats struct {
	Input
	Running     bool  `json:"running"`
	Records     int64 `json:"records"`
	Refused     int64 `json:"refused"`
	Bytes       int64 `json:"bytes"`
	Skipped     int64 `json:"skipped"`     // datagrams and chunks that made no frame
	Connections int64 `json:"connections"` // TCP, since the start
	Rejected    int64 `json:"rejected"`    // of these, closed at once because too many were open
	Open        int   `json:"open"`        // of these, now
}
