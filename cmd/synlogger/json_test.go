package main

import (
	"encoding/json"
	"net"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// TestJSONOfUsageErrors checks that invalid command lines with --json print one JSON
// object, whether the error comes before or after --json.
func TestJSONOfUsageErrors(t *testing.T) {
	clearEnv(t)
	for args, want := range map[string]string{
		"contentpack install --json":            "no password for admin",
		"contentpack verify --json --wait -1s":  "use a positive duration",
		"contentpack verify --nothing --json":   "unknown flag: --nothing",
		"contentpack diff --json --port boss=1": "unknown role",
		"contentpack remove --json=true now":    `unknown argument "now"`,
		"contentpack instal --json":             `unknown flag: --json`,
		"contentpack print --json --port ttp":   "write it as",
		"doctor --json --role nurse":            "use sysmetric, director, ttp, worker",
		"doctor --jsn --json":                   "unknown flag: --jsn",
	} {
		checkFailureJSON(t, exitUsage, want, strings.Fields(args)...)
	}
}

// TestJSONOfFailures checks that a command that fails prints one JSON object, whether
// it fails before or after its report.
func TestJSONOfFailures(t *testing.T) {
	clearEnv(t)
	t.Setenv(graylog.EnvPassword, "very-secret")
	closes := clitest.Serve(t, func(net.Conn) {})
	for args, want := range map[string]string{
		"contentpack verify --json --token-file /none":       "open /none",
		"contentpack verify --json --url http://127.0.0.1:1": "connection refused",
		"doctor --json --server 127.0.0.1:1":                 "1 of 3 steps failed",
		"doctor --json --server " + closes:                   "1 of 4 steps failed",
	} {
		checkFailureJSON(t, exitFailure, want, strings.Fields(args)...)
	}
}

// checkFailureJSON runs a command that must fail with an exit code, and whose standard
// output must be one JSON object with the error.
func checkFailureJSON(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	stdout, stderr, wait := command(t.Context(), args...)
	got := wait()
	var object struct {
		OK    *bool
		Error string
	}
	err := json.Unmarshal([]byte(stdout.String()), &object)
	if err != nil || object.OK == nil || *object.OK || !strings.Contains(object.Error, want) || got != code {
		t.Errorf("%q: exit code %d, want %d, and the error %q (%v):\n%s%s", args, got, code, want, err, stdout, stderr)
	}
	if text := stdout.String() + stderr.String(); strings.Contains(text, "very-secret") {
		t.Errorf("%q: the password is in\n%s", args, text)
	}
}
