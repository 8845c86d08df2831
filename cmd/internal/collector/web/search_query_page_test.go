package web_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

func TestSearchQuery(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("histogram and facets",
		`document.querySelectorAll("#histogram rect").length > 0 && document.querySelectorAll(".facet").length === 5`)
	page.Picture(filepath.Join(pictures, "search-light.png"))
	page.Prefer("dark")
	page.Picture(filepath.Join(pictures, "search-dark.png"))
	page.Prefer("light")

	// The key / moves to the query, Enter runs it.
	page.Keys("/")
	page.Type("#q", `failed AND round:>=20`)
	page.Keys("Enter")
	untilRecords(page, 5)
	if got := address(page, "q"); got != "failed AND round:>=20" {
		t.Errorf("the address has q=%v", got)
	}
	page.Until("the total", `document.getElementById("total").textContent === "5 records match"`)
	if got := page.Eval(`return document.querySelector(".records mark").textContent`); got != "failed" {
		t.Errorf("%v is marked", got)
	}
	for _, scheme := range []string{"dark", "light"} {
		page.Prefer(scheme)
		browsertest.Axe(t, page)
	}

	// Facets show counts. They add a value to the query and remove it.
	page.Open(c.PageURL() + "search")
	untilRecords(page, 100)
	page.Until("facets", `document.querySelectorAll(".facet").length === 5`)
	facet := func(name string) any {
		return page.Eval(script(`((name) => [...document.querySelectorAll(".facet")].filter((f) =>
			f.querySelector("summary").textContent === name)
			.flatMap((f) => [...f.querySelectorAll(".value")].map((v) => v.querySelector(".name").textContent + " " +
			v.querySelector(".n").textContent)))`, name))
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
		page.Until(label+" to click", fmt.Sprintf(`((label) => { // the facets are drawn after the records
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
	page.Until("all of it is in the fields",
		`document.getElementById("stream").value === "Worker" && document.getElementById("q").value === "NOT level:4"`)
	// Any field can be a facet and a column. Facets count the records without the
	// field.
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
		t.Errorf("the column is %v", got)
	}
	click("project none")
	untilRecords(page, 40)
	if got := address(page, "q"); got != "NOT _exists_:project" {
		t.Errorf("the query is %v", got)
	}

	// A reload restores the query, the columns, the facets and the open record.
	page.Click(".records tr:nth-child(7) .text")
	page.Until("the details", `document.querySelectorAll(".drawer .fields tr").length > 5`)
	state := `return [location.search, [...document.querySelectorAll(".records th")].map((e) => e.textContent),
		[...document.querySelectorAll(".facet > summary")].map((e) => e.textContent),
		document.querySelector(".drawer h2").textContent, document.querySelector(".records tr[aria-current]").dataset.id,
		document.getElementById("total").textContent, document.getElementById("q").value]`
	page.Until("the total", `document.getElementById("total").textContent === "40 records match"`)
	want := page.Eval(state)
	again, consoleAgain := openSearch(t, c, page.Eval(`return location.search`).(string), 40)
	again.Until(
		"all of it",
		`document.querySelectorAll(".facet").length === 6 &&
		document.querySelectorAll(".drawer .fields tr").length > 5 && document.getElementById("total").textContent !== ""`,
	)
	if diff := cmp.Diff(want, again.Eval(state)); diff != "" {
		t.Errorf("by the link (-want +got):\n%s", diff)
	}
	consoleAgain()
	console()
}

// An element of the facets that is pressed stays in place until it is released.
func TestFacetsWhilePressed(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, console := openSearch(t, c, "", 100)
	page.Until("facets", `document.querySelectorAll(".facet").length === 5`)
	x, y, width, height := page.Box(".facet .value")
	page.Press(browsertest.Mouse, x+width/2, y+height/2)
	page.Eval(`window.held = document.querySelector(".facet .value")`)
	collectortest.LogAs(t, c, "Director", "grid", func(log *slog.Logger) { log.Info("new") })
	page.Until("the new total", `document.getElementById("total").textContent === "101 records match"`)
	if page.Eval(`return window.held.isConnected &&
		!document.getElementById("facets").textContent.includes("DIR_grid")`) != true {
		t.Error("the facets changed under the pointer")
	}
	page.Move(browsertest.Mouse, 700, 20)
	page.Release(browsertest.Mouse, 700, 20)
	page.Until("the new logger", `document.getElementById("facets").textContent.includes("DIR_grid")`)
	console()
}

// An error marks the character in the query. The browser logs the status 400 in its
// console, so this test does not check the console.
func TestSearchError(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	page, _ := openSearch(t, c, "?q=failed", 10)
	page.Eval(`document.getElementById("q").value = "größe AND (level:loud OR"`)
	page.Type("#q", "")
	page.Keys("Enter")
	page.Until("the error", `!document.getElementById("wrong").hidden`)
	wrong := page.Eval(`const w = document.getElementById("wrong"), m = w.querySelector("mark");
		return [w.querySelector("pre").textContent, m.previousSibling.textContent.length, w.querySelector("p").textContent,
		document.getElementById("q").hasAttribute("aria-invalid")]`)
	want := []any{"größe AND (level:loud OR ", 24.0, "at character 25: a term is missing at the end", true}
	if diff := cmp.Diff(want, wrong); diff != "" {
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
