package demo

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/installer"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// pictures is the directory of the screenshots. It is not in the repository; docs
// has copies of some.
const pictures = "../../../bin/pictures"

// TestRealGraylogDashboard runs the grid for a minute with a Graylog that has the
// content pack. Then each widget of the dashboard has values, and a browser shows it.
func TestRealGraylogDashboard(t *testing.T) {
	graylog := graylogtest.Open(t)
	offset := freeOffset(t)
	installPack(t, graylog, offset)
	server := func(r role.Role) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port+offset)) }
	g, err := newGrid(server, delivery.TLS{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	g.run(ctx, io.Discard, func() {})
	if err := g.accountSent(io.Discard); err != nil {
		t.Fatal(err)
	}

	var empty []graylogtest.Widget
	var d graylogtest.Dashboard
	for deadline := time.Now().Add(graylogtest.WaitTimeout); time.Now().Before(deadline); time.Sleep(time.Second) {
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
		t.Errorf("%d widgets, want 25; without values: %v", len(d.Widgets), empty)
	}
	if strings.HasPrefix(graylog.Version, "3.") {
		t.Log("the page of Graylog 3 has other elements; the browser does not look at it")
		return
	}
	lookAt(t, graylog, d)
}

// installPack installs the content pack until the test ends, with the ports of the
// roles plus an offset.
func installPack(t *testing.T, graylog *graylogtest.Server, offset int) {
	t.Helper()
	ports := map[string]int{}
	for _, r := range role.All() {
		ports[r.Name] = r.Port + offset
	}
	pack, err := contentpack.New(contentpack.Config{Bind: "127.0.0.1", Ports: ports, MinServer: "3.3.0"})
	if err != nil {
		t.Fatal(err)
	}
	client := &installer.Client{URL: graylog.URL, User: graylog.Config.User, Password: graylog.Config.Password}
	t.Cleanup(func() {
		if _, err := client.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if report, err := client.Install(t.Context(), pack); err != nil || !report.OK() {
		t.Fatalf("%v, %+v", err, report)
	}
}

// freeOffset returns an offset from the ports of the roles at which all ports are
// free. The ports are below those that systems assign to clients.
func freeOffset(t *testing.T) (offset int) {
	t.Helper()
	for offset = 10_000; offset < 20_000; offset += 10 {
		taken := false
		for _, r := range role.All() {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port+offset)))
			if err != nil {
				taken = true
				break
			}
			l.Close()
		}
		if !taken {
			return offset
		}
	}
	t.Fatal("there are no free ports")
	return 0
}

// lookAt opens each tab in a browser, checks that it shows its widgets without error
// messages, and takes pictures.
func lookAt(t *testing.T, graylog *graylogtest.Server, d graylogtest.Dashboard) {
	page := browsertest.New(t, 1600, 1180)
	page.Open(d.URL)
	page.Type(`input[name="username"]`, graylog.Config.User)
	page.Type(`input[name="password"]`, graylog.Config.Password)
	page.Click(`button[type="submit"]`)
	page.Until("the dashboard appears after the login", `document.querySelector('[data-tab-id] [aria-label]') !== null`)
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

// showTab opens a tab of Graylog's dashboard, waits until it is drawn, and returns its
// text.
const showTab = `return new Promise(done => {
	document.querySelector('[data-tab-id] [aria-label="%s"]').click();
	setTimeout(() => done(document.body.innerText), 6000);
})`
