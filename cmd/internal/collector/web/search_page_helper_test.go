package web_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// openSearch opens the search page with a query string and waits for its records.
func openSearch(t *testing.T, c *collector.Collector, query string, records int) (page *browsertest.Page, done func()) {
	t.Helper()
	page = browsertest.New(t, 1500, 900)
	done = page.Watch(c.PageURL())
	page.Open(c.PageURL() + "search" + query)
	untilRecords(page, records)
	return page, done
}

func untilRecords(page *browsertest.Page, n int) {
	page.Until(fmt.Sprint(n, " records"),
		fmt.Sprintf(`!document.querySelector("#results[aria-busy]") &&
			document.querySelectorAll(".records tr[data-id]").length === %d`, n))
}

// messages returns the messages of the list.
func messages(page *browsertest.Page) any {
	return page.Eval(`return [...document.querySelectorAll(".records tr[data-id] .text bdi")].map((e) => e.textContent)`)
}

// address returns a parameter of the page's address, nil if it is missing.
func address(page *browsertest.Page, name string) any {
	return page.Eval(script("((name) => new URLSearchParams(location.search).get(name))", name))
}

// logMany logs 60 records of two TTPs, and 40 of a Worker with ten errors.
func logMany(t *testing.T, c *collector.Collector) {
	t.Helper()
	for i := range 2 {
		collectortest.LogAs(t, c, "TTP", fmt.Sprint("ttp-", i), func(log *slog.Logger) {
			for n := range 30 {
				log.Info("Round started", "round", n, "project", "covid 19")
			}
		})
	}
	collectortest.LogAs(t, c, "Worker", "bank", func(log *slog.Logger) {
		for n := range 40 {
			if n%4 == 0 {
				log.Error("Upload failed", "round", n, "err", fmt.Errorf("connection %d lost", n))
			} else {
				log.Debug("not kept")
				log.Warn("Link is slow", "seconds", float64(n)/8)
			}
		}
	})
	collectortest.Await(t, c, search.Query{}, 100)
}
