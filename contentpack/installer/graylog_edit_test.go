package installer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// TestRealGraylogEdits installs the pack after people have changed its parts.
func TestRealGraylogEdits(t *testing.T) {
	srv := open(t)
	c := srv.client
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, c.Install, p, "upload revision 2", "install revision 2")
	ids := srv.streamIDs(t)
	_, have := srv.state(t)
	srv.must(t, http.MethodPut, "/api/streams/"+ids["TTP Stream"], facts.Object{
		"title": "Renamed", "description": "Logs documenting ttp operations",
	}, nil)
	worker := have.inputs["Worker Logs"]
	worker.Title = "Inputs of hospitals"
	worker.Attributes["number_worker_threads"] = 2
	if err := srv.API.UpdateInput(t.Context(), worker); err != nil {
		t.Fatal(err)
	}
	dashboard := have.dashboards[p.Dashboard.Title]
	dashboard["title"] = "Ours"
	removed := ""
	for _, tab := range dashboard["state"].(facts.Object) {
		tab := tab.(facts.Object)
		widgets := tab["widgets"].([]any)
		for _, w := range widgets {
			w.(facts.Object)["timerange"] = facts.Object{"type": "relative", "range": 86400}
		}
		if len(widgets) > 10 { // Sysmetrics Analysis
			id := widgets[0].(facts.Object)["id"].(string)
			removed = tab["titles"].(facts.Object)["widget"].(facts.Object)[id].(string)
			tab["widgets"] = widgets[1:]
		}
	}
	if err := srv.API.SaveDashboard(t.Context(), srv.session(t).version, dashboard); err != nil {
		t.Fatal(err)
	}
	edited := srv.list(t)

	for name, run := range map[string]method{"Install": c.Install, "Verify": c.Verify} {
		report, err := run(t.Context(), p)
		if err != nil || !report.OK() || len(report.Steps) > 0 {
			t.Fatalf("%s: %v, %+v", name, err, report)
		}
		var notes strings.Builder
		for _, f := range report.Findings {
			fmt.Fprintf(&notes, "%s: %s\n", f.Where, f.Found)
		}
		for _, want := range []string{
			"stream TTP Stream: somebody has changed it: title is \"Renamed\", not \"TTP Stream\"",
			"input Worker Logs: somebody has changed it: ",
			"number_worker_threads is \"2\", not \"4\"",
			"dashboard Synergos Dashboard: somebody has changed it: title is \"Ours\", not",
			"widget " + removed + ": somebody has changed it: it was removed or renamed",
			"24 parts of the dashboard: somebody has changed it: timerange is \"the last 86400 s\", not " +
				"\"the last 300 s\" (widget ",
		} {
			if !strings.Contains(notes.String(), want) {
				t.Errorf("%s: the notes lack %q:\n%s", name, want, &notes)
			}
		}
	}
	srv.checkList(t, "after the installation", edited)

	reset := *c
	reset.Reset = true
	checkSteps(t, reset.Install, p, "change dashboard Synergos Dashboard")
	checkSteps(t, c.Install, p)
	if got := srv.streamIDs(t); got["TTP Stream"] != ids["TTP Stream"] {
		t.Errorf("the stream was %s and is %s", ids["TTP Stream"], got["TTP Stream"])
	}
	if got := srv.list(t); !strings.Contains(got, "stream Renamed") || !strings.Contains(got, "dashboard Synergos") {
		t.Errorf("after the reset, the server has\n%s", got)
	}
	if widgets := srv.Dashboard(p.Dashboard.Title).Widgets; len(widgets) != 25 {
		t.Errorf("the dashboard has %d widgets, want 25", len(widgets))
	}
}

// TestRealGraylogRule changes the rule of a stream, which then lacks records.
func TestRealGraylogRule(t *testing.T) {
	srv := open(t)
	p := srv.pack(t, contentpack.Config{})
	checkSteps(t, srv.client.Install, p, "upload revision 2", "install revision 2")
	srv.must(t, http.MethodPost, "/api/streams/"+srv.streamIDs(t)["TTP Stream"]+"/rules",
		facts.Object{"type": 1, "field": "source", "value": "x", "inverted": false, "description": ""}, nil)
	report, err := srv.client.Verify(t.Context(), p)
	const want = `stream TTP Stream: somebody has changed it: rules is "2", not "1"`
	if got := problems(report); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("%v, problems %q, want %s", err, got, want)
	}
	checkSteps(t, srv.client.Install, p)
}

