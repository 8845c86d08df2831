package installer

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// TestRealGraylogObstacles tries to install the pack while its ports and titles are
// used.
func TestRealGraylogObstacles(t *testing.T) {
	srv := open(t)
	c := srv.client
	p := srv.pack(t, contentpack.Config{})
	checkObstacle := func(want string) {
		t.Helper()
		before := srv.list(t)
		report, err := c.Install(t.Context(), p)
		got := problems(report)
		if !errors.Is(err, ErrObstacle) || len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%v, %q, want %s", err, got, want)
		}
		srv.checkList(t, "after an obstacle", before)
	}

	other := srv.NewInputAt("Another", graylogtest.TCP, 9300+portOffset)
	checkObstacle(`input TTP Logs: port 24300 is used by the input "Another"`)
	if err := srv.API.DeleteInput(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}

	stream := srv.Stream("TTP Stream", graylogtest.Contains("logger", "another"))
	checkObstacle("stream TTP Stream: another stream has this title")
	forced := *c
	forced.Force = true
	checkSteps(t, forced.Install, p, "upload revision 2", "install revision 2")
	if report, err := c.Remove(t.Context()); err != nil || !report.OK() {
		t.Errorf("%v, %+v", err, report)
	}
	if got := srv.list(t); !strings.Contains(got, "stream TTP Stream") {
		t.Errorf("Remove has deleted a stream of somebody else:\n%s", got)
	}
	if err := srv.API.DeleteStream(t.Context(), stream.ID); err != nil {
		t.Fatal(err)
	}
}

// TestRealGraylogPortOfAnotherProgram installs the pack while a program outside
// Graylog uses a port, which Graylog notices only when it starts the input.
func TestRealGraylogPortOfAnotherProgram(t *testing.T) {
	srv := open(t)
	p := srv.pack(t, contentpack.Config{})
	var l net.Listener
	var err error
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if l, err = net.Listen("tcp", "127.0.0.1:24200"); err == nil {
			break
		}
		if time.Now().After(deadline) { // the input of an earlier test was deleted
			t.Fatal(err)
		}
	}
	defer l.Close()
	report, err := srv.client.Install(t.Context(), p)
	const want = "input Director Logs: at port 24200, it is fail"
	if got := problems(report); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("%v, %q, want %s", err, got, want)
	}
	l.Close()
	checkSteps(t, srv.client.Install, p, "start input Director Logs")
}
