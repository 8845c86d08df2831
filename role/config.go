package role

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	sloggraylog "github.com/samber/slog-graylog/v2"

	"github.com/aimakerspace/synlogger/handler"
)

// LevelCritical is the level above [slog.LevelError]: the party cannot go on.
const LevelCritical = slog.Level(12)

// A Variant says where the records of a handler go.
type Variant string

const (
	// Graylog sends the records to a Graylog server. It is the default.
	Graylog Variant = "graylog"
	// Basic writes them as lines of JSON to Config.Writer. A line is the frame
	// that Graylog would get.
	Basic Variant = "basic"
	// Test keeps them in memory; see [Handler.Records].
	Test Variant = "test"
)

var variants = []Variant{Graylog, Basic, Test}

// Filter sees each record of a handler, and may add to it, alter it or drop
// it; see [handler.Filter].
type Filter = handler.Filter

// Config describes one party's handler. The zero value works: it sends the
// records from Info on to the role's port of a Graylog on this machine, under
// the name of the host.
type Config struct {
	// Server is where Graylog listens: "host", "host:port", or one of these
	// behind "tcp://", "tls://" or "udp://"; tcp, if there is no scheme. The
	// port defaults to the role's.
	Server string

	// Name tells the parties of a role apart; with the role's prefix it is the
	// name of the logger. It defaults to the name of the host.
	Name string

	// Level is the lowest level that is logged, Info if it is nil.
	Level slog.Leveler

	// Variant is Graylog unless it says otherwise.
	Variant Variant

	// Writer takes the lines of the variant Basic. It defaults to standard
	// error.
	Writer io.Writer

	// Debug adds the fields file, line, function, pid and process_name.
	Debug bool

	// Filters see each record, in this order, with all its attributes.
	Filters []Filter

	// Censor lists keys whose values must not leave the process, and CensorValues
	// patterns of texts that must not, such as [handler.ValuePatternEmail]; see
	// [handler.Options]. Fields that each record needs, such as logger, level and
	// event, cannot be censored.
	Censor       []string
	CensorValues []handler.ValuePattern

	// FilePath is the field file_path of records that have none of their own.
	FilePath string

	// Host is the field source in Graylog. It defaults to the name of the host.
	Host string

	// ReplaceAttr, AttrFromContext and Converter are those of
	// [handler.Options].
	ReplaceAttr     func(groups []string, a slog.Attr) slog.Attr
	AttrFromContext []handler.ContextFunc
	Converter       sloggraylog.Converter

	// Delivery says how records get to Graylog; its zero value will do.
	handler.Delivery
}

// options translates the configuration. It never fails: what is wrong is left
// for check and [handler.New] to find.
func (c Config) options(r Role) handler.Options {
	return handler.Options{
		Addr:            c.Server,
		Host:            c.Host,
		Logger:          r.Prefix + c.name(),
		Level:           c.Level,
		AddSource:       c.Debug,
		AddProcess:      c.Debug,
		FilePath:        c.FilePath,
		ReplaceAttr:     c.ReplaceAttr,
		AttrFromContext: c.AttrFromContext,
		Converter:       c.Converter,
		Filters:         c.Filters,
		Censor:          c.Censor,
		CensorValues:    c.CensorValues,
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
		errs = append(errs, fmt.Errorf("role: %q is no role of the table: take one of All or Lookup", r.Name))
	}
	for _, other := range table {
		if other != r && other.Matches(r.Prefix+c.name()) {
			errs = append(errs, fmt.Errorf("role: the name %q contains %q, so that its records would be in the %s too: choose another", c.name(), other.Prefix, other.Stream))
		}
	}
	if c.Variant != "" && !slices.Contains(variants, c.Variant) {
		errs = append(errs, fmt.Errorf("role: there is no variant %q: use graylog, basic or test", c.Variant))
	}
	return errors.Join(errs...)
}
