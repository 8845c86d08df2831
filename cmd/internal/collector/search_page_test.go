package collector

import (
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/internal/browsertest"
)

// openSearch opens the search at an address and waits for its records.
func openSearch(t *testing.T, c *Collector, query string, records int) (page *browsertest.Page, done func()) {
	t.Helper()
	page = browsertest.New(t, 1500, 900)
	done = page.Watch(c.PageURL())
	page.Open(c.PageURL() + "search" + query)
	untilRecords(page, records)
	return page, done
}

func untilRecords(page *browsertest.Page, n int) {
	page.Until(fmt.Sprint(n, " records"), fmt.Sprintf(`!document.querySelector("#results[aria-busy]") && document.querySelectorAll(".records tr[data-id]").length === %d`, n))
}

// messages are those of the list.
func messages(page *browsertest.Page) any {
	return page.Eval(`return [...document.querySelectorAll(".records tr[data-id] .text bdi")].map((e) => e.textContent)`)
}

// address returns a parameter of the address, nil if it has none.
func address(page *browsertest.Page, name string) any {
	return page.Eval(script("((name) => new URLSearchParams(location.search).get(name))", name))
}

// logMany logs records of two roles: 60 of two TTPs, and 40 of a Worker of which ten are
// errors.
func logMany(t *testing.T, c *Collector) {
	t.Helper()
	for i := range 2 {
		logAs(t, c, "TTP", fmt.Sprint("ttp-", i), func(log *slog.Logger) {
			for n := range 30 {
				log.Info("Round started", "round", n, "project", "covid 19")
			}
		})
	}
	logAs(t, c, "Worker", "bank", func(log *slog.Logger) {
		for n := range 40 {
			if n%4 == 0 {
				log.Error("Upload failed", "round", n, "err", fmt.Errorf("connection %d lost", n))
			} else {
				log.Debug("not kept")
				log.Warn("Link is slow", "seconds", float64(n)/8)
			}
		}
	})
	await(t, c, Query{}, 100)
}

func TestSearchFirstRun(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	page := browsertest.New(t, 1200, 800)
	console := page.Watch(c.PageURL())
	page.Open(c.PageURL())
	page.Until("what to paste", `document.querySelector("#first pre").innerText.includes(`+"`"+inputAddr(t, c, "TTP Logs")+"`"+`)`)
	page.Picture(filepath.Join(pictures, "first-run.png"))
	lines := page.Eval(`return document.querySelector("#first pre").innerText.trim().split("\n").length`)
	if lines != 5.0 {
		t.Errorf("%v lines to paste, want 5", lines)
	}
	logAs(t, c, "TTP", "hospital-1", func(log *slog.Logger) { log.Info("Hello World!", "owner", "me") })
	page.Until("the tail", `location.pathname === "/search" && document.querySelectorAll(".records tr[data-id]").length === 1`)
	page.Until("it is live", `document.getElementById("live").textContent === "live"`)
	logAs(t, c, "TTP", "hospital-1", func(log *slog.Logger) { log.Info("and again") })
	page.Until("the next one comes by itself", `document.querySelectorAll(".records tr[data-id]").length === 2`)
	console()
}

