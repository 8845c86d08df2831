package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// pack runs a command of contentpack.
func pack(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), append([]string{"contentpack"}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

func TestContentPackPrint(t *testing.T) {
	clearEnv(t)
	status, stdout, stderr := pack(t, "print", "--bind", "127.0.0.1", "--port", "ttp=19300", "--port", "TEST=22201", "--test-input",
		"--tls-cert-file", "/cert.pem", "--tls-key-file", "/key.pem", "--tls-client-auth", "required", "--tls-client-ca-file", "/clients",
		"--min-server", "5.0.0", "--revision", "9", "--summary", "s", "--vendor", "v", "--vendor-url", "u")
	if status != exitOK || stderr != "" {
		t.Fatalf("status %d, %s", status, stderr)
	}
	p, err := contentpack.New(contentpack.Options{
		Bind: "127.0.0.1", Ports: map[string]int{"TTP": 19300, contentpack.TestInputRole: 22201}, TestInput: true,
		TLS:       contentpack.TLS{Enable: true, CertFile: "/cert.pem", KeyFile: "/key.pem", ClientAuth: "required", ClientCAs: "/clients"},
		MinServer: "5.0.0", Revision: 9, Summary: "s", Vendor: "v", URL: "u",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := p.MarshalJSON(); stdout != string(want) {
		t.Errorf("it prints\n%s\nwant\n%s", stdout, want)
	}
}

func TestContentPackCommandLine(t *testing.T) {
	clearEnv(t)
	dir := t.TempDir()
	empty, two := filepath.Join(dir, "empty"), filepath.Join(dir, "two")
	for file, text := range map[string]string{empty: "\n", two: "very\nsecret\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		args   string
		status int
		want   string
	}{
		{"", exitOK, "synlogger contentpack install --wait 3m"},
		{"help", exitUsage, `unknown command "help"`},
		{"instal", exitUsage, `unknown command "instal" for 'synlogger contentpack'`},
		{"print now", exitUsage, `unknown argument "now" for 'synlogger contentpack print'`},
		{"print --port ttp", exitUsage, `--port "ttp": write it as "ttp=19300"`},
		{"print --port boss=1", exitUsage, `port of "boss": unknown role`},
		{"print --port ttp=9100", exitUsage, "port 9100 is given to Sysmetric and to TTP"},
		{"print --tls-cert-file x", exitUsage, "name the files of the certificate and of its key"},
		{"print --tls-client-auth required", exitUsage, "TLS: it is not enabled"},
		{"print --revision 0", exitUsage, "--revision 0: use a positive number"},
		{"print --url http://127.0.0.1:1", exitUsage, "unknown flag: --url"},
		{"install", exitUsage, "no password for admin: set GRAYLOG_PASSWORD"},
		{"install --wait -1s", exitUsage, "--wait -1s: use a positive duration"},
		{"install --password secret", exitUsage, "unknown flag: --password"},
		{"verify --password-file " + empty, exitFailure, "must contain one line, the password"},
		{"verify --token-file " + two, exitFailure, "must contain one line, the token"},
		{"diff --token-file " + filepath.Join(dir, "none"), exitFailure, "read the token file: open "},
		{"verify --failures -1s", exitUsage, "--failures -1s: use a positive duration, or 0"},
		{"install --failures 1h", exitUsage, "unknown flag: --failures"},
		{"remove --port ttp=1", exitUsage, "unknown flag: --port"},
	} {
		status, stdout, stderr := pack(t, strings.Fields(tc.args)...)
		if status != tc.status || !strings.Contains(stdout+stderr, tc.want) {
			t.Errorf("%q: status %d, want %d, and %q in\n%s%s", tc.args, status, tc.status, tc.want, stdout, stderr)
		}
		if tc.status == exitUsage && !strings.Contains(stderr, "--help' for usage.") {
			t.Errorf("%q: the help is not mentioned in\n%s", tc.args, stderr)
		}
	}
}

// TestContentPackLogIn has who logs in, from each place that says so.
func TestContentPackLogIn(t *testing.T) {
	var user, password string
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer web.Close()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		env            map[string]string
		args           string
		user, password string
	}{
		{map[string]string{graylog.EnvPassword: "p"}, "", "admin", "p"},
		{map[string]string{graylog.EnvPassword: "p", graylog.EnvUser: "u"}, "", "u", "p"},
		{map[string]string{graylog.EnvPassword: "p", graylog.EnvUser: "u"}, "--user flag --password-file " + file, "flag", "from the file"},
		{map[string]string{graylog.EnvPasswordFile: file}, "", "admin", "from the file"},
		{map[string]string{graylog.EnvToken: "t", graylog.EnvPassword: "p"}, "", "t", "token"},
		{map[string]string{graylog.EnvToken: "t"}, "--password-file " + file, "admin", "from the file"},
		{map[string]string{graylog.EnvTokenFile: file}, "", "from the file", "token"},
		{nil, "--token-file " + file, "from the file", "token"},
	} {
		clearEnv(t)
		t.Setenv(graylog.EnvURL, web.URL)
		for name, value := range tc.env {
			t.Setenv(name, value)
		}
		for _, trust := range []string{"--ca-file " + ca, "--insecure"} {
			user, password = "", ""
			status, stdout, stderr := pack(t, append([]string{"verify"}, strings.Fields(tc.args+" "+trust)...)...)
			if status != exitFailure || !strings.Contains(stderr, "does not let the user in") || user != tc.user || password != tc.password {
				t.Errorf("%v %s: status %d, user %q with %q, want %q with %q\n%s%s", tc.env, tc.args, status, user, password, tc.user, tc.password, stdout, stderr)
			}
			if strings.Contains(stdout+stderr, "from the file") {
				t.Errorf("there is a secret in\n%s%s", stdout, stderr)
			}
		}
	}
	clearEnv(t)
	t.Setenv(graylog.EnvPassword, "p")
	if status, _, stderr := pack(t, "verify", "--url", web.URL); status != exitFailure || !strings.Contains(stderr, "unknown authority") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if status, _, stderr := pack(t, "verify", "--url", strings.Replace(web.URL, "https://", "https://u:very-secret@", 1)); status == exitOK || strings.Contains(stderr, "very-secret") || !strings.Contains(stderr, "has a user in it") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// TestContentPackJSON has a server without anything.
func TestContentPackJSON(t *testing.T) {
	clearEnv(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/system" {
			io.WriteString(w, `{"version":"7.0.1","lifecycle":"running"}`)
			return
		}
		io.WriteString(w, `{}`)
	}))
	defer web.Close()
	t.Setenv(graylog.EnvURL, web.URL)
	t.Setenv(graylog.EnvPassword, "p")
	var got struct {
		OK              bool
		Server, Version string
		Steps           []contentpack.Step
		Findings        []contentpack.Finding
	}
	for _, tc := range []struct {
		command  string
		status   int
		ok       bool
		steps    int
		findings int
	}{
		{"verify", exitFailure, false, 0, 2}, // it is not installed, and does not say what it refused
		{"diff", exitDiffers, true, 2, 0},
		{"remove", exitOK, true, 0, 0},
	} {
		status, stdout, stderr := pack(t, tc.command, "--json")
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatalf("%v\n%s%s", err, stdout, stderr)
		}
		if strings.Contains(stdout, "null") {
			t.Errorf("%s: there is a null in\n%s", tc.command, stdout)
		}
		if status != tc.status || got.OK != tc.ok || len(got.Steps) != tc.steps || len(got.Findings) != tc.findings || got.Server != web.URL || got.Version != "7.0.1" {
			t.Errorf("%s: status %d, %s", tc.command, status, stdout)
		}
	}
}

