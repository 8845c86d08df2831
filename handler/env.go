package handler

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/censor"
)

// A Variable is an environment variable that sets a field of [Config].
type Variable struct {
	Name    string // for example "SYNLOGGER_QUEUE_BYTES"
	Field   string // for example "Delivery.QueueBytes"
	Default string // in words or as a value; "" without a default
	Usage   string // one line, without a final period

	set func(c *Config, text string) error
}

// Variables returns the variables that [ConfigFromEnv] reads.
func Variables() []Variable { return append([]Variable(nil), variables...) }

// variables is the table of all variables. Their names are those of the fields.
var variables = []Variable{
	{
		Name:    "SYNLOGGER_SERVER",
		Field:   "Server",
		Default: "tcp://127.0.0.1",
		Usage:   "GELF input of Graylog: tcp://, tls:// or udp://host:port",
		set:     text(func(c *Config) *string { return &c.Server }),
	},
	{
		Name:    "SYNLOGGER_HOST",
		Field:   "Host",
		Default: "name of this host",
		Usage:   "field source of the records",
		set:     text(func(c *Config) *string { return &c.Host }),
	},
	{
		Name:  "SYNLOGGER_LOGGER",
		Field: "Logger",
		Usage: "field logger of the records",
		set:   text(func(c *Config) *string { return &c.Logger }),
	},
	{
		Name:    "SYNLOGGER_LEVEL",
		Field:   "Level",
		Default: "info",
		Usage:   "lowest level that is sent: debug, info, warn, error, critical, or info+2",
		set:     parsed(parseLevel, func(c *Config) *slog.Leveler { return &c.Level }),
	},
	{
		Name:  "SYNLOGGER_FIELDS",
		Field: "Fields",
		Usage: "fields of every record, for example env=prod,site=north",
		set:   parsed(parseFields, func(c *Config) *[]slog.Attr { return &c.Fields }),
	},
	{
		Name:    "SYNLOGGER_ADD_SOURCE",
		Field:   "AddSource",
		Default: "false",
		Usage:   "add the fields file, line and function",
		set:     parsed(parseBool, func(c *Config) *bool { return &c.AddSource }),
	},
	{
		Name:    "SYNLOGGER_ADD_PROCESS",
		Field:   "AddProcess",
		Default: "false",
		Usage:   "add the fields pid and process_name",
		set:     parsed(parseBool, func(c *Config) *bool { return &c.AddProcess }),
	},
	{
		Name:    "SYNLOGGER_ADD_EVENT",
		Field:   "AddEvent",
		Default: "false",
		Usage:   "add the field event, a copy of the message",
		set:     parsed(parseBool, func(c *Config) *bool { return &c.AddEvent }),
	},
	{
		Name:    "SYNLOGGER_ADD_LEVEL_NAME",
		Field:   "AddLevelName",
		Default: "false",
		Usage:   "add the field level_name",
		set:     parsed(parseBool, func(c *Config) *bool { return &c.AddLevelName }),
	},
	{
		Name:    "SYNLOGGER_ADD_LEVEL_NUMBER",
		Field:   "AddLevelNumber",
		Default: "false",
		Usage:   "add the field level_number",
		set:     parsed(parseBool, func(c *Config) *bool { return &c.AddLevelNumber }),
	},
	{
		Name:  "SYNLOGGER_CENSOR",
		Field: "Censor",
		Usage: "keys whose values are hidden, for example password,*_token",
		set:   parsed(parseList, func(c *Config) *[]string { return &c.Censor }),
	},
	{
		Name:  "SYNLOGGER_CENSOR_VALUES",
		Field: "CensorValues",
		Usage: "texts that are hidden: bearer, basic, jwt, url, email, iban, card",
		set:   setPatterns,
	},
	{
		Name:  "SYNLOGGER_FLUSH_LEVEL",
		Field: "FlushLevel",
		Usage: "records from this level on wait until they are delivered",
		set:   parsed(parseLevel, func(c *Config) *slog.Leveler { return &c.FlushLevel }),
	},
	{
		Name:    "SYNLOGGER_FLUSH_TIMEOUT",
		Field:   "FlushTimeout",
		Default: "1s",
		Usage:   "how long they wait",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.FlushTimeout }),
	},
	{
		Name:    "SYNLOGGER_QUEUE_BYTES",
		Field:   "Delivery.QueueBytes",
		Default: "8MiB",
		Usage:   "memory for records that wait for delivery",
		set:     parsed(parseBytes[int], func(c *Config) *int { return &c.Delivery.QueueBytes }),
	},
	{
		Name:    "SYNLOGGER_OVERFLOW",
		Field:   "Delivery.Overflow",
		Default: "newest",
		Usage:   "records dropped when the queue is full: newest or oldest; or block, or spool",
		set:     unmarshal(func(c *Config) textUnmarshaler { return &c.Delivery.Overflow }),
	},
	{
		Name:    "SYNLOGGER_BLOCK_TIMEOUT",
		Field:   "Delivery.BlockTimeout",
		Default: "1s",
		Usage:   "how long a record waits for room with block",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.BlockTimeout }),
	},
	{
		Name:    "SYNLOGGER_REDELIVER_BYTES",
		Field:   "Delivery.RedeliverBytes",
		Default: "0",
		Usage:   "acknowledged bytes that are sent again after a crash of the server",
		set:     parsed(parseBytes[int], func(c *Config) *int { return &c.Delivery.RedeliverBytes }),
	},
	{
		Name:  "SYNLOGGER_SPOOL_DIR",
		Field: "Delivery.SpoolDir",
		Usage: "directory for records that cannot be delivered",
		set:   text(func(c *Config) *string { return &c.Delivery.SpoolDir }),
	},
	{
		Name:    "SYNLOGGER_SPOOL_BYTES",
		Field:   "Delivery.SpoolBytes",
		Default: "1GiB",
		Usage:   "maximum size of the directory",
		set:     parsed(parseBytes[int64], func(c *Config) *int64 { return &c.Delivery.SpoolBytes }),
	},
	{
		Name:    "SYNLOGGER_SPOOL_INTERVAL",
		Field:   "Delivery.SpoolInterval",
		Default: "1s",
		Usage:   "longest time that an undelivered record is in memory only",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.SpoolInterval }),
	},
	{
		Name:    "SYNLOGGER_COMPRESS",
		Field:   "Delivery.Compress",
		Default: "gzip",
		Usage:   "compression for UDP: gzip, zlib or none",
		set:     unmarshal(func(c *Config) textUnmarshaler { return &c.Delivery.Compress }),
	},
	{
		Name:    "SYNLOGGER_CA_FILE",
		Field:   "Delivery.TLS.CAFile",
		Default: "authorities of the system",
		Usage:   "certificates to trust, in PEM",
		set:     text(func(c *Config) *string { return &c.Delivery.TLS.CAFile }),
	},
	{
		Name:  "SYNLOGGER_CERT_FILE",
		Field: "Delivery.TLS.CertFile",
		Usage: "certificate of the client, in PEM",
		set:   text(func(c *Config) *string { return &c.Delivery.TLS.CertFile }),
	},
	{
		Name:  "SYNLOGGER_KEY_FILE",
		Field: "Delivery.TLS.KeyFile",
		Usage: "key of the client's certificate, in PEM",
		set:   text(func(c *Config) *string { return &c.Delivery.TLS.KeyFile }),
	},
	{
		Name:    "SYNLOGGER_SERVER_NAME",
		Field:   "Delivery.TLS.ServerName",
		Default: "host of the server",
		Usage:   "name in the server's certificate",
		set:     text(func(c *Config) *string { return &c.Delivery.TLS.ServerName }),
	},
	{
		Name:    "SYNLOGGER_DIAL_TIMEOUT",
		Field:   "Delivery.DialTimeout",
		Default: "5s",
		Usage:   "limit of one attempt to connect",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.DialTimeout }),
	},
	{
		Name:    "SYNLOGGER_WRITE_TIMEOUT",
		Field:   "Delivery.WriteTimeout",
		Default: "10s",
		Usage:   "limit of one write",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.WriteTimeout }),
	},
	{
		Name:    "SYNLOGGER_DEAD_AFTER",
		Field:   "Delivery.DeadAfter",
		Default: "20s",
		Usage:   "how long records may remain unacknowledged",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.DeadAfter }),
	},
	{
		Name:    "SYNLOGGER_IDLE_TIMEOUT",
		Field:   "Delivery.IdleTimeout",
		Default: "50s",
		Usage:   "how long an idle connection is kept open",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.IdleTimeout }),
	},
	{
		Name:    "SYNLOGGER_MIN_BACKOFF",
		Field:   "Delivery.MinBackoff",
		Default: "100ms",
		Usage:   "shortest limit of the pause between attempts to connect",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.MinBackoff }),
	},
	{
		Name:    "SYNLOGGER_MAX_BACKOFF",
		Field:   "Delivery.MaxBackoff",
		Default: "30s",
		Usage:   "longest limit of that pause",
		set:     parsed(parseDuration, func(c *Config) *time.Duration { return &c.Delivery.MaxBackoff }),
	},
}

