package collector

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/browsertest"
)

// Each view says that the database is damaged, and the view Store how many
// connections were rejected.
func TestAlarmPage(t *testing.T) {
	t.Parallel()
	dir := writeStore(t, blockRows+500, strings.Repeat("x", 2000))
	clearRecordPage(t, dir, 700)
	c, stop := startStop(t, Options{Dir: dir, OnError: func(error) {}})
	t.Cleanup(func() { _ = stop() }) // returns ErrDamaged
	c.inputs[0].rejected.Add(3)
	page := browsertest.New(t, 1200, 900)
	for _, view := range pageViews {
		page.Open(c.PageURL() + view.Path)
		page.Until("the alarm of "+view.Name, `!document.getElementById("alarm").hidden &&
			document.getElementById("alarm").textContent.startsWith("The store is damaged")`)
	}
	page.Open(c.PageURL() + "status")
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
