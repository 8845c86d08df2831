package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/web"
)

// Each view reports that the database is damaged. The view Store shows how many
// connections were rejected.
func TestPagesReportDamage(t *testing.T) {
	t.Parallel()
	dir := storetest.WriteDir(t, index.BlockRows+500, strings.Repeat("x", 2000))
	storetest.ClearRecordPage(t, dir, 700)
	c, stop := collectortest.StartStop(t, collector.Config{Dir: dir, OnError: func(error) {}})
	t.Cleanup(func() { _ = stop() }) // Run returns ErrDamaged
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/stats" {
			c.ServeHTTP(w, r)
			return
		}
		stats := httptest.NewRecorder()
		c.ServeHTTP(stats, r)
		fmt.Fprint(w, strings.Replace(stats.Body.String(), `"rejected": 0`, `"rejected": 3`, 1))
	}))
	t.Cleanup(server.Close)
	page := browsertest.New(t, 1200, 900)
	for _, view := range web.PageViews {
		page.Open(server.URL + "/" + view.Path)
		page.Until("the alarm of "+view.Name, `!document.getElementById("alarm").hidden &&
			document.getElementById("alarm").textContent.startsWith("The store is damaged")`)
	}
	page.Open(server.URL + "/status")
	page.Until("the rejected connections",
		`document.querySelector("#inputs tr")?.lastChild.textContent === "0, 3 rejected"`)
	udp, err := net.Dial("udp", c.Inputs()[0].Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	fmt.Fprint(udp, "?")
	page.Until("a datagram that is not a frame",
		`document.querySelector("#inputs tr").cells[3].textContent === "0, 1 skipped"`)
	browsertest.Axe(t, page)
}
