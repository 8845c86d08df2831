package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// pack runs a command of contentpack.
func pack(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"contentpack"}, args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestContentPackPrint(t *testing.T) {
	clearEnv(t)
	code, stdout, stderr := pack(t, "print",
		"--bind", "127.0.0.1",
		"--port", "ttp=19300",
		"--port", "TEST=22201",
		"--test-input",
		"--tls-cert-file", "/cert.pem",
		"--tls-key-file", "/key.pem",
		"--tls-client-auth", "required",
		"--tls-client-ca-file", "/clients",
		"--min-server", "5.0.0",
		"--revision", "9",
		"--summary", "s",
		"--vendor", "v",
		"--vendor-url", "u",
	)
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	p, err := contentpack.New(contentpack.Config{
		Bind:      "127.0.0.1",
		Ports:     map[string]int{"TTP": 19300, contentpack.TestInputRole: 22201},
		TestInput: true,
		TLS: contentpack.TLS{
			Enable:     true,
			CertFile:   "/cert.pem",
			KeyFile:    "/key.pem",
			ClientAuth: contentpack.ClientAuthRequired,
			ClientCAs:  "/clients",
		},
		MinServer: "5.0.0",
		Revision:  9,
		Summary:   "s",
		Vendor:    "v",
		URL:       "u",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := p.MarshalJSON(); stdout != string(want) {
		t.Errorf("it prints\n%s\nwant\n%s", stdout, want)
	}
}

func TestContentPackUsage(t *testing.T) {
	clearEnv(t)
	dir := t.TempDir()
	empty, two, secret := filepath.Join(dir, "empty"), filepath.Join(dir, "two"), filepath.Join(dir, "secret")
	input := gelftest.NewServer(t).Addr()
	for file, text := range map[string]string{empty: "\n", two: "very\nsecret\n", secret: "secret\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		args string
		code int
		want string
	}{
		{"", exitOK, "synlogger contentpack install --wait 3m"},
		{"help", exitUsage, `unknown command "help"`},
		{"instal", exitUsage, `unknown command "instal" for 'synlogger contentpack'`},
		{"print now", exitUsage, `unknown argument "now" for 'synlogger contentpack print'`},
		{"print --port ttp", exitUsage, `--port "ttp": write it as "ttp=19300"`},
		{"print --port boss=1", exitUsage, `"boss": unknown role`},
		{"print --port ttp=9100", exitUsage, "9100"},
		{"print --tls-cert-file x", exitUsage, "KeyFile"},
		{"print --tls-client-auth required", exitUsage, "TLS"},
		{"print --revision 0", exitUsage, "--revision 0: use a positive number"},
		{"print --url http://127.0.0.1:1", exitUsage, "unknown flag: --url"},
		{"install", exitUsage, "no password for admin: set GRAYLOG_PASSWORD"},
		{"verify --password-file " + secret + " --url 127.0.0.1:9000", exitUsage, "write it as http://127.0.0.1:9000"},
		{"install --password-file " + secret + " --wait 1m --url http://" + input, exitUsage, "belongs to a GELF input"},
		{"install --wait -1s", exitUsage, "--wait -1s: use a positive duration"},
		{"install --password secret", exitUsage, "unknown flag: --password"},
		{"verify --password-file " + empty, exitFailure, "must contain one line, the password"},
		{"verify --token-file " + two, exitFailure, "must contain one line, the token"},
		{"diff --token-file " + filepath.Join(dir, "none"), exitFailure, "read the token file: open "},
		{"diff --token-file " + two + "x --ca-file /none", exitFailure, "open "},
		{"verify --failures -1s", exitUsage, "--failures -1s: use a positive duration, or 0"},
		{"install --failures 1h", exitUsage, "unknown flag: --failures"},
		{"remove --port ttp=1", exitUsage, "unknown flag: --port"},
	} {
		code, stdout, stderr := pack(t, strings.Fields(tc.args)...)
		if code != tc.code || !strings.Contains(stdout+stderr, tc.want) {
			t.Errorf("%q: exit code %d, want %d, and %q in\n%s%s", tc.args, code, tc.code, tc.want, stdout, stderr)
		}
		if tc.code == exitUsage && !strings.Contains(stderr, "--help' for usage.") {
			t.Errorf("%q: the help is not mentioned in\n%s", tc.args, stderr)
		}
	}
}

// TestContentPackLogin checks where the commands find the login and the authorities.
func TestContentPackLogin(t *testing.T) {
	var user, password string
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // of rejected handshakes
	web.StartTLS()
	defer web.Close()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := clitest.PEMFile(t, web.Certificate().Raw)
	for _, tc := range []struct {
		env      map[string]string
		args     string
		user     string
		password string
	}{
		{
			env:      map[string]string{graylog.EnvPassword: "p"},
			user:     "admin",
			password: "p",
		},
		{
			env:      map[string]string{graylog.EnvPassword: "p", graylog.EnvUser: "u"},
			args:     "--user flag --password-file " + file,
			user:     "flag",
			password: "from the file",
		},
		{
			env:      map[string]string{graylog.EnvToken: "t", graylog.EnvPassword: "p"},
			user:     "t",
			password: "token",
		},
		{
			env:      map[string]string{graylog.EnvTokenFile: file},
			user:     "from the file",
			password: "token",
		},
		{
			args:     "--token-file " + file,
			user:     "from the file",
			password: "token",
		},
	} {
		clearEnv(t)
		t.Setenv(graylog.EnvURL, web.URL)
		for name, value := range tc.env {
			t.Setenv(name, value)
		}
		for _, trust := range []string{"--ca-file " + ca, "--insecure"} {
			user, password = "", ""
			code, stdout, stderr := pack(t, append([]string{"verify"}, strings.Fields(tc.args+" "+trust)...)...)
			if code != exitFailure || !strings.Contains(stderr, "401") || user != tc.user || password != tc.password {
				t.Errorf("%v %s: exit code %d, user %q with %q, want %q with %q\n%s%s",
					tc.env, tc.args, code, user, password, tc.user, tc.password, stdout, stderr)
			}
			if strings.Contains(stdout+stderr, "from the file") {
				t.Errorf("the output contains a secret:\n%s%s", stdout, stderr)
			}
		}
	}
	clearEnv(t)
	t.Setenv(graylog.EnvPassword, "p")
	code, _, stderr := pack(t, "verify", "--url", web.URL)
	if code != exitFailure || !strings.Contains(stderr, "unknown authority") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// TestRealGraylogContentPack runs the commands with a real server.
func TestRealGraylogContentPack(t *testing.T) {
	graylogtest.Open(t) // the commands read the same environment
	options := []string{
		"--bind", "127.0.0.1",
		"--port", "director=24200",
		"--port", "ttp=24300",
		"--port", "worker=24400",
		"--min-server", "3.3.0",
	}
	// check runs a command with another port of the role Sysmetric.
	check := func(code int, port, command string, wants ...string) {
		t.Helper()
		args := []string{command}
		if command != "remove" {
			args = slices.Concat(args, options, []string{"--port", "sysmetric=" + port})
		}
		if command == "verify" { // other tests cause refused records
			args = append(args, "--failures", "0")
		}
		got, stdout, stderr := pack(t, args...)
		if got != code {
			t.Errorf("%s: exit code %d, want %d", command, got, code)
		}
		clitest.Match(t, stdout+stderr, wants...)
	}
	pack(t, "remove")
	t.Cleanup(func() { pack(t, "remove") })
	check(exitFailure, "24100", "verify",
		"^failed  content pack Synergos Logs: it is not installed$",
		"^ +> Run 'synlogger contentpack install'.$",
		"problems found on the server: 1",
	)
	check(exitDiffers, "24100", "diff",
		"^would upload revision 2",
		"^would install revision 2: 4 inputs, 4 streams, a dashboard$",
		"install would take 2 steps",
	)
	check(exitOK, "24100", "install",
		"^upload revision 2: content ",
		"^install revision 2",
		": revision 2 is installed$",
	)
	check(exitOK, "24100", "install", ": revision 2 was installed already; nothing was changed$")
	check(exitOK, "24100", "verify", ": 4 inputs and 4 streams run, and the dashboard exists$")
	check(exitOK, "24100", "diff", "there are no differences$")
	check(exitFailure, "24101", "verify", `^failed  input Sysmetrics Logs: port is "24100", not "24101"$`)
	check(exitDiffers, "24101", "diff",
		`^would change input Sysmetrics Logs: port from "24100" to "24101"$`,
		"^differs input Sysmetrics Logs: port: 24100, wanted 24101$",
	)
	check(exitOK, "24101", "install", "^change input Sysmetrics Logs: port", ": revision 2 is installed$")
	check(exitOK, "24101", "verify", ": 4 inputs and 4 streams run, and the dashboard exists$")
	check(exitOK, "24101", "remove",
		"^uninstall revision 2$",
		"^delete revision 2$",
		": the pack is removed$",
	)
	check(exitOK, "24101", "remove", ": the pack was not installed; nothing was changed$")
}
