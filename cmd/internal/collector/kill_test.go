package collector_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storedir"
)

// childDir is the environment variable that turns the test binary into a collector. It
// has the directory of the store, or the value temporary.
const (
	childDir  = "COLLECTOR_TEST_DIR"
	temporary = "temporary"
)

// runChild runs a collector. It prints the address of its input, and a line for each
// stored record.
func runChild(dir string) {
	if dir == temporary {
		dir = ""
	}
	c, err := collector.New(collector.Config{
		Dir:    dir,
		Inputs: []ingest.Input{{Title: "TTP Logs", Addr: "127.0.0.1:0"}},
		Page:   collector.PageOff,
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go func() {
		for n := 1; ; n++ {
			if _, err := c.Wait(context.Background(), search.Query{}, n); err != nil {
				return
			}
			fmt.Println("stored")
		}
	}()
	fmt.Println(c.Inputs()[0].Addr)
	_ = c.Run(context.Background()) // until it is killed
}

// A child is a collector in another process.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
	conn  net.Conn // to the input
}

// startChild starts a collector with its store in a directory. It ends with the test.
func startChild(t *testing.T, dir string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	overdue := time.AfterFunc(time.Minute, func() { c.cmd.Process.Kill() })
	t.Cleanup(func() {
		overdue.Stop()
		c.cmd.Process.Kill()
		c.cmd.Wait() // the error of Kill, or of a second call
	})
	c.lines = bufio.NewScanner(out)
	if c.conn, err = net.Dial("tcp", c.line()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.conn.Close() })
	return c
}

// line returns the next line that the child prints.
func (c *child) line() string {
	c.t.Helper()
	if !c.lines.Scan() {
		c.t.Fatal("the child ended")
	}
	return c.lines.Text()
}

// store sends a record and waits until it is stored.
func (c *child) store() {
	c.t.Helper()
	fmt.Fprint(c.conn, collectortest.Frame("TTP_a", "survives"), "\x00")
	if got := c.line(); got != "stored" {
		c.t.Fatal(got)
	}
}

// kill kills the child, as kill -9 does.
func (c *child) kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	if err := c.cmd.Wait(); err == nil {
		c.t.Fatal("the child ended by itself")
	}
}

// A killed collector releases its directory, and its stored records remain.
func TestKilledReleasesDirectory(t *testing.T) {
	dir := t.TempDir()
	killed := startChild(t, dir)
	const n = 3
	for range n {
		killed.store()
	}
	if _, err := store.Open(dir, record.StreamNames(), func(error) {}); !errors.Is(err, storedir.ErrLocked) {
		t.Errorf("Open while the child runs: %v, want ErrLocked", err)
	}
	killed.kill()
	s, err := store.Open(dir, record.StreamNames(), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Summary().Records; got != n {
		t.Errorf("%d records are left, want %d", got, n)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// The next start removes the temporary store of a killed collector, and nothing else.
func TestNextStartRemovesTemporary(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, parent)
	}
	list := func() (names []string) {
		t.Helper()
		entries, err := os.ReadDir(parent)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	startChild(t, temporary).store()
	alive := list()
	killed := startChild(t, temporary)
	killed.store()
	killed.kill()
	// A collector that was killed before it locked its directory; a link.
	if err := os.Mkdir(filepath.Join(parent, "synlogger-collector-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	kept := t.TempDir()
	link := "synlogger-collector-2"
	if err := os.Symlink(kept, filepath.Join(parent, link)); err != nil {
		t.Skip(err)
	}
	if n := len(list()); n != 4 {
		t.Fatalf("%q are there, want those of two collectors, a directory and a link", list())
	}

	c, stop := collectortest.StartStop(t, collector.Config{})
	want := append(slices.Clone(alive), link, filepath.Base(collector.StoreOf(c).Dir()))
	slices.Sort(want)
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("after the next start there are %q, want %q", got, want)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := list(); !slices.Equal(got, slices.Sorted(slices.Values(append(alive, link)))) {
		t.Errorf("at its end there are %q", got)
	}
}
