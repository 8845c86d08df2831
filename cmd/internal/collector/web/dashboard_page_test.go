package web_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/sysmetric"
)

// logGrid logs as each role, with values for every widget of the dashboard.
func logGrid(t *testing.T, c *collector.Collector) {
	t.Helper()
	for _, name := range []string{"hospital-1", "bank-2"} {
		collectortest.LogAs(t, c, "Sysmetric", name, func(log *slog.Logger) {
			for range 3 {
				if err := sysmetric.New(log.Handler()).Probe(
					t.Context(),
					sysmetric.Target{},
					50*time.Millisecond,
				); err != nil {
					t.Error(err)
				}
			}
		})
		for _, role := range []string{"Director", "TTP", "Worker"} {
			collectortest.LogAs(t, c, role, name,
				func(log *slog.Logger) { log.Info("Round started", "round", 1); log.Warn("Link is slow") })
		}
	}
}

// TestDashboardPictures checks each tab in both color schemes.
func TestDashboardPictures(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	logGrid(t, c)
	page := browsertest.New(t, 1500, 1000)
	console := page.Watch(c.PageURL())
	for _, tab := range dashboard.New().Tabs {
		page.Size(1500, map[bool]int{true: 2700, false: 1000}[tab.Stream == "Sysmetric"])
		page.Open(c.PageURL() + "?tab=" + tab.Stream)
		page.Until("all widgets",
			fmt.Sprintf(`document.querySelectorAll(".plot svg, .messages").length === %d`, len(tab.Widgets)))
		for _, scheme := range []string{"light", "dark"} {
			page.Prefer(scheme)
			browsertest.Axe(t, page)
			page.Picture(filepath.Join(
				pictures,
				fmt.Sprintf("dashboard-%s-%s.png", strings.ToLower(tab.Stream), scheme),
			))
		}
	}

	// A widget links to its records.
	page.Open(c.PageURL() + "?tab=TTP&range=900")
	page.Until("the dashboard", `document.querySelectorAll(".drill").length === 3`)
	page.Click(".drill")
	untilRecords(page, 4)
	if diff := cmp.Diff(map[string]any{"q": "logger:TTP_*", "stream": "TTP", "range": "900"},
		page.Eval(`return Object.fromEntries(new URLSearchParams(location.search))`)); diff != "" {
		t.Errorf("the widget leads to (-want +got):\n%s", diff)
	}
	page.Open(c.PageURL() + "?tab=Worker")
	page.Until("the table", `document.querySelector(".message-row a")`)
	page.Click(".message-row a")
	page.Until(
		"the details of its record",
		`document.querySelector(".drawer pre.text")?.textContent === "Link is slow"`,
	)
	console()
}

