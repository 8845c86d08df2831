package ingest

// InputStats are the counters of one input, since the start.
type InputStats struct {
	Input
	Running     bool  `json:"running"`
	Records     int64 `json:"records"`
	Refused     int64 `json:"refused"`
	Bytes       int64 `json:"bytes"`
	Skipped     int64 `json:"skipped"`     // datagrams and chunks that did not form a frame
	Connections int64 `json:"connections"` // TCP connections
	Rejected    int64 `json:"rejected"`    // TCP connections closed at once because too many were open
	Open        int   `json:"open"`        // TCP connections that are open now
}
