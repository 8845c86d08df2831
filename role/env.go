package role

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/handler"
)

// ownVariables are the variables that only roles have, and those whose meaning or
// default differs from that of package handler.
var ownVariables = []struct {
	handler.Variable
	set func(*Config, string) error
}{
	{handler.Variable{
		Name:    "SYNLOGGER_NAME",
		Field:   "Name",
		Default: "name of this host",
		Usage:   "name of the party: the field logger is TTP_<name>",
	}, func(c *Config, v string) error { c.Name = v; return nil }},
	{handler.Variable{
		Name:    "SYNLOGGER_VARIANT",
		Field:   "Variant",
		Default: "graylog",
		Usage:   "where records go: graylog, basic (lines on standard error) or test (memory)",
	}, func(c *Config, v string) error { return c.Variant.UnmarshalText([]byte(v)) }},
	{handler.Variable{
		Name:    "SYNLOGGER_DEBUG",
		Field:   "Debug",
		Default: "false",
		Usage:   "add the fields file, line, function, pid and process_name",
	}, func(c *Config, v string) (err error) { c.Debug, err = parseBool(v); return err }},
	{handler.Variable{
		Name:  "SYNLOGGER_FILE_PATH",
		Field: "FilePath",
		Usage: "field file_path of records that do not have one",
	}, func(c *Config, v string) error { c.FilePath = v; return nil }},
	{handler.Variable{
		Name:    "SYNLOGGER_ADD_EVENT",
		Field:   "OmitEvent",
		Default: "true",
		Usage:   "add the field event, a copy of the message",
	}, func(c *Config, v string) error { return omit(&c.OmitEvent, v) }},
	{handler.Variable{
		Name:    "SYNLOGGER_ADD_LEVEL_NAME",
		Field:   "OmitLevelName",
		Default: "true",
		Usage:   "add the field level_name",
	}, func(c *Config, v string) error { return omit(&c.OmitLevelName, v) }},
	{handler.Variable{
		Name:    "SYNLOGGER_ADD_LEVEL_NUMBER",
		Field:   "OmitLevelNumber",
		Default: "true",
		Usage:   "add the field level_number",
	}, func(c *Config, v string) error { return omit(&c.OmitLevelNumber, v) }},
}

// notOfRoles are variables of package handler whose fields a role sets itself.
var notOfRoles = map[string]bool{
	"SYNLOGGER_LOGGER":      true,
	"SYNLOGGER_ADD_SOURCE":  true,
	"SYNLOGGER_ADD_PROCESS": true,
}

// Variables returns the environment variables that [ConfigFromEnv] reads.
func Variables() (all []handler.Variable) {
	own := make(map[string]bool)
	for _, v := range ownVariables {
		own[v.Name] = true
		all = append(all, v.Variable)
	}
	for _, v := range handler.Variables() {
		if !own[v.Name] && !notOfRoles[v.Name] {
			all = append(all, v)
		}
	}
	return all
}

// ConfigFromEnv returns the configuration in the environment; see [Variables]. Sizes have
// units, such as 8MiB, and so have durations, such as 20s. A variable that is not set or
// blank leaves its field at the zero value. The error names each invalid variable; the
// configuration contains the others.
func ConfigFromEnv() (Config, error) {
	h, err := handler.ConfigFromEnv()
	errs := []error{err}
	c := Config{
		Server:       h.Server,
		Level:        h.Level,
		Host:         h.Host,
		Fields:       h.Fields,
		Censor:       h.Censor,
		CensorValues: h.CensorValues,
		FlushLevel:   h.FlushLevel,
		FlushTimeout: h.FlushTimeout,
		Delivery:     h.Delivery,
	}
	for _, v := range ownVariables {
		text := strings.TrimSpace(os.Getenv(v.Name))
		if text == "" {
			continue
		}
		if err := v.set(&c, text); err != nil {
			errs = append(errs, fmt.Errorf("role: %s=%q: %w", v.Name, text, err))
		}
	}
	return c, errors.Join(errs...)
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts graylog, basic and
// test, in any case.
func (v *Variant) UnmarshalText(text []byte) error {
	for _, known := range variants {
		if strings.EqualFold(string(text), string(known)) {
			*v = known
			return nil
		}
	}
	return errors.New("use graylog, basic or test")
}

func parseBool(text string) (bool, error) {
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("use true or false")
	}
	return b, nil
}

// omit sets a field that leaves something out.
func omit(field *bool, text string) error {
	add, err := parseBool(text)
	*field = err == nil && !add
	return err
}
