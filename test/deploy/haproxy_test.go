package deploy_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
)

// TestBalancerFile checks the ports, servers and timeouts in haproxy.cfg against the
// roles, the nodes of the cluster and the handler.
func TestBalancerFile(t *testing.T) {
	text := readFile(t, deployDir+"/haproxy.cfg")
	gelfList := text[strings.Index(text, "listen gelf"):strings.Index(text, "listen web")]
	var ports []int
	for _, m := range regexp.MustCompile(`:(\d+)`).FindAllStringSubmatch(gelfList, -1) {
		port, _ := strconv.Atoi(m[1])
		ports = append(ports, port)
	}
	if diff := cmp.Diff(gelfPorts(), ports); diff != "" {
		t.Errorf("ports for GELF (-want +got):\n%s", diff)
	}

	cluster := stacks[slices.IndexFunc(stacks, func(s stack) bool { return s.name == "cluster" })]
	var nodes []string
	for name, service := range project(t, cluster).Services {
		if strings.HasPrefix(service.Image, "graylog/graylog:") {
			nodes = append(nodes, name)
		}
	}
	slices.Sort(nodes)
	for list, suffix := range map[string]string{gelfList: "", text[strings.Index(text, "listen web"):]: ":9000"} {
		var want, servers []string
		for _, node := range nodes {
			want = append(want, node+" "+node+suffix)
		}
		for _, m := range regexp.MustCompile(`(?m)^    server (.*)$`).FindAllStringSubmatch(list, -1) {
			servers = append(servers, m[1])
		}
		if diff := cmp.Diff(want, servers); diff != "" {
			t.Errorf("servers (-want +got):\n%s", diff)
		}
	}

	for _, m := range regexp.MustCompile(`timeout (client|server) +(\S+)`).FindAllStringSubmatch(text, -1) {
		// The IdleTimeout of a handler is 50 s.
		if d, err := time.ParseDuration(m[2]); err != nil || d < 2*time.Minute {
			t.Errorf("timeout %s %s ends before the IdleTimeout of a handler", m[1], m[2])
		}
	}
}

// needHaproxy skips a test if haproxy is not installed.
func needHaproxy(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Skip("haproxy is not installed")
	}
}

// TestBalancerCheck checks haproxy.cfg with haproxy.
func TestBalancerCheck(t *testing.T) {
	needHaproxy(t)
	for _, env := range []string{"", "GRAYLOG_TLS=true"} {
		cmd := exec.Command("haproxy", "-c", "-f", deployDir+"/haproxy.cfg")
		cmd.Env = append(os.Environ(), env)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("haproxy -c, %s: %v\n%s", env, err, out)
		}
	}
}

// A node imitates a Graylog node for haproxy: an input and a status page.
type node struct {
	t             *testing.T
	input, status string // addresses
	alive         atomic.Bool
	seen          *tally

	mu    sync.Mutex
	l     net.Listener
	conns []net.Conn
	wg    sync.WaitGroup
}

// A tally counts the records that arrived at any node, by their field i.
type tally struct {
	mu    sync.Mutex
	times map[int64]int
}

func (c *tally) add(i int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[i]++
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.times)
}

func newNode(t *testing.T, input, status string, seen *tally) *node {
	n := &node{t: t, input: input, status: status, seen: seen}
	server := &http.Server{Addr: status, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/api/system/lbstatus":
			http.NotFound(w, r)
		case n.alive.Load():
			io.WriteString(w, "ALIVE")
		default:
			http.Error(w, "DEAD", http.StatusServiceUnavailable)
		}
	})}
	l, err := net.Listen("tcp", status)
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	t.Cleanup(n.stop)
	n.start()
	return n
}

// start makes the node accept records.
func (n *node) start() {
	l, err := net.Listen("tcp", n.input)
	if err != nil {
		n.t.Fatal(err)
	}
	n.mu.Lock()
	n.l = l
	n.mu.Unlock()
	n.alive.Store(true)
	n.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.conns = append(n.conns, conn)
			n.mu.Unlock()
			n.wg.Go(func() { n.read(conn) })
		}
	})
}

