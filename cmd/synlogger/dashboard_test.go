package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/browsertest"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// pictures is where tests write what they have seen. It is not in the
// repository; docs has copies of some.
const pictures = "../../bin/pictures"

// TestRealGraylogDashboard lets the grid of the demo log for a minute to a Graylog that
// has the content pack. Then each widget of the dashboard has something to show,
// and a browser shows it.
func TestRealGraylogDashboard(t *testing.T) {
	graylog := graylogtest.Open(t)
	away := freePorts(t)
	options := []string{"--bind", "127.0.0.1", "--min-server", "3.3.0"}
	for _, r := range role.All() {
		options = append(options, "--port", fmt.Sprintf("%s=%d", strings.ToLower(r.Name), r.Port+away))
	}
	t.Cleanup(func() { pack(t, "remove") })
	status, stdout, stderr := pack(t, append([]string{"install"}, options...)...)
	if status != exitOK {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}

	server := func(r role.Role) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port+away)) }
	g, err := newGrid(server, handler.TLS{}, newDemoID())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := new(output)
	g.run(ctx, out, func() {})
	if err := g.accountSent(out); err != nil {
		t.Fatal(err)
	}

	var empty []graylogtest.Widget
	var d graylogtest.Dashboard
	for deadline := time.Now().Add(graylogtest.Patience); time.Now().Before(deadline); time.Sleep(time.Second) {
		empty = nil
		d = graylog.Dashboard("Synergos Dashboard")
		for _, w := range d.Widgets {
			if w.Values == 0 {
				empty = append(empty, w)
			}
		}
		if len(empty) == 0 {
			break
		}
	}
	if len(empty) > 0 || len(d.Widgets) != 25 {
		t.Errorf("of %d widgets, want 25, these show nothing: %v", len(d.Widgets), empty)
	}
	lookAt(t, graylog, d)
}

// freePorts returns how far from the ports of the roles there are four that
// nobody has. They are below those that systems give to clients.
func freePorts(t *testing.T) (away int) {
	t.Helper()
	for away = 10_000; away < 20_000; away += 10 {
		taken := false
		for _, r := range role.All() {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port+away)))
			if err != nil {
				taken = true
				break
			}
			l.Close()
		}
		if !taken {
			return away
		}
	}
	t.Fatal("there are no free ports")
	return 0
}

// lookAt opens each tab in a browser, holds that it has its widgets and that
// Graylog complains of none, and takes pictures.
func lookAt(t *testing.T, graylog *graylogtest.Server, d graylogtest.Dashboard) {
	page := browsertest.New(t, 1600, 1180)
	page.Open(d.URL)
	page.Type(`input[name="username"]`, graylog.User)
	page.Type(`input[name="password"]`, graylog.Password)
	page.Click(`button[type="submit"]`)
	page.Until("the dashboard comes after the log in", `document.querySelector('[data-tab-id] [aria-label]') !== null`)
	complaints := regexp.MustCompile(`(?i)(query returned no results|could not |unexpected error).*`)
	for _, r := range role.All() {
		shown := page.Eval(fmt.Sprintf(showTab, r.Tab)).(string)
		for _, w := range d.Widgets {
			if w.Tab == r.Tab && !strings.Contains(shown, w.Title) {
				t.Errorf("%s does not show %s", r.Tab, w.Title)
			}
		}
		if m := complaints.FindString(shown); m != "" {
			t.Errorf("%s shows %q", r.Tab, m)
		}
		height := 1180
		if r.Name == "Sysmetric" {
			height = 3440
		}
		page.Size(1600, height)
		time.Sleep(time.Second)
		page.Picture(filepath.Join(pictures, "graylog-"+strings.ToLower(r.Name)+".png"))
	}
}

// showTab opens a tab of Graylog's dashboard, gives it the time to draw, and
// returns what it says.
const showTab = `return new Promise(done => {
	document.querySelector('[data-tab-id] [aria-label="%s"]').click();
	setTimeout(() => done(document.body.innerText), 6000);
})`