// ConfigFromEnv returns the configuration in the environment; see [Variables]. Sizes have
// units, such as 8MiB, and so have durations, such as 20s. A variable that is not set or
// blank leaves its field at the zero value. The error names each invalid variable; the
// configuration contains the others.
func ConfigFromEnv() (Config, error) {
	var c Config
	var errs []error
	for _, v := range variables {
		text := strings.TrimSpace(os.Getenv(v.Name))
		if text == "" {
			continue
		}
		if err := v.set(&c, text); err != nil {
			errs = append(errs, fmt.Errorf("handler: %s=%q: %w", v.Name, text, err))
		}
	}
	return c, errors.Join(errs...)
}

// text sets a field to the text.
func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, text string) error {
		*field(c) = text
		return nil
	}
}

// parsed sets a field to what parse returns.
func parsed[T any](parse func(string) (T, error), field func(*Config) *T) func(*Config, string) error {
	return func(c *Config, text string) error {
		value, err := parse(text)
		if err == nil {
			*field(c) = value
		}
		return err
	}
}

type textUnmarshaler interface{ UnmarshalText([]byte) error }

// unmarshal sets a field that parses its own text.
func unmarshal(field func(*Config) textUnmarshaler) func(*Config, string) error {
	return func(c *Config, text string) error { return field(c).UnmarshalText([]byte(text)) }
}

