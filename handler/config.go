package handler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/encode"
)

// A Filter sees a whole record before it is encoded: the attributes bound with
// WithAttrs, in their groups, those from the context, and those of the call. It
// returns the record to continue with, or false to drop it. A filter must be safe for
// concurrent use. It owns the record: it may add attributes, or return another record
// made with [slog.NewRecord].
type Filter func(context.Context, slog.Record) (slog.Record, bool)

// A ContextFunc returns attributes from the context of a call.
type ContextFunc = func(context.Context) []slog.Attr

// A Converter returns the fields of a record. Converters written for slog-graylog have
// this type.
type Converter = func(
	addSource bool,
	replaceAttr func(groups []string, a slog.Attr) slog.Attr,
	loggerAttr []slog.Attr,
	groups []string,
	record *slog.Record,
) map[string]any

// Config configures a [Handler]. The zero value sends records from Info on to a Graylog
// on this machine.
type Config struct {
	// Server is the GELF input of Graylog: "host", "host:port", or either after
	// "tcp://", "tls://" or "udp://". The scheme defaults to tcp, the port to
	// 12201.
	// (Default: "tcp://127.0.0.1:12201".)
	Server string

	// Host is the field source of the records in Graylog.
	// (Default: the name of this host.)
	Host string

	// Logger is the field logger of the records.
	// (Default: no field.)
	Logger string

	// Level is the lowest level that is sent. The handler calls its Level method
	// for each record, so that it can change; see [slog.LevelVar].
	// (Default: Info.)
	Level slog.Leveler

	// AddSource adds the fields file, line and function of the logging call.
	AddSource bool

	// AddProcess adds the fields pid and process_name.
	AddProcess bool

	// AddEvent adds the field event, a copy of the message that is not analyzed
	// into words, for exact searches and for charts.
	AddEvent bool

	// AddLevelName adds the field level_name, for example "WARNING".
	AddLevelName bool

	// AddLevelNumber adds the field level_number, the number that Python's logging
	// gives the level: 30 for a warning.
	AddLevelNumber bool

	// Fields are fields of every record, such as the environment. An attribute
	// with the same name replaces them. ReplaceAttr does not see them.
	Fields []slog.Attr

	// ReplaceAttr is called for each attribute that is not a group; see
	// [slog.HandlerOptions]. It can change the values of the built-in attributes
	// too, but not their names, which are GELF's. If it changes the level's value
	// to a string, that is the field level_name.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// AttrFromContext are functions that return attributes from the context of a
	// call, such as the ids of a trace. The attributes are outside of all groups.
	AttrFromContext []ContextFunc

	// Converter returns the fields of a record, instead of this package's rules
	// for groups and ReplaceAttr. Each value of the map is sent as one field; a
	// map is sent as its JSON text.
	// (Default: none.)
	Converter Converter

	// Filters see each record, in this order.
	Filters []Filter

	// Censor lists keys whose values must not leave the process. It is applied
	// last, to attributes and groups, and to keys in maps, slices, structs and
	// JSON, at any depth. The value becomes *CENSORED*, whatever it was.
	//
	//	password     the key, in any case and with any separators: Password,
	//	             PASS-WORD, "db.password", "password.old"
	//	db.password  the key password in a group, map or struct db, and the
	//	             keys "db.password" and db_password
	//	*_token      a pattern, with * for any text: access_token, AccessToken
	//	=Password    exactly this key
	//
	// [New] refuses the keys of fields that every record needs, such as logger,
	// level and event.
	Censor []string

	// CensorValues are patterns of texts that must not leave the process, such as
	// [censor.Email]. They are applied to the message, to attributes
	// with any key, and to the texts in them. Each match becomes *CENSORED*.
	CensorValues []censor.Pattern

	// FlushLevel is the level from which on Handle returns only when the record
	// has been delivered, or after FlushTimeout: the last record before the
	// process ends arrives. While the server cannot be reached, only the first
	// such record waits.
	// (Default: nil; no record waits.)
	FlushLevel slog.Leveler

	// FlushTimeout limits the wait of a record from FlushLevel on. The first
	// record of a connection takes at least 100 ms, the time until the server
	// counts as one that accepts it.
	// (Default: 1 s.)
	FlushTimeout time.Duration

	// Writer, if not nil, receives the frames as lines of JSON, one Write call
	// each. Nothing is sent then, and of Server and Delivery only OnError is used.
	Writer io.Writer

	// Delivery configures the delivery to Server. Its OnError is also called with
	// the errors of the handler: callbacks that panic, and a [*KeyError] once for
	// each key whose values do not fit its field.
	Delivery delivery.Config
}

// maxNameText is the maximum length of Host and Logger in bytes. They are never
// shortened.
const maxNameText = 1000

// check returns an error that names each invalid value and what to do about it.
func (c *Config) check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf("handler: "+format, args...)) }
	for _, text := range []struct{ name, value string }{{"Host", c.Host}, {"Logger", c.Logger}} {
		if len(text.value) > maxNameText {
			add("%s has %d bytes: use at most %d", text.name, len(text.value), maxNameText)
		}
	}
	for i, f := range c.Filters {
		if f == nil {
			add("filter %d of %d is nil: remove it", i+1, len(c.Filters))
		}
	}
	for i, f := range c.AttrFromContext {
		if f == nil {
			add("AttrFromContext %d of %d is nil: remove it", i+1, len(c.AttrFromContext))
		}
	}
	if c.FlushTimeout < 0 {
		add("FlushTimeout is %v: use a positive duration, or 0 for the default", c.FlushTimeout)
	}
	return errors.Join(errs...)
}

func (c *Config) setDefaults() {
	if encode.IsBlank(c.Host) {
		c.Host = hostname()
	}
	if c.Level == nil {
		c.Level = slog.LevelInfo
	}
	if c.FlushTimeout == 0 {
		c.FlushTimeout = time.Second
	}
}

// hostname returns the name of this host, which GELF requires.
func hostname() string {
	name, err := os.Hostname()
	if err != nil || encode.IsBlank(name) {
		return "localhost"
	}
	return name
}

// fields returns the fields of every record.
func (c *Config) fields() []slog.Attr {
	if !c.AddProcess {
		return c.Fields
	}
	process := []slog.Attr{slog.Int("pid", os.Getpid()), slog.String("process_name", filepath.Base(os.Args[0]))}
	return append(process, c.Fields...)
}
