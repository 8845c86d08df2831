//go:build go1.26

package handler_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// exits are ways to end a process. Each logs "last record" before.
var exits = map[string]struct {
	run     func(*slog.Logger)
	code    int
	signal  bool
	console string // text on standard error
}{
	"os.Exit":   {func(l *slog.Logger) { l.Error("last record"); os.Exit(3) }, 3, false, "last record"},
	"log.Fatal": {func(*slog.Logger) { log.Fatal("last record") }, 1, false, "last record"},
	"panic in a goroutine": {
		func(l *slog.Logger) { l.Error("last record"); go panic("in a goroutine"); select {} },
		2,
		false,
		"in a goroutine",
	},
	"SIGTERM": {waitForSignal, 0, true, "last record"},
}

// waitForSignal logs the last record after SIGTERM.
func waitForSignal(l *slog.Logger) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println("ready")
	<-ctx.Done()
	l.Info("last record") // below FlushLevel: Close sends it
}

// exitProcess is an application that follows docs/DELIVERY.md: it logs to the console
// and to Graylog, sets FlushLevel, sends package log at the level Error, and closes the
// handler at the end.
func exitProcess(way, addr string) {
	h, err := handler.New(handler.Config{Server: addr, FlushLevel: slog.LevelError, FlushTimeout: gelftest.WaitTimeout})
	if err != nil {
		panic(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	console := slog.NewTextHandler(os.Stderr, nil)
	slog.SetDefault(slog.New(slog.NewMultiHandler(console, h)))
	slog.SetLogLoggerLevel(slog.LevelError)
	exits[way].run(slog.Default())
}

// TestExit checks for each way that the last record of a process is on the console and
// in Graylog.
func TestExit(t *testing.T) {
	const way, server = "SYNLOGGER_TEST_EXIT", "SYNLOGGER_TEST_EXIT_SERVER"
	if w := os.Getenv(way); w != "" {
		exitProcess(w, os.Getenv(server))
		os.Exit(0)
	}
	for name, exit := range exits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gelftest.NewServer(t)
			cmd := exec.Command(os.Args[0], "-test.run=^TestExit$")
			cmd.Env = append(os.Environ(), way+"="+name, server+"="+s.URL())
			var console strings.Builder
			cmd.Stderr = &console
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if exit.signal {
				if _, err := fmt.Fscan(out, new(string)); err != nil {
					t.Error(err)
				}
				cmd.Process.Signal(syscall.SIGTERM)
			}
			timer := time.AfterFunc(2*gelftest.WaitTimeout, func() { cmd.Process.Kill() })
			defer timer.Stop()
			err = cmd.Wait()
			var failed *exec.ExitError
			if code := cmd.ProcessState.ExitCode(); code != exit.code || err != nil && !errors.As(err, &failed) {
				t.Errorf("exit status %d, want %d: %v\n%s", code, exit.code, err, console.String())
			}
			if !strings.Contains(console.String(), exit.console) {
				t.Errorf("the console contains %q, want %q in it", console.String(), exit.console)
			}
			if m := s.Wait(1)[0].Message.Message; m != "last record" {
				t.Errorf("Graylog got %q", m)
			}
		})
	}
}
