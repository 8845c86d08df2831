package gelftest_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	udp "github.com/Graylog2/go-gelf/gelf"
	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/gelftest"
	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func frame(text string) string {
	return fmt.Sprintf("{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":%q,\"_n\":1}\x00", text)
}

func dial(t *testing.T, srv *gelftest.Server) net.Conn {
	t.Helper()
	have := srv.Conns()
	c, err := net.Dial("tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	srv.WaitConns(have + 1)
	return c
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, frame(text)); err != nil {
		t.Fatal(err)
	}
}

// texts returns the messages of all records.
func texts(srv *gelftest.Server) string {
	var all []string
	for _, r := range srv.Records() {
		all = append(all, r.Message.Message)
	}
	return strings.Join(all, " ")
}

func TestRecords(t *testing.T) {
	srv := gelftest.NewServer(t)
	c := dial(t, srv)
	io.WriteString(c, "{\"host\":\"h\",\"short_message\":\"one\",\"_ok\":true,\"_n\":5}\x00{}\x00")
	got := srv.Wait(2)
	if r := got[0]; r.Err != nil || r.Message.Message != "one" || r.Source != "h" || r.Fields["n"] != int64(5) ||
		len(r.Findings) != 1 || r.Findings[0].Field != "_ok" || !strings.HasPrefix(string(r.Frame), `{"host"`) {
		t.Errorf("first record: %+v", r)
	}
	if r := got[1]; r.Err == nil || string(r.Frame) != "{}" {
		t.Errorf("second record: %+v; want a rejected one", r)
	}
	for i, r := range srv.All() {
		if string(r.Frame) != string(got[i].Frame) || (r.Err == nil) != (i == 0) {
			t.Errorf("All: record %d is %+v", i, r)
		}
	}
	if srv.Len() != 2 || srv.URL() != "tcp://"+srv.Addr() || srv.ClientTLS() != nil {
		t.Errorf("Len %d, URL %s, ClientTLS %v", srv.Len(), srv.URL(), srv.ClientTLS())
	}
}

func TestReceiveUDP(t *testing.T) {
	srv := gelftest.NewServer(t)
	for _, compress := range []udp.CompressType{udp.CompressNone, udp.CompressGzip, udp.CompressZlib} {
		w, err := udp.NewWriter(srv.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		w.CompressionType = compress
		for _, text := range []string{"short", strings.Repeat("long ", 2000)} {
			have := srv.Len()
			if err := w.WriteMessage(&udp.Message{Version: "1.1", Host: "h", Short: text}); err != nil {
				t.Fatal(err)
			}
			if r := srv.Wait(have + 1)[have]; r.Message.Message != strings.TrimSpace(text) || r.Err != nil {
				t.Errorf("compression %d: %.100v", compress, r)
			}
		}
	}
}

func TestStopAndStart(t *testing.T) {
	srv := gelftest.NewServer(t)
	addr := srv.Addr()
	for i := range 3 {
		c := dial(t, srv)
		send(t, c, fmt.Sprint(i))
		srv.Wait(i + 1)
		srv.Stop()
		srv.Stop()
		if srv.Conns() != 0 {
			t.Errorf("%d connections after Stop", srv.Conns())
		}
		if n, err := c.Read(make([]byte, 1)); err == nil {
			t.Errorf("read %d bytes from a stopped server", n)
		}
		if c, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Dial: %v, %v; want refused", c, err)
		}
		srv.Start()
		srv.Start()
		if srv.Addr() != addr {
			t.Errorf("Addr after Start: %s, was %s", srv.Addr(), addr)
		}
	}
	if got := texts(srv); got != "0 1 2" {
		t.Errorf("records %q", got)
	}
}

func TestReset(t *testing.T) {
	srv := gelftest.NewServer(t)
	c := dial(t, srv)
	srv.Reset()
	if srv.Conns() != 0 {
		t.Errorf("%d connections after Reset", srv.Conns())
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Read: %v, want a reset", err)
	}
	send(t, dial(t, srv), "again")
	srv.Wait(1)
}

func TestHalfClose(t *testing.T) {
	srv := gelftest.NewServer(t)
	c := dial(t, srv)
	srv.HalfClose()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("Read: %v, want EOF", err)
	}
	send(t, c, "after the half-close")
	srv.Wait(1)
}

