package main

import (
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/role"
)

func TestUsage(t *testing.T) {
	clearEnv(t)
	for _, tc := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"", exitOK, "Available Commands", ""},
		{"help", exitOK, "synlogger demo", ""},
		{"help demo", exitOK, "Examples:", ""},
		{"--version", exitOK, "synlogger ", ""},
		{"completion bash", exitOK, "__start_synlogger", ""},
		{"completion zsh", exitOK, "#compdef synlogger", ""},
		{"dmeo", exitUsage, "", `unknown command "dmeo" for 'synlogger': did you mean demo?`},
		{"demo now", exitUsage, "", `unknown argument "now" for 'synlogger demo'`},
		{"demo --server ftp://x", exitUsage, "", `"ftp://x"`},
		{"demo --server x --dir y", exitUsage, "", "--dir has no effect with --server"},
		{"demo --ca-file x", exitUsage, "", "--ca-file has no effect without --server"},
		{"demo --server tls://x --cert-file x", exitUsage, "", "give both"},
		{"demo --fro 5s", exitUsage, "", "unknown flag: --fro"},
		{"demo --for five", exitUsage, "", "--for"},
		{"demo --for -1s", exitUsage, "", "use a positive duration"},
		{"demo --ports some", exitUsage, "", `use "fixed" or "auto"`},
		{"sysmetric now", exitUsage, "", `"now" is not an attribute: write it as KEY=VALUE`},
		{"sysmetric =x", exitUsage, "", `"=x" is not an attribute`},
		{"sysmetric --every 0s", exitUsage, "", "--every 0s: use a positive duration"},
		{"sysmetric --server ftp://x", exitUsage, "", `"ftp://x"`},
		{"sysmetric --health nowhere", exitUsage, "", `--health "nowhere": address nowhere: missing port`},
		{"sysmetric --once --health 127.0.0.1:0", exitUsage, "", "--health has no effect with --once"},
		{"healthcheck --health 127.0.0.1:x", exitUsage, "", `the port "x" is not a number`},
		{"healthcheck --timeout 0s", exitUsage, "", "use a positive duration"},
		{"healthcheck now", exitUsage, "", `unknown argument "now" for 'synlogger healthcheck'`},
		{"collect --max-records 0", exitUsage, "", "use a positive number"},
		{"collect --input TTP", exitUsage, "", "TTP Logs=127.0.0.1:19300"},
		{"collect --page 127.0.0.1:x", exitUsage, "", `the port "x" is not a number`},
		{"collect --page nowhere", exitUsage, "", "missing port"},
		{"collect --input X=127.0.0.1:99999", exitUsage, "", `the port "99999" is not a number from 0 to 65535`},
		{"collect --input X=127.0.0.1:1", exitUsage, "", `unknown input "X": use Sysmetrics Logs, Director Logs`},
		{"doctor --role nurse", exitUsage, "", "use sysmetric, director, ttp, worker"},
		{"doctor --server http://x", exitUsage, "", `unknown scheme "http"`},
		{"doctor --timeout 0s", exitUsage, "", "use a positive duration"},
		{"doctor --cert-file x", exitUsage, "", "give both"},
		{"doctor --url 127.0.0.1:9000", exitUsage, "", "http://127.0.0.1:9000"},
		{"doctor --failures -1s", exitUsage, "", "use a positive duration, or 0"},
		{"doctor --token-file /none", exitUsage, "", "--token-file has no effect without --url"},
		{"doctor --url http://x --token-file /none", exitFailure, "", "open /none"},
		{"doctor now", exitUsage, "", `unknown argument "now" for 'synlogger doctor'`},
	} {
		stdout, stderr, wait := command(t.Context(), strings.Fields(tc.args)...)
		if code := wait(); code != tc.code {
			t.Errorf("%q: exit code %d, want %d", tc.args, code, tc.code)
		}
		if !strings.Contains(stdout.String(), tc.stdout) || !strings.Contains(stderr.String(), tc.stderr) {
			t.Errorf("%q: want %q on standard output and %q on standard error:\n%s%s",
				tc.args, tc.stdout, tc.stderr, stdout, stderr)
		}
		if tc.code == exitUsage && !strings.Contains(stderr.String(), "--help' for usage.") {
			t.Errorf("%q: the help is not mentioned in\n%s", tc.args, stderr)
		}
	}
}

// clearEnv clears the variables of Graylog's REST API, which the commands read.
func clearEnv(t *testing.T) {
	t.Helper()
	for _, name := range graylog.Env() {
		t.Setenv(name, "")
	}
}

func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"doctor --role":                       "sysmetric\ndirector\nttp\nworker\n",
		"collect --ports":                     "fixed\nauto\n",
		"contentpack install":                 ":4\n", // no file names
		"sysmetric":                           ":4\n",
		"healthcheck":                         ":4\n",
		"healthcheck --health":                ":4\n",
		"contentpack":                         "diff\t",
		"contentpack print --tls-client-auth": "disabled\noptional\nrequired\n",
		"contentpack print --port":            "sysmetric=\ndirector=\nttp=\nworker=\n",
	} {
		stdout, _, wait := command(t.Context(), append(append([]string{"__complete"}, strings.Fields(args)...), "")...)
		if wait(); !strings.HasPrefix(stdout.String(), want) {
			t.Errorf("%s is completed with\n%s\nwant\n%s", args, stdout, want)
		}
	}
}

// TestAPIHelp checks that the help contains the variables of the REST API.
func TestAPIHelp(t *testing.T) {
	for _, name := range graylog.Env() {
		if !strings.Contains(apiHelp, "\n  "+name+" ") {
			t.Errorf("the help does not contain %s", name)
		}
	}
}

// TestVariableHelp checks that the help contains the variables of the library.
func TestVariableHelp(t *testing.T) {
	for _, v := range role.Variables() {
		if !strings.Contains(newSysmetric().Long, "\n  "+v.Name+" ") {
			t.Errorf("the help does not contain %s", v.Name)
		}
	}
}
