package gelftest_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestStoppedPort checks that a stopped server refuses connections, and keeps its port: a
// busy machine gave it to another program, and Start failed.
func TestStoppedPort(t *testing.T) {
	srv := gelftest.NewServer(t)
	for i := range 3 {
		srv.Stop()
		if c, err := net.Dial("tcp", srv.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			if err == nil {
				c.Close()
			}
			t.Errorf("dial a stopped server: %v", err)
		}
		if l, err := net.Listen("tcp", srv.Addr()); err == nil {
			l.Close()
			if runtime.GOOS == "linux" {
				t.Error("another listener got the port")
			}
		}
		srv.Start()
		c, err := net.Dial("tcp", srv.Addr())
		if err != nil {
			t.Fatal(err)
		}
		c.Write([]byte(frame("m")))
		srv.WaitLen(i + 1)
		c.Close()
	}
}
