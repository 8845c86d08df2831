package collector

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
)

// Defaults of [Config].
const (
	DefaultPage       = "127.0.0.1:9000"
	DefaultMaxRecords = 1_000_000
	DefaultMaxBytes   = 4 << 30
)

// PageOff as [Config.Page] opens no port for the pages and the REST API. Only
// [Collector.ServeHTTP] serves them.
const PageOff = "off"

// Config configures a [Collector]. The zero Config stands in for the Graylog of the
// content pack on this machine, with a temporary store.
type Config struct {
	// Inputs are the GELF inputs, each for TCP and UDP. (Default:
	// RoleInputs("127.0.0.1"))
	Inputs []ingest.Input

	// Page is the TCP address of the pages and the REST API. PageOff opens no port.
	// (Default: DefaultPage, the address of Graylog's own page)
	Page string

	// Token protects the page's port. It needs at least 16 letters, digits and -._~.
	// If it is empty, the port has no token on a loopback address, and a random token
	// on another address, see [Collector.EntryURL]. NoToken disables the token
	// everywhere: whoever reaches the port can read and delete all records. Without a
	// token, the port only answers to localhost, its addresses, the host's name, the
	// name in Page, and names without a dot. The inputs have no token, because GELF
	// does not support one.
	Token   string
	NoToken bool

	// Dir is the directory of the store, which is created if it does not exist. Only
	// one collector at a time can use it. (Default: a temporary directory, which Run
	// removes at its end)
	Dir string

	// MaxRecords limits the number of records, MaxAge the time since a record arrived,
	// and MaxBytes the size on disk, which may be exceeded by a batch. The oldest
	// records are deleted first. (Default: DefaultMaxRecords, no limit of age, and
	// DefaultMaxBytes)
	MaxRecords int64
	MaxAge     time.Duration
	MaxBytes   int64

	// OnError is called with each error while the collector runs: the store cannot be
	// written or is damaged, an input fails, or a connection is closed because too
	// many are open. It is called from several goroutines, and at most once a second
	// for the same cause. Nil ignores errors; Err, Stats and /healthz still report
	// them.
	OnError func(error)
}

func (o Config) withDefaults() Config {
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
