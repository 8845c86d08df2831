package collector

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// childDir is the environment variable that makes the test binary a collector
// with its store in a directory.
const childDir = "COLLECTOR_TEST_DIR"

// runChild runs a collector, prints the address of its input, and one line
// whenever another record is stored.
func runChild(dir string) {
	c, err := New(Options{Dir: dir, Inputs: []Input{{"TTP Logs", "127.0.0.1:0"}}, Page: PageOff})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go func() {
		for n := 1; ; n++ {
			if _, err := c.Wait(context.Background(), Query{}, n); err != nil {
				return
			}
			fmt.Println("stored")
		}
	}()
	fmt.Println(c.Inputs()[0].Addr)
	_ = c.Run(context.Background()) // until it is killed
}

// A collector that is killed holds its directory no longer, and what it had
// stored is there.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	overdue := time.AfterFunc(30*time.Second, func() { child.Process.Kill() })
	defer overdue.Stop()
	lines := bufio.NewScanner(out)
	line := func() string {
		if !lines.Scan() {
			t.Fatal("the child ended")
		}
		return lines.Text()
	}

	conn, err := net.Dial("tcp", line())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const n = 3
	for range n {
		fmt.Fprint(conn, frame("TTP_a", "survives"), "\x00")
		if got := line(); got != "stored" {
			t.Fatal(got)
		}
	}
	if _, err := openStore(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("openStore beside the child: %v, want ErrLocked", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if got := s.counts.Load().records(); got != n {
		t.Errorf("%d records are left, want %d", got, n)
	}
	checkCounts(t, s)
}