func TestSearchTail(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("the newest is in sight", `(() => { const b = document.getElementById("rows"); return b.scrollTop > 0 && b.scrollHeight - b.scrollTop - b.clientHeight < 8; })()`)
	page.Until("live", `document.getElementById("live").textContent === "live"`)

	log := func(n int) {
		logAs(t, c, "Director", "grid", func(log *slog.Logger) {
			for i := range n {
				log.Info(fmt.Sprint("new ", i))
			}
		})
	}
	log(3)
	untilRecords(page, 103)
	atEnd := `(() => { const b = document.getElementById("rows"); return b.scrollHeight - b.scrollTop - b.clientHeight < 8; })()`
	page.Until("the list follows", atEnd)

	// A key pauses it, and lets it go on.
	page.Keys(" ")
	page.Until("paused", `document.getElementById("live").textContent === "paused"`)
	if got := address(page, "paused"); got != "1" {
		t.Errorf("the address says paused=%v", got)
	}
	log(4)
	page.Until("the new ones are counted", `document.getElementById("fresh").textContent === "4 new ↓" && !document.getElementById("fresh").hidden`)
	if n := page.Eval(`return document.querySelectorAll(".records tr[data-id]").length`); n != 103.0 {
		t.Errorf("%v records while it is paused, want 103", n)
	}
	page.Keys(" ")
	untilRecords(page, 107)
	page.Until("at the end again", atEnd)
	if got := page.Eval(`return document.getElementById("fresh").hidden`); got != true {
		t.Error("N new is still there")
	}

	// Scrolling up pauses it, scrolling down again goes on.
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

	// So do the details of a record: it does not run away.
	page.Click(".records tr:last-child .text")
	page.Until("the details", `document.querySelector("#drawer h2")`)
	log(5)
	page.Until("counted", `document.getElementById("fresh").textContent === "5 new ↓"`)
	page.Keys("Escape")
	untilRecords(page, 115)

	// More than are kept in the meantime are read anew, without a hole.
	page.Keys(" ")
	page.Until("paused", `document.getElementById("live").textContent === "paused"`)
	log(1500)
	page.Until("counted", `document.getElementById("fresh").textContent === "1,500 new ↓"`)
	page.Keys(" ")
	page.Until("the newest", `[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 1499"`)
	untilRecords(page, 100)

	// Scrolling up brings the older ones, each once and in order, and the page lets go of
	// those that are far away.
	page.Eval(`window.up = setInterval(() => { document.getElementById("rows").scrollTop = 0 }, 30)`)
	page.Until("the first record", `document.querySelector(".records tr[data-id]").dataset.id === "1"`)
	page.Eval(`clearInterval(window.up)`)
	ids := page.Eval(`return [...document.querySelectorAll(".records tr[data-id]")].map((e) => Number(e.dataset.id))`).([]any)
	for i, id := range ids {
		if id != float64(i+1) {
			t.Fatalf("row %d has the id %v", i, id)
		}
	}
	if len(ids) > 1200 {
		t.Errorf("%d rows", len(ids))
	}
	if got := page.Eval(`return document.querySelector(".edge").textContent`); got != "There are no older records that match." {
		t.Errorf("above the first record stands %q", got)
	}
	page.Eval(`window.down = setInterval(() => { const b = document.getElementById("rows"); b.scrollTop = b.scrollHeight }, 30)`)
	page.Until("the newest again", `[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 1499" && document.getElementById("live").textContent === "live"`)
	page.Eval(`clearInterval(window.down)`)

	// A burst is shown in part, with rows that bring the rest.
	log(4000)
	page.Until("the end of the burst", `[...document.querySelectorAll(".records .text bdi")].at(-1).textContent === "new 3999"`)
	page.Until("gaps", `document.querySelectorAll(".gap").length > 0`)
	page.Picture(filepath.Join(pictures, "search-gap.png"))
	for page.Eval(`return document.querySelectorAll(".gap").length`) != 0.0 {
		before := page.Eval(`window.shown = document.querySelectorAll(".records tr[data-id]").length; document.querySelector(".gap button").click(); return window.shown`)
		page.Until("the gap becomes smaller", fmt.Sprintf(`document.querySelectorAll(".records tr[data-id]").length > %v && !document.querySelector(".gap button:disabled")`, before))
	}
	ids = page.Eval(`return [...document.querySelectorAll(".records tr[data-id]")].map((e) => Number(e.dataset.id))`).([]any)
	for i := range ids[1:] {
		if ids[i+1] != ids[i].(float64)+1 {
			t.Fatalf("behind the record %v stands %v", ids[i], ids[i+1])
		}
	}
	console()
}