// TestRealGraylogRights installs the pack as a user who may not create streams.
func TestRealGraylogRights(t *testing.T) {
	srv := open(t)
	const name, password = "contentpack-test", "contentpack-test-secret"
	remove := func() {
		ctx := context.Background()
		_ = srv.API.Do(ctx, http.MethodDelete, "/api/users/"+name, nil, nil, nil)
		_ = srv.API.Do(ctx, http.MethodDelete, "/api/roles/"+name, nil, nil, nil)
	}
	remove()
	t.Cleanup(remove)
	permissions := []string{
		"contentpack:*", "inputs:*", "input_types:*", "dashboards:*", "view:*", "streams:read",
		"streams:changestate", "users:edit:" + name, "system:read",
	}
	srv.must(t, http.MethodPost, "/api/roles", facts.Object{
		"name": name, "description": "of a test", "permissions": permissions, "read_only": false,
	}, nil)
	user := facts.Object{
		"username": name, "password": password, "email": name + "@example.com", "roles": []string{"Reader", name},
		"permissions": []string{},
	}
	if srv.session(t).version.Major < 4 {
		user["full_name"] = name
	} else {
		user["first_name"], user["last_name"] = name, name
	}
	srv.must(t, http.MethodPost, "/api/users", user, nil)
	limited := *srv.client
	limited.User, limited.Password, limited.Token = name, password, ""
	before := srv.list(t)
	p := srv.pack(t, contentpack.Config{})
	for deadline := time.Now().Add(graylogtest.WaitTimeout); ; time.Sleep(time.Second) {
		_, err := limited.Diff(t.Context(), p)
		if err == nil {
			break
		}
		if time.Now().After(deadline) { // Graylog 3 applies a new role after some time
			t.Fatal(err)
		}
	}
	check := func(pack contentpack.Pack) {
		t.Helper()
		report, err := limited.Install(t.Context(), pack)
		const want = "the user lacks the permission streams:create: nothing was changed: use a user with the role Admin"
		if !errors.Is(err, ErrForbidden) || !strings.HasSuffix(err.Error(), want) || len(report.Steps) > 0 {
			t.Errorf("%v, %+v, want %s", err, report.Steps, want)
		}
	}
	check(p)
	srv.checkList(t, "after the refused installation", before)

	checkSteps(t, srv.client.Install, p, "upload revision 2", "install revision 2")
	if err := srv.API.DeleteStream(t.Context(), srv.streamIDs(t)["TTP Stream"]); err != nil {
		t.Fatal(err)
	}
	before = srv.list(t)
	check(p)
	srv.checkList(t, "after the refused repair", before)
}

// TestRealGraylogURL gives the address of an input, and the wrong scheme.
func TestRealGraylogURL(t *testing.T) {
	srv := open(t)
	c := *srv.client
	c.Wait = time.Hour
	for url, want := range map[string]string{
		"http://" + srv.NewInput("URL", graylogtest.TCP).Addr: "belongs to a GELF input",
		strings.Replace(srv.URL, "http:", "https:", 1):        "use http://",
	} {
		c.URL = url
		start := time.Now()
		_, err := c.Verify(t.Context(), srv.pack(t, contentpack.Config{}))
		if took := time.Since(start); !errors.Is(err, ErrInvalidURL) || !strings.Contains(err.Error(), want) ||
			took > 30*time.Second {
			t.Errorf("%s: %v after %v, want %s", url, err, took, want)
		}
	}
}

// TestRealGraylogCertificate installs inputs with TLS, without and with the files of the
// certificate.
func TestRealGraylogCertificate(t *testing.T) {
	srv := open(t)
	cert, key := certificateFiles(t)
	lost := cert + ".lost"
	p := srv.pack(t, contentpack.Config{TLS: contentpack.TLS{Enable: true, CertFile: lost, KeyFile: key}})
	for _, run := range []method{srv.client.Install, srv.client.Verify} {
		report, err := run(t.Context(), p)
		if got := problems(report); err != nil || len(got) != 4 || !strings.Contains(got[0], "cannot read "+lost) {
			t.Errorf("%v, problems %q, want four inputs that cannot read %s", err, got, lost)
		}
	}
	p = srv.pack(t, contentpack.Config{TLS: contentpack.TLS{Enable: true, CertFile: cert, KeyFile: key}})
	checkSteps(t, srv.client.Install, p, "change input Sysmetrics Logs", "change input Director Logs",
		"change input TTP Logs", "change input Worker Logs")
	report, err := srv.client.Verify(t.Context(), p)
	unread := func(f Finding) bool { return strings.Contains(f.Found, "certificate") }
	if err != nil || !report.OK() || slices.ContainsFunc(report.Findings, unread) {
		t.Errorf("%v, %+v", err, report.Findings)
	}
}

// certificateFiles returns the files of a certificate and its key.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "contentpack-test"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, bytes []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", pkcs8)
}
