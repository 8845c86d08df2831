package web_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/role"
)

// hostile are texts that a page could mistake for markup or code.
var hostile = []string{
	`<script>document.title = "hacked"</script>`,
	`"><img src=x onerror='document.title = "hacked"'>`,
	`javascript:document.title="hacked"`,
	`{{.}} ${1+1} %s`,
	"\u202egnp.exe",
	"مرحبا بالعالم",
	"\u2066\u2067\u2068 open",
	strings.Repeat("w", 4000),
	"a\nb\tc\u0001\u2028",
	"👩‍👩‍👧‍👦 e\u0301",
	"__proto__",
}

// logHostile logs hostile texts with real roles over TCP.
func logHostile(t *testing.T, c *collector.Collector) (records int) {
	t.Helper()
	collectortest.LogAs(t, c, "TTP", hostile[0], func(log *slog.Logger) {
		for _, text := range hostile {
			log.Info(text, "value", text, text, "as a key", "constructor", text)
		}
		log.Error(strings.Repeat("1 MB ", 200_000), "value", strings.Repeat("v", 1_000_000), "more",
			strings.Repeat("ü", 500_000))
	})
	collectortest.LogAs(t, c, "Worker", "\u202eelif", func(log *slog.Logger) { log.Warn("from right to left") })
	return len(hostile) + 2
}

func TestHostilePage(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	n := logHostile(t, c)
	collectortest.Await(t, c, search.Query{}, n)
	page, console := openSearch(t, c, "", n)
	page.Until("facets", `document.querySelectorAll(".facet").length === 5`)
	calm := func(where string) {
		t.Helper()
		got := page.Eval(`const count = (name) => document.querySelectorAll(name).length;
			const high = [...document.querySelectorAll("td, .name")].filter((e) => e.scrollHeight > 2000);
			return [document.title, count("script"), count("img"), document.documentElement.scrollWidth - innerWidth,
				high.length]`).([]any)
		if got[0] == "hacked" || got[1] != 1.0 || got[2] != 1.0 || got[3].(float64) > 0 || got[4] != 0.0 {
			t.Errorf("%s: title, scripts, images, too wide by, elements too high: %v", where, got)
		}
	}
	calm("list")
	shown := messages(page).([]any)
	for i, want := range hostile {
		if got := shown[i].(string); got != cutTo(want, 300) {
			t.Errorf("message %d is shown as %q, want %q", i, got, want)
		}
	}
	if size := page.Eval(`return document.documentElement.outerHTML.length`).(float64); size > 400_000 {
		t.Errorf("the page has %v characters", size)
	}
	page.Picture(filepath.Join(pictures, "hostile.png"))

	// Each text appears in the details, as a column, as a facet and in a query.
	for i, want := range hostile {
		page.Open(c.PageURL() + fmt.Sprintf("search?columns=logger,value&facets=value,logger&record=%d", i+1))
		page.Until("the details",
			`document.querySelectorAll(".drawer .fields tbody tr").length > 5 &&
				document.querySelectorAll(".facet").length === 3`)
		if got := page.Eval(`return document.querySelector(".drawer pre.text").textContent`); got != want {
			t.Errorf("in the details message %d is %q, want %q", i, got, want)
		}
		if got := rowOf(page, "value").([]any)[0]; got != want {
			t.Errorf("in the details value %d is %q, want %q", i, got, want)
		}
		calm(fmt.Sprint("details ", i))
		if len(want) > 1000 {
			continue
		}
		press(page, "+ value")
		page.Until("found", fmt.Sprintf(`!document.querySelector("#results[aria-busy]") &&
			[...document.querySelectorAll(".records tr[data-id]")].some((e) => e.dataset.id === "%d") &&
			document.querySelectorAll(".records tr[data-id]").length < %d`, i+1, n))
		calm(fmt.Sprint("filter ", i))
	}

	// A megabyte is truncated, and shown in full on request.
	page.Open(c.PageURL() + fmt.Sprintf("search?record=%d", len(hostile)+1))
	page.Until("the details", `document.querySelector('.drawer [data-key="whole"]')`)
	if got := page.Eval(`return document.querySelector(".drawer pre.text").textContent.length`); got != 10_000.0 {
		t.Errorf("%v characters of a megabyte are shown", got)
	}
	press(page, "whole")
	page.Until("all of it", `document.querySelector(".drawer pre.text").textContent.length === 999999`)
	calm("a megabyte")
	console()
}