func TestSearchQuery(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("histogram and facets", `document.querySelectorAll("#histogram rect").length > 0 && document.querySelectorAll(".facet").length === 5`)
	page.Picture(filepath.Join(pictures, "search-light.png"))
	page.Prefer("dark")
	page.Picture(filepath.Join(pictures, "search-dark.png"))
	page.Prefer("light")

	// The key / leads to the query, Enter asks it.
	page.Keys("/")
	page.Type("#q", `failed AND round:>=20`)
	page.Keys("Enter")
	untilRecords(page, 5)
	if got := address(page, "q"); got != "failed AND round:>=20" {
		t.Errorf("the address says q=%v", got)
	}
	page.Until("the total", `document.getElementById("total").textContent === "5 records match"`)
	if got := page.Eval(`return document.querySelector(".records mark").textContent`); got != "failed" {
		t.Errorf("%v is marked", got)
	}
	for _, scheme := range []string{"dark", "light"} {
		page.Prefer(scheme)
		browsertest.Axe(t, page)
	}

	// Facets have counts, narrow the search to a value and take it out again.
	page.Open(c.PageURL() + "search")
	untilRecords(page, 100)
	page.Until("facets", `document.querySelectorAll(".facet").length === 5`)
	facet := func(name string) any {
		return page.Eval(script(`((name) => [...document.querySelectorAll(".facet")].filter((f) => f.querySelector("summary").textContent === name)
			.flatMap((f) => [...f.querySelectorAll(".value")].map((v) => v.querySelector(".name").textContent + " " + v.querySelector(".n").textContent)))`, name))
	}
	for name, want := range map[string][]any{
		"role":   {"TTP Stream 60", "Worker Stream 40"},
		"logger": {"WKR_bank 40", "TTP_ttp-0 30", "TTP_ttp-1 30"},
		"level":  {"INFO 60", "WARNING 30", "ERROR 10"},
	} {
		if diff := cmp.Diff(want, facet(name)); diff != "" {
			t.Errorf("facet %s (-want +got):\n%s", name, diff)
		}
	}
	click := func(label string) {
		t.Helper()
		page.Until(label+" to click", fmt.Sprintf(`((label) => { // the facets come behind the records
			const e = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === label);
			e?.click();
			return e !== undefined;
		})(%q)`, label))
	}
	click("logger + TTP_ttp-1")
	untilRecords(page, 30)
	click("logger + TTP_ttp-1")
	untilRecords(page, 100)
	click("level - WARNING")
	untilRecords(page, 70)
	if got := address(page, "q"); got != "NOT level:4" {
		t.Errorf("without warnings the query is %v", got)
	}
	click("streams + Worker Stream")
	untilRecords(page, 10)
	page.Until("all of it is in the fields", `document.getElementById("stream").value === "Worker" && document.getElementById("q").value === "NOT level:4"`)
	// Any field can be a facet, with those who lack it, and a column.
	page.Open(c.PageURL() + "search")
	untilRecords(page, 100)
	page.Until("names of fields", `document.querySelectorAll(".names li").length > 5`)
	page.Type(`.facet input[type=search]`, "proj")
	page.Until("found by its name", `document.querySelectorAll(".names li").length === 1`)
	click("facet project")
	page.Until("the facet", `document.querySelectorAll(".facet").length === 6`)
	if diff := cmp.Diff([]any{"covid 19 60", "(none) 40"}, facet("project")); diff != "" {
		t.Errorf("facet project (-want +got):\n%s", diff)
	}
	click("column project")
	page.Until("the column", `[...document.querySelectorAll(".records th")].some((e) => e.textContent === "project")`)
	untilRecords(page, 100)
	if got := page.Eval(`return document.querySelector(".records .c-project").textContent`); got != "covid 19" {
		t.Errorf("the column says %v", got)
	}
	click("project none")
	untilRecords(page, 40)
	if got := address(page, "q"); got != "NOT _exists_:project" {
		t.Errorf("the query is %v", got)
	}

	// A link shows the same again: query, columns, facets, the open record.
	page.Click(".records tr:nth-child(7) .text")
	page.Until("the details", `document.querySelectorAll(".drawer .fields tr").length > 5`)
	state := `return [location.search, [...document.querySelectorAll(".records th")].map((e) => e.textContent), [...document.querySelectorAll(".facet > summary")].map((e) => e.textContent),
		document.querySelector(".drawer h2").textContent, document.querySelector(".records tr[aria-current]").dataset.id, document.getElementById("total").textContent, document.getElementById("q").value]`
	page.Until("the total", `document.getElementById("total").textContent === "40 records match"`)
	want := page.Eval(state)
	again, consoleAgain := openSearch(t, c, page.Eval(`return location.search`).(string), 40)
	again.Until("all of it", `document.querySelectorAll(".facet").length === 6 && document.querySelectorAll(".drawer .fields tr").length > 5 && document.getElementById("total").textContent !== ""`)
	if diff := cmp.Diff(want, again.Eval(state)); diff != "" {
		t.Errorf("by the link (-want +got):\n%s", diff)
	}
	consoleAgain()
	console()
}

