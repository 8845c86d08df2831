package web_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// The histogram selects the range of time.
func TestSearchHistogram(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	began := time.Now().Add(-time.Hour).Truncate(time.Minute)
	var frames []string
	for i := range 60 {
		frames = append(frames, fmt.Sprintf(`{"version":"1.1","host":"h","short_message":"minute %d","timestamp":%d,
			"level":%d,"_logger":"TTP_a"}`, i, began.Add(time.Duration(i)*time.Minute).Unix(), 3+i%4))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, 60)
	page, console := openSearch(t, c, "", 60)
	page.Until("bars", `document.querySelectorAll("#histogram rect").length >= 60`)
	if diff := cmp.Diff([]any{"ERROR", "WARNING", "NOTICE", "INFO"},
		page.Eval(`return [...document.querySelectorAll("#histogram .key")].map((e) => e.textContent)`)); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	// A drag over a part of the plot selects its range.
	x, y, width, height := page.Box("#histogram svg")
	page.Press(browsertest.Mouse, x+width*0.4, y+height/3)
	page.Move(browsertest.Mouse, x+width*0.5, y+height/3)
	page.Move(browsertest.Mouse, x+width*0.6, y+height/3)
	page.Release(browsertest.Mouse, x+width*0.6, y+height/3)
	page.Until("a range", `new URLSearchParams(location.search).has("from")`)
	page.Until("fewer records",
		`!document.querySelector("#results[aria-busy]") &&
			(() => { const n = document.querySelectorAll(".records tr[data-id]").length; return n > 5 && n < 25; })()`)
	page.Until("a range with an end does not grow",
		`document.getElementById("live").textContent === "still" && document.getElementById("follow").disabled`)
	if got := page.Eval(`return [document.getElementById("range").value,
		document.getElementById("own").hidden]`); cmp.Diff([]any{
		"own",
		false,
	}, got) != "" {
		t.Errorf("the range is shown as %v", got)
	}
	from, to := address(page, "from").(string), address(page, "to").(string)
	q := search.Query{}
	var err error
	if q.From, err = time.Parse(time.RFC3339, from); err != nil {
		t.Fatal(err)
	}
	if q.To, err = time.Parse(time.RFC3339, to); err != nil {
		t.Fatal(err)
	}
	records, err := c.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	untilRecords(page, len(records))
	page.Until("its total", fmt.Sprintf(`document.getElementById("total").textContent === "%d records match"`,
		len(records)))

	// History goes back; the list has fixed ranges.
	page.Eval(`history.back()`)
	untilRecords(page, 60)
	page.Eval(`const r = document.getElementById("range"); r.value = "900"; r.dispatchEvent(new Event("change"))`)
	page.Until("the last 15 minutes",
		`(() => { const n = document.querySelectorAll(".records tr[data-id]").length; return n >= 13 && n <= 15; })()`)
	// A custom range.
	page.Eval(`const r = document.getElementById("range"); r.value = "own"; r.dispatchEvent(new Event("change"));
		const local = (d) => new Date(d - new Date(d).getTimezoneOffset() * 60000).toISOString().slice(0, 19);
		const own = document.getElementById("own"); own.elements.from.value = local(` + fmt.Sprint(began.UnixMilli()) +
		`); own.elements.to.value = local(` + fmt.Sprint(began.Add(10*time.Minute).UnixMilli()) + `); own.requestSubmit()`)
	untilRecords(page, 10)
	console()
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	current := `return document.querySelector(".records tr[aria-current]")?.dataset.id ?? null`
	page.Keys("k")
	if got := page.Eval(current); got != "100" {
		t.Errorf("k leads to %v, want the newest", got)
	}
	page.Keys("k", "k", "ArrowUp", "j")
	if got := page.Eval(current); got != "98" {
		t.Errorf("the keys lead to %v, want 98", got)
	}
	page.Keys("Enter")
	page.Until("the details",
		`document.querySelector("#drawer h2")?.textContent === "Record 98" &&
			document.activeElement === document.querySelector("#drawer h2")`)
	page.Keys("j")
	page.Until("the next one", `document.querySelector("#drawer h2")?.textContent === "Record 99"`)
	if got := address(page, "record"); got != "99" {
		t.Errorf("the address has record=%v", got)
	}
	page.Keys("Escape")
	page.Until("closed", `document.getElementById("drawer").hidden &&
		document.activeElement.closest("tr")?.dataset.id === "99"`)
	page.Keys("?")
	page.Until("help", `document.getElementById("help").open`)
	page.Picture(filepath.Join(pictures, "search-help.png"))
	page.Keys("Escape")
	page.Until("help is closed", `!document.getElementById("help").open`)
	page.Keys("w")
	page.Until("long lines are wrapped",
		`document.getElementById("rows").classList.contains("wrap") && location.search.includes("wrap=1")`)

	// The shortcuts do nothing while the query is edited, or when they are switched
	// off.
	page.Type("#q", "j?k ")
	if got := page.Eval(`return [document.getElementById("q").value,
		document.getElementById("help").open]`); cmp.Diff([]any{
		"j?k ",
		false,
	}, got) != "" {
		t.Errorf("typed into the query: %v", got)
	}
	page.Eval(`document.activeElement.blur(); document.getElementById("keys-on").click()`)
	page.Keys("?")
	if page.Eval(`return document.getElementById("help").open`) != false {
		t.Error("a key that is switched off does something")
	}
	page.Eval(`document.getElementById("help-open").click()`)
	page.Until("the button does", `document.getElementById("help").open`)
	console()
}

func TestSearchExport(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "?"+url.Values{"q": {"failed"}, "columns": {"logger,round"}}.Encode(), 10)
	page.Click(".menu summary")
	page.Until("the menu", `document.querySelector(".menu").open`)
	csv := page.Eval(`return (await fetch(document.getElementById("export-csv").href)).text()`).(string)
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	if len(lines) != 11 || strings.TrimSpace(lines[0]) != "timestamp,logger,round,message" ||
		!strings.Contains(lines[1], ",WKR_bank,36,Upload failed") {
		t.Errorf("CSV:\n%s", csv)
	}
	ndjson := page.Eval(`return (await fetch(document.getElementById("export-ndjson").href)).text()`).(string)
	if n := strings.Count(ndjson, "\n"); n != 10 || !strings.Contains(ndjson, `"err":"connection 36 lost"`) {
		t.Errorf("NDJSON has %d lines:\n%s", n, ndjson)
	}
	page.Keys("Escape")
	page.Until("the menu is closed", `!document.querySelector(".menu").open`)
	console()
}