func cutTo(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

// Ten thousand loggers do not break the charts and the facets.
func TestManyLoggers(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	r, err := role.Lookup("TTP")
	if err != nil {
		t.Fatal(err)
	}
	var frames []string
	for i := range 10_000 {
		frames = append(frames, collectortest.Frame(fmt.Sprintf("%sparty-%05d", r.Prefix, i), "one of many"))
	}
	collectortest.Send(t, c, r.Input, frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	page := browsertest.New(t, 1500, 900)
	console := page.Watch(c.PageURL())
	page.Open(c.PageURL() + "?tab=TTP&range=0")
	page.Until("slices", `document.querySelectorAll(".slice").length > 0 &&
		document.querySelectorAll(".message-row").length === 150`)
	if n := page.Eval(`return document.querySelectorAll("*").length`).(float64); n > 5000 {
		t.Errorf("the dashboard has %v elements", n)
	}
	page.Picture(filepath.Join(pictures, "many-loggers.png"))
	page.Open(c.PageURL() + "search")
	page.Until("facets", `[...document.querySelectorAll(".facet")].some((f) =>
		f.textContent.includes("9,990 with other values"))`)
	if n := page.Eval(`return document.querySelectorAll("*").length`).(float64); n > 3000 {
		t.Errorf("the search has %v elements", n)
	}
	page.Until("the total", `document.getElementById("total").textContent === "10,000 records match"`)
	console()
}

// The search page on a phone, on a 4K screen, and for screen readers.
func TestSearchScreens(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logMany(t, c)
	logHostile(t, c)
	n := 100 + len(hostile) + 2
	collectortest.Await(t, c, search.Query{}, n)
	page, console := openSearch(t, c, "?record=97", n)
	page.Until("all of it", `document.querySelectorAll(".drawer .fields tbody tr").length > 5 &&
		document.querySelectorAll(".facet").length === 5 && document.querySelectorAll("#histogram rect").length > 0`)
	for _, scheme := range []string{"light", "dark"} {
		page.Prefer(scheme)
		t.Run(scheme, func(t *testing.T) { browsertest.Axe(t, page) })
		page.Picture(filepath.Join(pictures, "search-details-"+scheme+".png"))
	}
	page.Eval(`document.getElementById("help-open").click()`)
	t.Run("help", func(t *testing.T) { browsertest.Axe(t, page) })
	page.Keys("Escape")
	page.Prefer("light")

	page.Size(3840, 2160)
	page.Picture(filepath.Join(pictures, "search-4k.png"))
	size := page.Eval(`return parseFloat(getComputedStyle(document.querySelector(".records .text")).fontSize)`).(float64)
	if size < 17 {
		t.Errorf("on a screen of 4K the letters have %v px", size)
	}

	// On a phone the details cover the list, and the focus cannot leave them.
	page.Size(360, 740)
	page.Open(c.PageURL() + "search")
	page.Until("all of it", `document.querySelectorAll(".records tr[data-id]").length > 90 &&
		document.querySelectorAll("#histogram rect").length > 0`)
	if got := page.Eval(`return document.documentElement.scrollWidth`); got != 360.0 {
		t.Errorf("at 360 px the page is %v px wide", got)
	}
	page.Picture(filepath.Join(pictures, "search-phone.png"))
	t.Run("phone", func(t *testing.T) { browsertest.Axe(t, page) })
	page.Click("#filters")
	page.Until("the facets", `document.getElementById("facets").offsetHeight > 100`)
	page.Click("#filters")
	page.Eval(`document.querySelector(".records tr:nth-last-child(3) .open").click()`)
	page.Until("the details", `document.querySelectorAll(".drawer .fields tbody tr").length > 5`)
	if got := page.Eval(`return [document.documentElement.scrollWidth, document.getElementById("results").inert,
		document.getElementById("drawer").getBoundingClientRect().width]`); fmt.Sprint(got) != "[360 true 360]" {
		t.Errorf("width, inert, width of the details: %v", got)
	}
	page.Picture(filepath.Join(pictures, "details-phone.png"))
	t.Run("details on a phone", func(t *testing.T) { browsertest.Axe(t, page) })
	page.Keys("Escape")
	page.Until("back at the list",
		`!document.getElementById("results").inert && document.activeElement.closest("tr") !== null`)
	console()
}