func (n *node) read(conn net.Conn) {
	defer conn.Close()
	r := gelf.NewReader(conn)
	for {
		frame, err := r.Next()
		if err != nil {
			return
		}
		m, _, err := gelf.Decode(frame)
		if err != nil {
			n.t.Errorf("%v: %s", err, frame)
			continue
		}
		i, err := strconv.ParseInt(fmt.Sprint(m.Fields["i"]), 10, 64)
		if err != nil {
			n.t.Errorf("the field i is not a number: %s", frame)
			continue
		}
		n.seen.add(i)
	}
}

// stop makes the node dead: it closes the connections and reports its status.
func (n *node) stop() {
	n.alive.Store(false)
	n.mu.Lock()
	if n.l != nil {
		n.l.Close()
	}
	for _, conn := range n.conns {
		conn.Close()
	}
	n.conns = nil
	n.mu.Unlock()
	n.wg.Wait()
}

// TestBalancer sends records through haproxy while nodes fail.
func TestBalancer(t *testing.T) {
	needHaproxy(t)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has 127.0.0.2")
	}
	// As in the cluster, the nodes differ by address, not by port.
	gelfPort, statusPort, webPort, healthPort := freePort(t), freePort(t), freePort(t), freePort(t)
	seen := &tally{times: make(map[int64]int)}
	var nodes []*node
	for _, ip := range []string{"127.0.0.2", "127.0.0.3"} {
		nodes = append(nodes, newNode(t, ip+":"+gelfPort, ip+":"+statusPort, seen))
	}
	config := strings.NewReplacer(
		"bind :9100,:9200,:9300,:9400", "bind 127.0.0.1:"+gelfPort,
		"bind :9000", "bind 127.0.0.1:"+webPort,
		"127.0.0.1:8404", "127.0.0.1:"+healthPort,
		"check port 9000 inter 3s", "check port "+statusPort+" inter 200ms",
		"server graylog1 graylog1", "server graylog1 127.0.0.2",
		"server graylog2 graylog2", "server graylog2 127.0.0.3",
		"server graylog3 graylog3", "server graylog3 127.0.0.4", // not running
	).Replace(readFile(t, deployDir+"/haproxy.cfg"))
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	balancer := exec.Command("haproxy", "-db", "-f", file)
	var printed strings.Builder
	balancer.Stdout, balancer.Stderr = &printed, &printed
	if err := balancer.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		balancer.Process.Kill()
		balancer.Wait()
		if t.Failed() {
			t.Log(printed.String())
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		resp, err := client.Get("http://127.0.0.1:" + healthPort + "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("haproxy is not healthy: %v", err)
		}
	}
	time.Sleep(time.Second) // haproxy detects the missing node

	h, err := handler.New(handler.Config{Server: "127.0.0.1:" + gelfPort, Delivery: delivery.Config{
		RedeliverBytes: 256 << 10, MaxBackoff: 200 * time.Millisecond, OnError: func(error) {},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	logger, sent := slog.New(h), 0
	pace := func(d time.Duration) {
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
			logger.Info("Round finished", "i", sent, "loss", 0.5)
			sent++
		}
	}
	arrive := func(when string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); seen.len() < sent; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d of %d records arrived; %+v", when, seen.len(), sent, h.Stats())
			}
		}
		t.Logf("%s: %d records, all arrived, %d were sent again", when, sent, h.Stats().Redelivered)
	}

	pace(time.Second)
	arrive("two nodes")
	busy := nodes[0]
	if busy.mu.Lock(); len(busy.conns) == 0 {
		busy.mu.Unlock()
		busy = nodes[1]
	} else {
		busy.mu.Unlock()
	}
	busy.stop()
	pace(2 * time.Second)
	arrive("the node with the connection stopped")
	for _, n := range nodes {
		n.stop()
	}
	pace(2 * time.Second)
	nodes[1].start()
	pace(time.Second)
	arrive("both stopped, one started again")
}

// freePort returns a port that is free at the addresses 127.0.0.1 to 127.0.0.3.
func freePort(t *testing.T) string {
	t.Helper()
	for range 50 {
		var ls []net.Listener
		port := "0"
		for _, ip := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
			l, err := net.Listen("tcp", ip+":"+port)
			if err != nil {
				break
			}
			ls = append(ls, l)
			_, port, _ = net.SplitHostPort(l.Addr().String())
		}
		for _, l := range ls {
			l.Close()
		}
		if len(ls) == 3 {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
