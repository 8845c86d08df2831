//go:build unix

package main

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestHealthcheckAgent checks an agent while its server works, while the server is
// stopped, and while the agent is stopped.
func TestHealthcheckAgent(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	process, addr := startAgent(t, build(t), nil, "--server", server.Addr())
	server.WaitLen(1)
	waitHealth(t, exitOK, "ok, records sent: ", "--health", addr, "--delivery")

	server.Stop()
	waitHealth(t, exitFailure, "records do not reach the server: ", "--health", addr, "--delivery")
	checkHealth(t, exitOK, "ok, but records do not reach the server: ", "--health", addr)
	server.Start()
	waitHealth(t, exitOK, "ok, records sent: ", "--health", addr, "--delivery")

	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitFailure, "does not answer in time", "--health", addr, "--timeout", "200ms")
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitOK, "ok", "--health", addr)
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitFailure, "nothing listens at http://"+addr+"/healthz", "--health", addr)
}

// TestHealthcheckStuckAgent checks an agent that waits for a file of proc.
func TestHealthcheckStuckAgent(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(proc, "meminfo"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := gelftest.NewServer(t)
	_, addr := startAgent(t, build(t), []string{"HOST_PROC=" + proc}, "--server", server.Addr())
	checkHealth(t, exitFailure, "the agent has not reported yet", "--health", addr)
}
