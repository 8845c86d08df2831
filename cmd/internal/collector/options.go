package collector

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
)

// The defaults of [Options].
const (
	DefaultPage       = "127.0.0.1:9000"
	DefaultMaxRecords = 1_000_000
	DefaultMaxBytes   = 4 << 30
)

// PageOff as [Options.Page] opens no port for the page and the REST API. They
// are served by [Collector.ServeHTTP] alone.
const PageOff = "off"

// Options configure a [Collector]. The zero value is the Graylog of the
// content pack on this machine, with a store that ends with the process.
type Options struct {
	// Inputs are the GELF inputs to open, each for TCP and UDP. Nil means
	// RoleInputs("127.0.0.1").
	Inputs []ingest.Input

	// Page is the TCP address of the page and the REST API. "" means
	// DefaultPage, which is where Graylog's own page is; PageOff opens none.
	Page string

	// Token is what the page's port asks for, of at least 16 letters, digits and
	// -._~. "" means none on a loopback address, and on another one a random
	// token, which [Collector.EntryURL] has. NoToken means none anywhere: whoever
	// reaches the port reads all records, and may delete them. Without a token the
	// port answers only to localhost, its addresses, the host's name, the name in
	// Page and names without a dot. The inputs ask for nothing, because GELF has
	// no token.
	Token   string
	NoToken bool

	// Dir is the directory of the store. It is created if it is not there, and
	// its records are found again at the next start. One collector at a time
	// can use it. "" means a temporary directory that Run removes at its end.
	Dir string

	// MaxRecords bounds the store by number, MaxAge by the time since a record
	// arrived, MaxBytes by its size on disk, which it keeps to within a batch.
	// The oldest records go first. 0 means DefaultMaxRecords, no limit of age
	// and DefaultMaxBytes.
	MaxRecords int64
	MaxAge     time.Duration
	MaxBytes   int64

	// OnError is called with each error while the collector runs: a store that
	// cannot be written or is damaged, an input that fails, a connection that is
	// closed because too many are open. It is called from several goroutines, and
	// at most once a second for one cause that lasts. Nil ignores errors; Err, Stats
	// and /healthz report the same.
	OnError func(error)
}

func (o Options) withDefaults() Options {
	if o.Inputs == nil {
		o.Inputs = ingest.RoleInputs("127.0.0.1")
	}
	if o.Page == "" {
		o.Page = DefaultPage
	}
	if o.MaxRecords <= 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	return o
}
