package role

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/handler"
)

// LevelCritical is the level above [slog.LevelError]: the party cannot continue.
const LevelCritical = slog.Level(12)

// A Variant selects where the records of a handler go.
type Variant string

const (
	// VariantGraylog sends the records to a Graylog server. It is the default.
	VariantGraylog Variant = "graylog"
	// VariantBasic writes them as lines of JSON to Config.Writer. Each line is the frame
	// that Graylog would receive.
	VariantBasic Variant = "basic"
	// VariantTest keeps them in memory; see [Handler.Records].
	VariantTest Variant = "test"
)

var variants = []Variant{VariantGraylog, VariantBasic, VariantTest}

// Filter sees each record of a handler, and may change or drop it; see
// [handler.Filter].
type Filter = handler.Filter

// Config configures the handler of a party. The zero value sends records from Info on to
// the role's port of a Graylog on this machine, under the name of the host.
type Config struct {
	// Server is the address of Graylog: "host", "host:port", or either after
	// "tcp://", "tls://" or "udp://". The scheme defaults to tcp, the port to that
	// of the role.
	// (Default: this machine.)
	Server string

	// Name identifies the party among those of its role. With the role's prefix it
	// is the field logger: TTP_hospital-1.
	// (Default: the name of the host.)
	Name string

	// Level is the lowest level that is logged.
	// (Default: Info.)
	Level slog.Leveler

	// Variant selects where the records go.
	// (Default: VariantGraylog.)
	Variant Variant

	// Writer receives the lines of VariantBasic.
	// (Default: standard error.)
	Writer io.Writer

	// Debug adds the fields file, line, function, pid and process_name.
	Debug bool

	// Filters see each record, in this order, with all its attributes.
	Filters []Filter

	// Censor lists keys whose values must not leave the process, and CensorValues
	// patterns of texts that must not, such as [censor.Email]; see
	// [handler.Config].
	Censor       []string
	CensorValues []censor.Pattern

	// Fields are fields of every record, such as the environment. An attribute
	// with the same name replaces them.
	Fields []slog.Attr

	// FilePath is the field file_path of records that do not have one.
	FilePath string

	// OmitEvent, OmitLevelName and OmitLevelNumber leave out the fields event,
	// level_name and level_number, which parties with the Python package send too.
	OmitEvent, OmitLevelName, OmitLevelNumber bool

	// Host is the field source in Graylog.
	// (Default: the name of the host.)
	Host string

	// ReplaceAttr, AttrFromContext, Converter, FlushLevel and FlushTimeout are
	// those of [handler.Config].
	ReplaceAttr     func(groups []string, a slog.Attr) slog.Attr
	AttrFromContext []handler.ContextFunc
	Converter       handler.Converter
	FlushLevel      slog.Leveler
	FlushTimeout    time.Duration

	// Delivery configures how records are delivered.
	Delivery delivery.Config
}

// handlerConfig returns the configuration of the role's handler. It accepts invalid
// values, which check and [handler.New] report.
func (c Config) handlerConfig(r Role) handler.Config {
	fields := c.Fields
	if c.FilePath != "" {
		fields = append([]slog.Attr{slog.String("file_path", c.FilePath)}, fields...)
	}
	return handler.Config{
		Server:          c.Server,
		Host:            c.Host,
		Logger:          r.Prefix + c.name(),
		Level:           c.Level,
		AddSource:       c.Debug,
		AddProcess:      c.Debug,
		AddEvent:        !c.OmitEvent,
		AddLevelName:    !c.OmitLevelName,
		AddLevelNumber:  !c.OmitLevelNumber,
		Fields:          fields,
		ReplaceAttr:     c.ReplaceAttr,
		AttrFromContext: c.AttrFromContext,
		Converter:       c.Converter,
		Filters:         c.Filters,
		Censor:          c.Censor,
		CensorValues:    c.CensorValues,
		FlushLevel:      c.FlushLevel,
		FlushTimeout:    c.FlushTimeout,
		Delivery:        c.Delivery,
	}
}

func (c Config) name() string {
	if name := strings.TrimSpace(c.Name); name != "" {
		return name
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

func (c Config) check(r Role) error {
	var errs []error
	if !slices.Contains(table[:], r) {
		errs = append(errs, fmt.Errorf("role: unknown role %q: use one returned by All or Lookup", r.Name))
	}
	for _, other := range table {
		if other != r && other.Matches(r.Prefix+c.name()) {
			errs = append(errs, fmt.Errorf("role: the name %q contains %q, and its records would be in the %s too: "+
				"choose another name", c.name(), other.Prefix, other.Stream))
		}
	}
	if c.Variant != "" && !slices.Contains(variants, c.Variant) {
		errs = append(errs, fmt.Errorf("role: invalid variant %q: use graylog, basic or test", c.Variant))
	}
	return errors.Join(errs...)
}
