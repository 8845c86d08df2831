package role

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/handler"
)

// A setting is one variable of the environment.
type setting struct {
	name string
	set  func(*Config, string) error
}

var settings = []setting{
	{"SYNLOGGER_SERVER", func(c *Config, v string) error { c.Server = v; return nil }},
	{"SYNLOGGER_NAME", func(c *Config, v string) error { c.Name = v; return nil }},
	{"SYNLOGGER_HOST", func(c *Config, v string) error { c.Host = v; return nil }},
	{"SYNLOGGER_FILE_PATH", func(c *Config, v string) error { c.FilePath = v; return nil }},
	{"SYNLOGGER_LEVEL", func(c *Config, v string) (err error) { c.Level, err = parseLevel(v); return err }},
	{"SYNLOGGER_VARIANT", func(c *Config, v string) (err error) { c.Variant, err = parseVariant(v); return err }},
	{"SYNLOGGER_DEBUG", func(c *Config, v string) (err error) { c.Debug, err = parseBool(v); return err }},
	{"SYNLOGGER_CENSOR", func(c *Config, v string) error { c.Censor = splitKeys(v); return nil }},
	{"SYNLOGGER_CENSOR_VALUES", func(c *Config, v string) (err error) {
		c.CensorValues,
			err = parseValuePatterns(v)
		return err
	}},
	{"SYNLOGGER_QUEUE", func(c *Config, v string) (err error) { c.Queue, err = parseBytes(v); return err }},
	{"SYNLOGGER_OVERFLOW", func(c *Config, v string) (err error) { c.Overflow, err = parseOverflow(v); return err }},
	{"SYNLOGGER_FLUSH_LEVEL", func(c *Config, v string) (err error) { c.FlushLevel, err = parseLevel(v); return err }},
	{"SYNLOGGER_SPOOL_DIR", func(c *Config, v string) error { c.SpoolDir = v; return nil }},
	{"SYNLOGGER_REDELIVER", func(c *Config, v string) (err error) { c.Redeliver, err = parseBytes(v); return err }},
	{"SYNLOGGER_CA_FILE", func(c *Config, v string) error { c.TLS.CAFile = v; return nil }},
	{"SYNLOGGER_CERT_FILE", func(c *Config, v string) error { c.TLS.CertFile = v; return nil }},
	{"SYNLOGGER_KEY_FILE", func(c *Config, v string) error { c.TLS.KeyFile = v; return nil }},
	{"SYNLOGGER_SERVER_NAME", func(c *Config, v string) error { c.TLS.ServerName = v; return nil }},
}

// ConfigFromEnv returns the configuration in the environment. It reads the
// variables SYNLOGGER_SERVER, _NAME, _HOST, _FILE_PATH, _LEVEL (debug, info,
// warn, error, critical, or as "info+2"), _VARIANT, _DEBUG (true or false),
// _CENSOR (rules with commas between them, as in [handler.Options]),
// _CENSOR_VALUES (names of ready-made patterns, such as bearer,email,iban),
// _QUEUE and _REDELIVER (bytes), _OVERFLOW (newest or oldest, which are dropped,
// block, or spool), _FLUSH_LEVEL (as _LEVEL), _SPOOL_DIR, and for TLS _CA_FILE,
// _CERT_FILE, _KEY_FILE and _SERVER_NAME. A variable that is not set, or blank,
// leaves its field at zero. The error names all variables that are wrong; the
// configuration has the others.
func ConfigFromEnv() (Config, error) {
	var c Config
	var errs []error
	for _, s := range settings {
		value := strings.TrimSpace(os.Getenv(s.name))
		if value == "" {
			continue
		}
		if err := s.set(&c, value); err != nil {
			errs = append(errs, fmt.Errorf("role: %s=%q: %w", s.name, value, err))
		}
	}
	return c, errors.Join(errs...)
}

func parseLevel(text string) (slog.Leveler, error) {
	if strings.EqualFold(text, "critical") {
		return LevelCritical, nil
	}
	if strings.EqualFold(text, "warning") {
		return slog.LevelWarn, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return nil, errors.New("use debug, info, warn, error or critical")
	}
	return level, nil
}

func parseVariant(text string) (Variant, error) {
	for _, v := range variants {
		if strings.EqualFold(text, string(v)) {
			return v, nil
		}
	}
	return "", errors.New("use graylog, basic or test")
}

func parseBool(text string) (bool, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("use true or false")
	}
	return b, nil
}

func parseBytes(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("use a positive number of bytes")
	}
	return n, nil
}

func parseOverflow(text string) (handler.Overflow, error) {
	switch strings.ToLower(text) {
	case "newest":
		return handler.DropNewest, nil
	case "oldest":
		return handler.DropOldest, nil
	case "block":
		return handler.Block, nil
	case "spool":
		return handler.Spool, nil
	}
	return 0, errors.New("use newest, oldest, block or spool")
}

func splitKeys(text string) (keys []string) {
	for key := range strings.SplitSeq(text, ",") {
		if key = strings.TrimSpace(key); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// parseValuePatterns returns the patterns that there are, even with an error: a
// mistake in one name must not show what the others hide.
func parseValuePatterns(text string) (patterns []handler.ValuePattern, err error) {
	for _, name := range splitKeys(text) {
		var p handler.ValuePattern
		if e := p.UnmarshalText([]byte(name)); e != nil {
			err = errors.Join(err, e)
			continue
		}
		patterns = append(patterns, p)
	}
	return patterns, err
}
