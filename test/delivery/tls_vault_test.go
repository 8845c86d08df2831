package delivery

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// A vault is a TLS server whose configuration can be changed. It records all bytes that
// clients send.
type vault struct {
	l      net.Listener
	config atomic.Pointer[tls.Config]

	mu       sync.Mutex
	wire     bytes.Buffer
	messages []string
	conns    map[*net.TCPConn]bool
	version  uint16
	serving  sync.WaitGroup
}

func newVault(t testing.TB, config *tls.Config) *vault {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &vault{l: l, conns: make(map[*net.TCPConn]bool)}
	v.config.Store(config)
	v.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			v.serving.Go(func() { v.serve(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		v.reset()
		v.serving.Wait()
	})
	return v
}

// A tap is a connection that records the bytes that are read.
type tap struct {
	net.Conn
	v *vault
}

func (c tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.v.mu.Lock()
	defer c.v.mu.Unlock()
	c.v.wire.Write(p[:n])
	return n, err
}

func (v *vault) serve(raw *net.TCPConn) {
	v.mu.Lock()
	v.conns[raw] = true
	v.mu.Unlock()
	defer raw.Close()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.conns, raw)
	}()
	conn := tls.Server(tap{raw, v}, v.config.Load())
	for r := gelf.NewReader(conn); ; {
		frame, err := r.Next()
		if err != nil {
			return
		}
		m, _, err := gelf.Decode(frame)
		if err != nil {
			continue
		}
		v.mu.Lock()
		v.messages = append(v.messages, m.Message)
		v.version = conn.ConnectionState().Version
		v.mu.Unlock()
	}
}

// reset ends all connections with RST.
func (v *vault) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range v.conns {
		c.SetLinger(0)
		c.Close()
	}
}

func (v *vault) url() string { return "tls://" + v.l.Addr().String() }

// got returns the received messages.
func (v *vault) got() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.messages...)
}

// wait waits for n records.
func (v *vault) wait(t testing.TB, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%d records", n), func() bool { return len(v.got()) >= n })
}

// sealed checks that no record was sent unencrypted.
func (v *vault) sealed(t testing.TB) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if bytes.Contains(v.wire.Bytes(), []byte(secretText)) || bytes.Contains(v.wire.Bytes(), []byte("short_message")) {
		t.Error("a record was sent in the clear")
	}
}
