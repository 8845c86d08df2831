// Package health reports over HTTP whether a process works. A [Server] answers for the
// agent, [Check] asks an agent or a collector.
package health

// Path is the path of the health check.
const Path = "/healthz"

// A Report is the answer to a health check. The answer of a collector contains only
// Status or Error.
type Report struct {
	Status   string    `json:"status,omitempty"`   // "ok" if the process works
	Error    string    `json:"error,omitempty"`    // why it does not
	Delivery *Delivery `json:"delivery,omitempty"` // nil if the process sends no records
}

// statusOK is the Status of a process that works.
const statusOK = "ok"

// A Delivery describes the records of a process.
type Delivery struct {
	Error   string `json:"error,omitempty"` // why records do not reach the server
	Sent    uint64 `json:"sent"`
	Queued  uint64 `json:"queued"` // in memory and in the spool
	Dropped uint64 `json:"dropped"`
}
