package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/doctor"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

func TestDoctor(t *testing.T) {
	clearEnv(t)
	server := gelftest.NewServer(t)
	args := []string{"doctor", "--server", server.Addr(), "--role", "worker", "--name", "unit"}
	stdout, stderr, wait := command(t.Context(), args...)
	if code := wait(); code != exitOK || stderr.String() != "" {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	clitest.Match(t, stdout.String(), "^ok +configuration .*logger doctor-WKR_unit$", "^ok +probe ")

	stdout, stderr, wait = command(t.Context(), "doctor", "--server", "udp://"+server.Addr())
	if code := wait(); code != exitUnknown {
		t.Errorf("over UDP: exit code %d, want %d", code, exitUnknown)
	}
	clitest.Match(t, stdout.String()+stderr.String(), "^unknown +GELF", "> Give --url", "not confirmed$")
}

func TestDoctorTLSFlags(t *testing.T) {
	clearEnv(t)
	server := gelftest.NewTLSServer(t)
	ca := clitest.CAFile(t, server)
	args := []string{"doctor", "--server", server.URL(), "--ca-file", ca}
	if _, stderr, wait := command(t.Context(), args...); wait() != exitOK {
		t.Error(stderr)
	}
	stdout, _, wait := command(t.Context(), append(args, "--server-name", "graylog.example")...)
	if code := wait(); code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	clitest.Match(t, stdout.String(), "^failed +certificate .*not graylog.example")
}

func TestDoctorJSON(t *testing.T) {
	clearEnv(t)
	server := gelftest.NewServer(t)
	stdout, _, wait := command(t.Context(), "doctor", "--json", "--server", server.Addr())
	code := wait()
	var got struct {
		Server string
		Role   string
		OK     bool
		Probe  string `json:"doctor_probe"`
		Steps  []doctor.Step
	}
	if err := json.Unmarshal([]byte(stdout.String()), &got); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	if code != exitOK || !got.OK || got.Role != "TTP" || got.Server != server.URL() || len(got.Steps) != 5 ||
		got.Probe != server.Wait(2)[1].Fields["doctor_probe"] {
		t.Errorf("exit code %d, %+v", code, got)
	}
}

// TestDoctorLogin checks that the doctor finds the API and the login in the same
// flags and variables as contentpack.
func TestDoctorLogin(t *testing.T) {
	clearEnv(t)
	var user, password string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/" {
			w.Write([]byte(`{"cluster_id":"c","version":"7.0.1"}`))
			return
		}
		user, password, _ = r.BasicAuth()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer web.Close()
	server := gelftest.NewServer(t).Addr()
	t.Setenv(graylog.EnvPassword, "secret")
	for _, tt := range []struct {
		url, token     string // in the environment
		args           []string
		user, password string
	}{
		{args: []string{"--url", web.URL}, user: "admin", password: "secret"},
		{url: web.URL, args: []string{"--user", "reader"}, user: "reader", password: "secret"},
		{url: web.URL, token: "t", user: "t", password: "token"},
	} {
		t.Setenv(graylog.EnvURL, tt.url)
		t.Setenv(graylog.EnvToken, tt.token)
		stdout, _, wait := command(t.Context(), append([]string{"doctor", "--server", server}, tt.args...)...)
		if code := wait(); code != exitFailure || user != tt.user || password != tt.password {
			t.Errorf("%+v: exit code %d, user %q, password %q", tt, code, user, password)
		}
		clitest.Match(t, stdout.String(), "^failed +API .*is Graylog 7.0.1, which rejects the login")
	}
}