// TestRealGraylogContentPack goes through the commands with a real server.
func TestRealGraylogContentPack(t *testing.T) {
	graylogtest.Open(t) // the commands read the same environment
	options := []string{"--bind", "127.0.0.1", "--port", "sysmetric=24100", "--port", "director=24200", "--port", "ttp=24300", "--port", "worker=24400", "--min-server", "3.3.0"}
	commands := func(status int, command string, wants ...string) {
		t.Helper()
		args := []string{command}
		if command != "remove" {
			args = slices.Concat(args, options)
		}
		if command == "verify" { // other tests have records refused
			args = append(args, "--failures", "0")
		}
		got, stdout, stderr := pack(t, args...)
		if got != status {
			t.Errorf("%s: status %d, want %d", command, got, status)
		}
		clitest.Match(t, stdout+stderr, wants...)
	}
	pack(t, "remove")
	t.Cleanup(func() { pack(t, "remove") })
	commands(exitFailure, "verify", "^failed  content pack Synergos Logs: it is not installed$", "^ +> Install it.$", "not all is as it should be")
	commands(exitDiffers, "diff", "^would upload revision 2", "^would install revision 2: 4 inputs, 4 streams, a dashboard$", "install would change it in 2 steps")
	commands(exitOK, "install", "^upload revision 2: content ", "^install revision 2", ": revision 2 is installed$")
	commands(exitOK, "install", ": revision 2 was installed already; nothing was changed$")
	commands(exitOK, "verify", ": 4 inputs run, 4 streams too, and the dashboard is as it should be$")
	commands(exitOK, "diff", "there is no difference$")
	options[3] = "sysmetric=24101"
	commands(exitFailure, "verify", "^failed .*with another content, of other options$")
	commands(exitDiffers, "diff", "^would uninstall revision 2", "^differs input Sysmetrics Logs: port: 24100, wanted 24101$")
	commands(exitOK, "remove", "^uninstall revision 2$", "^delete revision 2$", ": the pack is removed$")
	commands(exitOK, "remove", ": there was nothing to remove$")
}