// setPatterns sets the patterns that exist even if it returns an error: a wrong name must
// not show what the others hide.
func setPatterns(c *Config, text string) (err error) {
	names, _ := parseList(text)
	for _, name := range names {
		var p censor.Pattern
		if e := p.UnmarshalText([]byte(name)); e != nil {
			err = errors.Join(err, e)
			continue
		}
		c.CensorValues = append(c.CensorValues, p)
	}
	return err
}

func parseLevel(text string) (slog.Leveler, error) {
	switch strings.ToLower(text) {
	case "critical":
		return slog.Level(12), nil
	case "warning":
		return slog.LevelWarn, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return nil, errors.New("use debug, info, warn, error or critical")
	}
	return level, nil
}

func parseBool(text string) (bool, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("use true or false")
	}
	return b, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, errors.New("use a positive duration, for example 500ms or 20s")
	}
	return d, nil
}

// parseBytes parses a size with an optional unit: 4096, 64KiB, 8MiB, 1GiB.
func parseBytes[T int | int64](text string) (T, error) {
	number, shift := text, 0
	for unit, s := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30} {
		if rest := len(text) - len(unit); rest > 0 && strings.EqualFold(text[rest:], unit) {
			number, shift = strings.TrimSpace(text[:rest]), s
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if size := T(n << shift); err == nil && n > 0 && n <= math.MaxInt64>>shift && int64(size) == n<<shift {
		return size, nil
	}
	return 0, errors.New("use a positive size in bytes, or with a unit: 64KiB, 8MiB, 1GiB")
}

// parseList parses a list with commas.
func parseList(text string) (list []string, _ error) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list, nil
}

func parseFields(text string) (fields []slog.Attr, _ error) {
	list, _ := parseList(text)
	for _, item := range list {
		key, value, ok := strings.Cut(item, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is not a field: use key=value, with commas between fields", item)
		}
		fields = append(fields, slog.String(strings.TrimSpace(key), strings.TrimSpace(value)))
	}
	return fields, nil
}
