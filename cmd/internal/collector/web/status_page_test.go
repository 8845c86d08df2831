package web_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

func TestStatusPage(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{Dir: t.TempDir(), MaxRecords: 500_000, MaxAge: 48 * time.Hour})
	logMany(t, c)
	collectortest.Send(t, c, "Director Logs", `{"version":"1.1","host":"h"} <script>document.title = "hacked"</script>`)
	for c.Stats().Newest == nil {
		time.Sleep(time.Millisecond)
	}
	page := browsertest.New(t, 1200, 900)
	console := page.Watch(c.PageURL())
	page.Open(c.PageURL() + "status")
	page.Until("the counters",
		`document.querySelectorAll("#inputs tr").length === 5 && !document.getElementById("refused").hidden`)

	facts := page.Eval(`const all = {}; document.querySelectorAll("#store dt")
		.forEach((dt) => { all[dt.textContent] = dt.nextSibling.textContent }); return all`).(map[string]any)
	delete(facts, "Started")
	delete(facts, "Size")
	if age, ok := facts["Age"].(string); !ok ||
		age[len(age)-16:] != "; kept for 2 days" && age[len(age)-15:] != "kept for 2 days" {
		t.Errorf("the age is %q", age)
	}
	delete(facts, "Age")
	if diff := cmp.Diff(map[string]any{
		"Records": "100 of at most 500,000 ", "Kept": "in a directory that outlives the collector",
		"Deleted": "0 records since the start, by retention or by hand", "Waiting": "0 records for the next batch",
	}, facts); diff != "" {
		t.Errorf("the store (-want +got):\n%s", diff)
	}
	rows := page.Eval(`return [...document.querySelectorAll("#streams tr")].map((tr) => [...tr.cells].map((c) =>
		c.textContent).join(" "))`)
	if diff := cmp.Diff([]any{"Sysmetrics Stream 0 0 0", "Director Stream 0 0 0", "TTP Stream 60 0 0",
		"Worker Stream 40 10 30"}, rows); diff != "" {
		t.Errorf("streams (-want +got):\n%s", diff)
	}
	page.Eval(`document.querySelector("#refused summary").click()`)
	got := page.Eval(`return document.querySelector("#refused pre").textContent`)
	if got != `{"version":"1.1","host":"h"} <script>document.title = "hacked"</script>` {
		t.Errorf("what was refused is shown as %v", got)
	}
	page.Picture(filepath.Join(pictures, "status.png"))
	for _, scheme := range []string{"light", "dark"} {
		page.Prefer(scheme)
		browsertest.Axe(t, page)
	}

	// Records are deleted only after confirmation.
	page.Click("#clear")
	page.Until("the question",
		`document.getElementById("clear-ask").open &&
			document.getElementById("clear-what").textContent === "This deletes 100 records. It cannot be undone."`)
	browsertest.Axe(t, page)
	page.Keys("Escape")
	page.Click("#clear")
	page.Keys("Enter") // the button with the focus keeps the records
	page.Until("closed", `!document.getElementById("clear-ask").open`)
	if n := c.Stats().Records; n != 100 {
		t.Fatalf("%d records are left, although the deletion was cancelled", n)
	}
	page.Click("#clear")
	page.Click(`#clear-ask [value="delete"]`)
	page.Until("done", `document.getElementById("clear-result").textContent === "100 records deleted."`)
	if n := c.Stats().Records; n != 0 {
		t.Errorf("%d records are left", n)
	}
	page.Until("nothing to delete", `document.getElementById("clear").disabled`)

	page.Size(360, 740)
	if got := page.Eval(`return document.documentElement.scrollWidth`); got != 360.0 {
		t.Errorf("at 360 px the page is %v px wide", got)
	}
	console()
}

// An open search shows that all records are deleted.
func TestClearedSearch(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	if _, err := c.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	untilRecords(page, 0)
	page.Until("the message", `document.querySelector(".rows .none").textContent.startsWith("No record matches")`)
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "new"))
	untilRecords(page, 1)
	console()
}

// An open search shows the records of a restarted collector.
func TestRestartedSearch(t *testing.T) {
	t.Parallel()
	old, stop := collectortest.StartStop(t, collector.Config{})
	logMany(t, old)
	address := strings.TrimSuffix(strings.TrimPrefix(old.PageURL(), "http://"), "/")
	page, _ := openSearch(t, old, "", 100)
	page.Until("live", `document.getElementById("live").textContent === "live"`)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	page.Until("stopped", `document.getElementById("live").textContent === "stopped"`)
	c := collectortest.Start(t, collector.Config{Page: address})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "new"))
	untilRecords(page, 1)
	page.Until("live", `document.getElementById("live").textContent === "live"`)
}