// What is held down in the facets stays where it is until it is let go.
func TestFacetsHeld(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("facets", `document.querySelectorAll(".facet").length === 5`)
	x, y, width, height := page.Box(".facet .value")
	page.Press(browsertest.Mouse, x+width/2, y+height/2)
	page.Eval(`window.held = document.querySelector(".facet .value")`)
	logAs(t, c, "Director", "grid", func(log *slog.Logger) { log.Info("new") })
	page.Until("the new total", `document.getElementById("total").textContent === "101 records match"`)
	if page.Eval(`return window.held.isConnected && !document.getElementById("facets").textContent.includes("DIR_grid")`) != true {
		t.Error("the facets changed under the pointer")
	}
	page.Move(browsertest.Mouse, 700, 20)
	page.Release(browsertest.Mouse, 700, 20)
	page.Until("the new logger", `document.getElementById("facets").textContent.includes("DIR_grid")`)
	console()
}

// An error points at the character. The browser says in its console that an answer had
// the status 400, so that nobody watches it here.
func TestSearchError(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	logMany(t, c)
	page, _ := openSearch(t, c, "?q=failed", 10)
	page.Eval(`document.getElementById("q").value = "größe AND (level:loud OR"`)
	page.Type("#q", "")
	page.Keys("Enter")
	page.Until("the error", `!document.getElementById("wrong").hidden`)
	wrong := page.Eval(`const w = document.getElementById("wrong"), m = w.querySelector("mark");
		return [w.querySelector("pre").textContent, m.previousSibling.textContent.length, w.querySelector("p").textContent, document.getElementById("q").hasAttribute("aria-invalid")]`)
	if diff := cmp.Diff([]any{"größe AND (level:loud OR ", 24.0, "at character 25: something is missing at the end", true}, wrong); diff != "" {
		t.Errorf("the error (-want +got):\n%s", diff)
	}
	page.Picture(filepath.Join(pictures, "search-error.png"))
	page.Eval(`history.back()`)
	untilRecords(page, 10)
	if got := page.Eval(`return document.getElementById("wrong").hidden`); got != true {
		t.Error("the error stays")
	}
	page.Open(c.PageURL() + "search?level=loud")
	page.Until("what is wrong", `document.getElementById("wrong").textContent.includes('level "loud"')`)
}

