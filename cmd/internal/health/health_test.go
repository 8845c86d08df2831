package health

import (
	"encoding/json"
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:9110": "127.0.0.1:9110",
		"node-a:9110":    "node-a:9110",
		"0.0.0.0:9110":   "127.0.0.1:9110",
		":9110":          "127.0.0.1:9110",
		"[::]:9110":      "[::1]:9110",
	} {
		if got := reachable(addr); got != want {
			t.Errorf("reachable(%q) = %q, want %q", addr, got, want)
		}
	}
}

// TestServerRejectsNames checks that a web page cannot read the answer through a name
// that resolves to this machine.
func TestServerRejectsNames(t *testing.T) {
	server, err := Listen("127.0.0.1:0", func() (Delivery, error) { return Delivery{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for host, want := range map[string]int{
		"127.0.0.1:9110":    http.StatusOK,
		"localhost":         http.StatusOK,
		"[::1]:9110":        http.StatusOK,
		"rebound.test:9110": http.StatusForbidden,
	} {
		req, err := http.NewRequest(http.MethodGet, server.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var report Report
		err = json.NewDecoder(resp.Body).Decode(&report)
		resp.Body.Close()
		if resp.StatusCode != want || (err == nil) != (want == http.StatusOK) {
			t.Errorf("%s: %s, %v, want %d", host, resp.Status, err, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
