package kubernetes

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/role"
)

// authority returns the certificate of a server, in PEM.
func authority(t *testing.T, server *gelftest.Server) string {
	t.Helper()
	conn, err := tls.Dial("tcp", server.Addr(), server.ClientTLS())
	must(t, err)
	defer conn.Close()
	return encode("CERTIFICATE", conn.ConnectionState().PeerCertificates[0].Raw)
}

// checkFields fails the test unless a record has fields.
func checkFields(t *testing.T, m gelf.Message, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if m.Fields[name] != value {
			t.Errorf("%q: the field %s is %v, want %v", m.Message, name, m.Fields[name], value)
		}
	}
}

// TestSysmetric runs the agent of the DaemonSet.
func TestSysmetric(t *testing.T) {
	if !inNode(t) {
		return
	}
	server := gelftest.NewTLSServer(t)
	before := externalBytes(t)
	c := start(t, node{
		pod:     "sysmetric-x7k2p",
		name:    "node-a",
		config:  map[string]string{"SYNLOGGER_SERVER": server.URL()},
		secrets: map[string]map[string]string{"graylog-tls": {"ca.pem": authority(t, server)}},
	}, "sysmetric.yaml", synlogger)
	record := server.Expect(t, "Probed system's hardware usage successfully.")
	checkFields(t, record.Message, map[string]any{"logger": "SYS_node-a", "cluster": "example"})
	if record.Source != "node-a" {
		t.Errorf("the source is %q, want the name of the node", record.Source)
	}
	// The container has no interface but the loopback, the node has others.
	if got, _ := record.Fields["net_external_bytes_recv"].(int64); got < before {
		t.Errorf("net_external_bytes_recv is %d, want the counter of the node, at least %d", got, before)
	}
	for _, field := range []string{"cpu_percent", "memory_total", "disk_read_bytes"} {
		if record.Fields[field] == nil {
			t.Errorf("the record has no field %s", field)
		}
	}
	live, ready := c.w.container().LivenessProbe, c.w.container().ReadinessProbe
	c.waitProbe("liveness", live, true)
	c.waitProbe("readiness", ready, true)
	server.Stop()
	c.waitProbe("readiness without a server", ready, false)
	c.waitProbe("liveness without a server", live, true)
	c.stop()
	files, _ := filepath.Glob(c.root + "/spool/sysmetric/*.spool")
	if text := c.output.String(); len(files) == 0 || !strings.Contains(text, "spooled for the next start") {
		t.Errorf("the spool contains %q\n%s", files, text)
	}
	c.waitProbe("liveness of the ended agent", live, false)
}

// externalBytes returns the bytes that the node has received on interfaces other than the
// loopback.
func externalBytes(t *testing.T) (sum int64) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^\s*(\S+):\s*(\d+)`)
	for _, m := range line.FindAllStringSubmatch(readFile(t, "/proc/1/net/dev"), -1) {
		if m[1] != "lo" {
			n, err := strconv.ParseInt(m[2], 10, 64)
			must(t, err)
			sum += n
		}
	}
	if sum == 0 {
		t.Skip("this machine has no network")
	}
	return sum
}

// TestApplication runs the program of the page as the container of the Deployment.
func TestApplication(t *testing.T) {
	if !inNode(t) {
		return
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readFile(t, page), -1)
	if len(blocks) != 1 {
		t.Fatalf("the page has %d programs, want one", len(blocks))
	}
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/main.go", []byte(blocks[0][1]), 0o644))
	must(t, build(dir+"/worker", dir+"/main.go"))

	server := gelftest.NewTLSServer(t)
	certificate, key := clientCertificate(t)
	c := start(t, node{
		pod:    "worker-6d5f9c-x7k2p",
		name:   "node-a",
		config: map[string]string{"SYNLOGGER_SERVER": server.URL()},
		secrets: map[string]map[string]string{"graylog-tls": {
			"ca.pem": authority(t, server), "worker.pem": certificate, "worker.key": key,
		}},
	}, "application.yaml", dir+"/worker")
	want := map[string]any{
		"logger":      "WKR_worker-6d5f9c-x7k2p",
		"pod":         "worker-6d5f9c-x7k2p",
		"namespace":   "synergos",
		"node":        "node-a",
		"app":         "worker",
		"app_version": "v1.0.0",
	}
	record := server.Expect(t, "Worker started")
	checkFields(t, record.Message, want)
	if record.Source != "node-a" {
		t.Errorf("the source is %q, want the name of the node", record.Source)
	}
	live, ready := c.w.container().LivenessProbe, c.w.container().ReadinessProbe
	c.waitProbe("liveness", live, true)
	c.waitProbe("readiness", ready, true)
	server.Stop()
	c.waitProbe("liveness without a server", live, true)
	c.waitProbe("readiness without a server", ready, true)
	c.stop()
	server.Start()
	c.run() // sends what the spool contains
	checkFields(t, server.Expect(t, "Worker stops").Message, want)
}

// TestCollector runs the collector, and sends it a record.
func TestCollector(t *testing.T) {
	if !inNode(t) {
		return
	}
	tokens := secrets(t)["synlogger-test"]
	c := start(t, node{pod: "collector-0", name: "node-a", secrets: tokens}, "collector.yaml", synlogger)
	c.waitProbe("readiness", c.w.container().ReadinessProbe, true)
	c.waitProbe("liveness", c.w.container().LivenessProbe, true)
	h := role.TTP(role.Config{Server: "127.0.0.1"})
	slog.New(h).Info("Hello World!")
	must(t, h.Close())
	const wait = "http://127.0.0.1:9000/api/wait?stream=TTP&q=hello&n=1&timeout=10s"
	for token, want := range map[string]int{
		tokens["collector"]["token"]: http.StatusOK,
		"another":                    http.StatusUnauthorized,
	} {
		req, err := http.NewRequest(http.MethodGet, wait, nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("the token %q: %s, want %d\n%s", token, resp.Status, want, body)
		}
	}
	c.stop()
}