// The bars of the histogram narrow the range of time.
func TestSearchHistogram(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	began := time.Now().Add(-time.Hour).Truncate(time.Minute)
	var frames []string
	for i := range 60 {
		frames = append(frames, fmt.Sprintf(`{"version":"1.1","host":"h","short_message":"minute %d","timestamp":%d,"level":%d,"_logger":"TTP_a"}`, i, began.Add(time.Duration(i)*time.Minute).Unix(), 3+i%4))
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{}, 60)
	page, console := openSearch(t, c, "", 60)
	page.Until("bars", `document.querySelectorAll("#histogram rect").length >= 60`)
	if diff := cmp.Diff([]any{"ERROR", "WARNING", "NOTICE", "INFO"}, page.Eval(`return [...document.querySelectorAll("#histogram .key")].map((e) => e.textContent)`)); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	// A drag over a part of the plot.
	x, y, width, height := page.Box("#histogram svg")
	page.Press(browsertest.Mouse, x+width*0.4, y+height/3)
	page.Move(browsertest.Mouse, x+width*0.5, y+height/3)
	page.Move(browsertest.Mouse, x+width*0.6, y+height/3)
	page.Release(browsertest.Mouse, x+width*0.6, y+height/3)
	page.Until("a range", `new URLSearchParams(location.search).has("from")`)
	page.Until("fewer records", `!document.querySelector("#results[aria-busy]") && (() => { const n = document.querySelectorAll(".records tr[data-id]").length; return n > 5 && n < 25; })()`)
	page.Until("a range with an end does not grow", `document.getElementById("live").textContent === "still" && document.getElementById("follow").disabled`)
	if got := page.Eval(`return [document.getElementById("range").value, document.getElementById("own").hidden]`); cmp.Diff([]any{"own", false}, got) != "" {
		t.Errorf("the range is shown as %v", got)
	}
	from, to := address(page, "from").(string), address(page, "to").(string)
	q := Query{}
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
	page.Until("its total", fmt.Sprintf(`document.getElementById("total").textContent === "%d records match"`, len(records)))

	// The way back, and a range from the list.
	page.Eval(`history.back()`)
	untilRecords(page, 60)
	page.Eval(`const r = document.getElementById("range"); r.value = "900"; r.dispatchEvent(new Event("change"))`)
	page.Until("the last 15 minutes", `(() => { const n = document.querySelectorAll(".records tr[data-id]").length; return n >= 13 && n <= 15; })()`)
	// An own range.
	page.Eval(`const r = document.getElementById("range"); r.value = "own"; r.dispatchEvent(new Event("change"));
		const local = (d) => new Date(d - new Date(d).getTimezoneOffset() * 60000).toISOString().slice(0, 19);
		const own = document.getElementById("own"); own.elements.from.value = local(` + fmt.Sprint(began.UnixMilli()) + `); own.elements.to.value = local(` + fmt.Sprint(began.Add(10*time.Minute).UnixMilli()) + `); own.requestSubmit()`)
	untilRecords(page, 10)
	console()
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
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
	page.Until("the details", `document.querySelector("#drawer h2")?.textContent === "Record 98" && document.activeElement === document.querySelector("#drawer h2")`)
	page.Keys("j")
	page.Until("the next one", `document.querySelector("#drawer h2")?.textContent === "Record 99"`)
	if got := address(page, "record"); got != "99" {
		t.Errorf("the address says record=%v", got)
	}
	page.Keys("Escape")
	page.Until("closed", `document.getElementById("drawer").hidden && document.activeElement.closest("tr")?.dataset.id === "99"`)
	page.Keys("?")
	page.Until("help", `document.getElementById("help").open`)
	page.Picture(filepath.Join(pictures, "search-help.png"))
	page.Keys("Escape")
	page.Until("help is closed", `!document.getElementById("help").open`)
	page.Keys("w")
	page.Until("long lines are wrapped", `document.getElementById("rows").classList.contains("wrap") && location.search.includes("wrap=1")`)

	// The keys do nothing in the query, and nothing at all if they are switched off.
	page.Type("#q", "j?k ")
	if got := page.Eval(`return [document.getElementById("q").value, document.getElementById("help").open]`); cmp.Diff([]any{"j?k ", false}, got) != "" {
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
	c := start(t, Options{})
	logMany(t, c)
	page, console := openSearch(t, c, "?"+url.Values{"q": {"failed"}, "columns": {"logger,round"}}.Encode(), 10)
	page.Click(".menu summary")
	page.Until("the menu", `document.querySelector(".menu").open`)
	csv := page.Eval(`return (await fetch(document.getElementById("export-csv").href)).text()`).(string)
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	if len(lines) != 11 || strings.TrimSpace(lines[0]) != "timestamp,logger,round,message" || !strings.Contains(lines[1], ",WKR_bank,36,Upload failed") {
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
