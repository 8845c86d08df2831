package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/agent"
	"github.com/aimakerspace/synlogger/cmd/internal/demo"
	"github.com/aimakerspace/synlogger/cmd/internal/doctor"
	"github.com/aimakerspace/synlogger/cmd/internal/setup"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/sysmetric"
)

// Exit codes. The help of each command lists those that it returns.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitDiffers = 3 // of contentpack diff
	exitUnknown = 4 // no failure, but the outcome could not be confirmed
	// exitNotTracking is returned by the command sysmetric. The Python package
	// returned -42.
	exitNotTracking = 42
)

// exitCode returns the exit code for an error.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage), errors.Is(err, graylog.ErrInvalidURL):
		return exitUsage
	case errors.Is(err, setup.ErrDifferent):
		return exitDiffers
	case errors.Is(err, doctor.ErrUnknown), errors.Is(err, demo.ErrUnconfirmed), errors.Is(err, agent.ErrUnconfirmed):
		return exitUnknown
	case errors.Is(err, sysmetric.ErrNotTracking):
		return exitNotTracking
	default:
		return exitFailure
	}
}

// A usageError is an error in the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }

func (e usageError) Unwrap() error { return e.err }

// A failure is what --json prints for a command that failed before it had a
// report, for example because of an unknown flag.
type failure struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// wantsJSON reports whether a command line contains --json. It does not use the
// parsed flags, because cobra stops parsing at an unknown flag.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == "--json" {
			return true
		}
		if text, ok := strings.CutPrefix(arg, "--json="); ok {
			value, err := strconv.ParseBool(text)
			return err != nil || value
		}
	}
	return false
}