func TestStallAndResume(t *testing.T) {
	for _, tc := range []struct {
		name string
		new  func(testing.TB) *gelftest.Server
	}{
		{"tcp", gelftest.NewServer},
		{"tls", gelftest.NewTLSServer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := tc.new(t)
			open := func() net.Conn {
				c := dial(t, srv)
				if config := srv.ClientTLS(); config != nil {
					config.ServerName = "localhost"
					c = tls.Client(c, config)
				}
				return c
			}
			old := open()
			send(t, old, "0")
			srv.Wait(1)
			srv.Stall()
			srv.Stall()
			sent := make(chan error)
			go func() { // a TLS handshake waits until Resume
				_, err := io.WriteString(open(), frame("2"))
				sent <- err
			}()
			send(t, old, "1")
			time.Sleep(50 * time.Millisecond)
			if n := srv.Len(); n != 1 {
				t.Errorf("received %d records while stalled, want 1", n)
			}
			srv.Resume()
			srv.Resume()
			if err := <-sent; err != nil {
				t.Error(err)
			}
			srv.Wait(3)
			if got := texts(srv); got != "0 1 2" && got != "0 2 1" {
				t.Errorf("records %q", got)
			}
		})
	}
}

// TestStallBlocksClient covers a client that fills the kernel's buffers, and a
// stall that lasts longer than an outage.
func TestStallBlocksClient(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stall()
	c := dial(t, srv)
	c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	block := []byte(strings.Repeat(frame("x"), 10_000))
	for {
		if _, err := c.Write(block); err != nil {
			break
		}
	}
	srv.Reset()
	srv.Stop()
	srv.Start()
	c = dial(t, srv)
	send(t, c, "y")
	time.Sleep(20 * time.Millisecond)
	if srv.Len() != 0 {
		t.Errorf("received %d records; Stop and Start ended the stall", srv.Len())
	}
	srv.Resume()
	srv.Wait(1)
}

func TestTLS(t *testing.T) {
	srv := gelftest.NewTLSServer(t)
	c, err := tls.Dial("tcp", srv.Addr(), srv.ClientTLS())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, "secret")
	if r := srv.Wait(1)[0]; r.Message.Message != "secret" || srv.URL() != "tls://"+srv.Addr() {
		t.Errorf("%s: %+v", srv.URL(), r)
	}
	if _, err := tls.Dial("tcp", srv.Addr(), &tls.Config{}); err == nil {
		t.Error("a client without the configuration of ClientTLS trusts the certificate")
	}
}

func TestErrors(t *testing.T) {
	srv := gelftest.NewServer(t)
	c := dial(t, srv)
	io.WriteString(c, frame("1")+"\x00"+frame("2"))
	if _, err := io.ReadAll(c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
	u, err := net.Dial("udp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	io.WriteString(u, "\x1f?")
	io.WriteString(u, frame("3"))
	srv.Wait(2)
	var all []string
	for _, err := range srv.Errors() {
		all = append(all, err.Error())
	}
	got := strings.Join(all, "\n")
	for _, want := range []string{"of the stream: empty", "1 datagrams that are not GELF"} {
		if !strings.Contains(got, want) {
			t.Errorf("errors %q, want %q", got, want)
		}
	}
}

// TestMillionRecords receives a million records from eight senders and decodes
// them afterwards.
func TestMillionRecords(t *testing.T) {
	const senders, batches, batch = 8, 125, 1000
	if testing.Short() {
		t.Skip("receives a gigabyte of frames")
	}
	srv := gelftest.NewServer(t)
	var wg sync.WaitGroup
	for range senders {
		c := dial(t, srv)
		wg.Go(func() {
			data := []byte(strings.Repeat(frame("a message of some length, as messages are"), batch))
			for range batches {
				c.Write(data)
			}
		})
	}
	start := time.Now()
	srv.WaitLen(senders * batches * batch)
	wg.Wait()
	t.Logf("received in %v", time.Since(start))
	n := 0
	for _, r := range srv.All() {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		n++
	}
	t.Logf("decoded after %v", time.Since(start))
	if n != senders*batches*batch {
		t.Errorf("%d records", n)
	}
}