// TestDashboardPage checks the dashboard in a browser while real roles log.
func TestDashboardPage(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{Page: "127.0.0.1:0"})
	page := browsertest.New(t, 1500, 2300)
	console := page.Watch(c.PageURL())
	for i := range 3 {
		collectortest.LogAs(t, c, "TTP", fmt.Sprint("ttp-", i), func(log *slog.Logger) {
			for n := range 4 - i {
				log.Info("Round started", "round", n)
			}
			log.Error("<script>document.title = 'hacked'</script>")
		})
	}
	collectortest.Await(t, c, search.Query{}, 12)
	page.Open(c.PageURL())
	page.Until("the dashboard", `document.querySelectorAll("[role=tab]").length === 4`)
	collectortest.LogAs(t, c, "Worker", "<img src=x onerror=alert(1)>",
		func(log *slog.Logger) { log.Warn("\u202egnp.exe") })
	collectortest.LogAs(t, c, "Sysmetric", "hospital-1", func(log *slog.Logger) {
		sys := sysmetric.New(log.Handler())
		if err := sys.Probe(t.Context(), sysmetric.Target{}, 50*time.Millisecond); err != nil {
			t.Error(err)
		}
	})
	if diff := cmp.Diff([]any{"Sysmetrics Analysis", "Director Analysis", "TTP Analysis", "Worker Analysis"},
		page.Eval(`return [...document.querySelectorAll("[role=tab]")].map(e => e.textContent)`)); diff != "" {
		t.Errorf("tabs (-want +got):\n%s", diff)
	}

	// Each tab has the widgets of the pack at their positions.
	for _, tab := range dashboard.New().Tabs {
		var titles []any
		for _, w := range tab.Widgets {
			titles = append(
				titles,
				fmt.Sprintf("%s at %d / span %d, %d / span %d", w.Title, w.Col, w.Width, w.Row, w.Height),
			)
		}
		page.Eval(fmt.Sprintf(`document.getElementById("tab-%s").click()`, tab.Stream))
		if diff := cmp.Diff(
			titles,
			page.Eval(`return [...document.querySelectorAll(".widget")].map((e) => e.querySelector("h2").textContent + " at " +
				e.style.gridColumn + ", " + e.style.gridRow)`),
		); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tab.Title, diff)
		}
		if got := page.Eval(`return new URLSearchParams(location.search).get("tab")`); got != tab.Stream {
			t.Errorf("the address of %s has the tab %v", tab.Title, got)
		}
	}
	page.Eval(`document.getElementById("tab-Sysmetric").click()`)
	page.Until("the Sysmetrics tab has a chart of each kind",
		`document.querySelectorAll(".plot svg").length >= 10 && document.querySelector("rect") !== null`)
	page.Eval(`document.getElementById("tab-TTP").click()`)
	page.Until("three slices", `document.querySelectorAll(".slice").length === 3`)
	if diff := cmp.Diff([]any{"TTP_ttp-0", "TTP_ttp-1", "TTP_ttp-2"},
		page.Eval(`return [...document.querySelector(".legend").children].map(e => e.textContent)`)); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	page.Until("the table of records", `document.querySelectorAll(".message-row").length === 12`)
	newest := page.Eval(`return document.querySelector(".message-row a").textContent`)
	if newest != "<script>document.title = 'hacked'</script>" {
		t.Errorf("the newest record is %v", newest)
	}

	// The range of time is part of the address, so a reload shows the same.
	page.Eval(`const r = document.getElementById("range"); r.value = "3600"; r.dispatchEvent(new Event("change"))`)
	if got := page.Eval(`return location.search`); got != "?tab=TTP&range=3600" {
		t.Errorf("the address is %v", got)
	}
	page.Reload()
	page.Until("the same after a reload",
		`document.querySelector("[role=tab][aria-selected=true]")?.textContent === "TTP Analysis" &&
			document.getElementById("range").value === "3600"`)
	page.Until("with its data", `document.querySelectorAll(".slice").length === 3`)

	// A refresh keeps the series that are switched off, and the scroll position.
	page.Size(1500, 500)
	page.Eval(`document.querySelector(".key").click(); scrollTo(0, 120); window.kept = document.querySelector(".widget")`)
	collectortest.LogAs(t, c, "TTP", "ttp-0", func(log *slog.Logger) { log.Info("Round started", "round", 9) })
	page.Until("the new record is in the table", `document.querySelectorAll(".message-row").length === 13`)
	if diff := cmp.Diff([]any{2.0, "false", 120.0, true}, page.Eval(`return [document.querySelectorAll(".slice").length,
		document.querySelector(".key").getAttribute("aria-pressed"), scrollY,
		window.kept === document.querySelector(".widget")]`)); diff != "" {
		t.Errorf("after a refresh (-want +got):\n%s", diff)
	}

	// The arrow keys move between tabs.
	page.Eval(`document.getElementById("tab-TTP").focus()`)
	page.Keys("ArrowRight")
	if got := page.Eval(`return document.activeElement.textContent`); got != "Worker Analysis" {
		t.Errorf("the arrow leads to %v", got)
	}
	page.Until("a hostile logger is text",
		`document.querySelector(".legend")?.textContent === "WKR_<img src=x onerror=alert(1)>"`)

	// The width of a phone.
	page.Size(360, 800)
	if got := page.Eval(`return document.documentElement.scrollWidth`); got != 360.0 {
		t.Errorf("at 360 px the page is %v px wide", got)
	}
	time.Sleep(200 * time.Millisecond)
	page.Picture(filepath.Join(pictures, "dashboard-phone.png"))

	page.Size(1500, 2300)
	for _, scheme := range []string{"light", "dark"} {
		page.Prefer(scheme)
		browsertest.Axe(t, page)
	}
	console()
}
