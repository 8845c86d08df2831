package web_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

func TestSearchFirstRun(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	page := browsertest.New(t, 1200, 800)
	console := page.Watch(c.PageURL())
	page.Open(c.PageURL())
	page.Until(
		"what to paste",
		`document.querySelector("#first pre").innerText.includes(`+"`"+collectortest.InputAddr(
			t,
			c,
			"TTP Logs",
		)+"`"+`)`,
	)
	page.Picture(filepath.Join(pictures, "first-run.png"))
	lines := page.Eval(`return document.querySelector("#first pre").innerText.trim().split("\n").length`)
	if lines != 5.0 {
		t.Errorf("%v lines to paste, want 5", lines)
	}
	collectortest.LogAs(t, c, "TTP", "hospital-1", func(log *slog.Logger) { log.Info("Hello World!", "owner", "me") })
	page.Until("the tail", `location.pathname === "/search" &&
		document.querySelectorAll(".records tr[data-id]").length === 1`)
	page.Until("it is live", `document.getElementById("live").textContent === "live"`)
	collectortest.LogAs(t, c, "TTP", "hospital-1", func(log *slog.Logger) { log.Info("and again") })
	page.Until("the next one comes by itself", `document.querySelectorAll(".records tr[data-id]").length === 2`)
	console()
}

func TestSearchTail(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("the newest is in sight",
		`(() => { const b = document.getElementById("rows");
			return b.scrollTop > 0 && b.scrollHeight - b.scrollTop - b.clientHeight < 8; })()`)
	page.Until("live", `document.getElementById("live").textContent === "live"`)

	log := func(n int) {
		collectortest.LogAs(t, c, "Director", "grid", func(log *slog.Logger) {
			for i := range n {
				log.Info(fmt.Sprint("new ", i))
			}
		})
	}
	log(3)
	untilRecords(page, 103)
	atEnd := `(() => { const b = document.getElementById("rows"); return b.scrollHeight - b.scrollTop - b.clientHeight < 8;
		})()`
	page.Until("the list follows", atEnd)

	// A key pauses and resumes the tail.
	page.Keys(" ")
	page.Until("paused", `document.getElementById("live").textContent === "paused"`)
	if got := address(page, "paused"); got != "1" {
		t.Errorf("the address has paused=%v", got)
	}
	log(4)
	page.Until("the new ones are counted",
		`document.getElementById("fresh").textContent === "4 new ↓" && !document.getElementById("fresh").hidden`)
	if n := page.Eval(`return document.querySelectorAll(".records tr[data-id]").length`); n != 103.0 {
		t.Errorf("%v records while it is paused, want 103", n)
	}
	page.Keys(" ")
	untilRecords(page, 107)
	page.Until("at the end again", atEnd)
	if got := page.Eval(`return document.getElementById("fresh").hidden`); got != true {
		t.Error("N new is still there")
	}

	// Scrolling up pauses the tail, scrolling down resumes it.
	page.Eval(`document.getElementById("rows").scrollTop -= 300`)
	page.Until("paused by scrolling", `document.getElementById("live").textContent === "paused"`)
	log(2)
	page.Until("counted", `document.getElementById("fresh").textContent === "2 new ↓"`)
	page.Eval(`const b = document.getElementById("rows"); b.scrollTop = b.scrollHeight`)
	untilRecords(page, 109)
	page.Eval(`document.getElementById("rows").scrollTop -= 300`)
	page.Until("paused by scrolling", `document.getElementById("live").textContent === "paused"`)
	log(1)
	page.Until("counted", `document.getElementById("fresh").textContent === "1 new ↓"`)
	page.Click("#fresh")
	untilRecords(page, 110)
	page.Until("live", `document.getElementById("live").textContent === "live"`)

	// Opening a record pauses the tail, too.
	page.Click(".records tr:last-child .text")
	page.Until("the details", `document.querySelector("#drawer h2")`)
	log(5)
	page.Until("counted", `document.getElementById("fresh").textContent === "5 new ↓"`)
	page.Keys("Escape")
	untilRecords(page, 115)

	// If more records arrive meanwhile than the list keeps, the list is reloaded
	// without a gap.
	page.Keys(" ")
	page.Until("paused", `document.getElementById("live").textContent === "paused"`)
	log(1500)
	page.Until("counted", `document.getElementById("fresh").textContent === "1,500 new ↓"`)
	page.Keys(" ")
	page.Until("the newest", `[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 1499"`)
	untilRecords(page, 100)

	// Scrolling up loads older records, each once and in order. The page drops those
	// that are far away.
	page.Eval(`window.up = setInterval(() => { document.getElementById("rows").scrollTop = 0 }, 30)`)
	page.Until("the first record", `document.querySelector(".records tr[data-id]").dataset.id === "1"`)
	page.Eval(`clearInterval(window.up)`)
	ids := page.Eval(`return [...document.querySelectorAll(".records tr[data-id]")].map((e) =>
		Number(e.dataset.id))`).([]any)
	for i, id := range ids {
		if id != float64(i+1) {
			t.Fatalf("row %d has the id %v", i, id)
		}
	}
	if len(ids) > 1200 {
		t.Errorf("%d rows", len(ids))
	}
	if got := page.Eval(`return document.querySelector(".edge").textContent`); got != "No older records match." {
		t.Errorf("the text above the first record is %q", got)
	}
	page.Eval(`window.down = setInterval(() => { const b = document.getElementById("rows");
		b.scrollTop = b.scrollHeight }, 30)`)
	page.Until("the newest again",
		`[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 1499" &&
			document.getElementById("live").textContent === "live"`)
	page.Eval(`clearInterval(window.down)`)

	// Of a burst, the list shows a part and a row that loads the rest.
	log(4000)
	page.Until("the end of the burst",
		`[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 3999"`)
	page.Until("gaps", `document.querySelectorAll(".gap").length > 0`)
	page.Picture(filepath.Join(pictures, "search-gap.png"))
	for page.Eval(`return document.querySelectorAll(".gap").length`) != 0.0 {
		before := page.Eval(`window.shown = document.querySelectorAll(".records tr[data-id]").length;
			document.querySelector(".gap button").click(); return window.shown`)
		page.Until("the gap becomes smaller",
			fmt.Sprintf(`document.querySelectorAll(".records tr[data-id]").length > %v &&
				!document.querySelector(".gap button:disabled")`, before))
	}
	ids = page.Eval(`return [...document.querySelectorAll(".records tr[data-id]")].map((e) =>
		Number(e.dataset.id))`).([]any)
	for i := range ids[1:] {
		if ids[i+1] != ids[i].(float64)+1 {
			t.Fatalf("record %v is followed by %v", ids[i], ids[i+1])
		}
	}
	console()
}
