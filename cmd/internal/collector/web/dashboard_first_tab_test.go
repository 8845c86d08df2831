package web_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

// The dashboard opens the first tab that has records, unless the address names one.
func TestDashboardFirstTab(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	page := browsertest.New(t, 1200, 900)
	opens := func(query, title string) {
		t.Helper()
		page.Open(c.PageURL() + query)
		page.Until(title, fmt.Sprintf(
			`document.querySelector("[role=tab][aria-selected=true]")?.textContent === %q`, title))
	}
	hello := func(log *slog.Logger) { log.Info("Hello World!") }
	collectortest.Send(t, c, "Test Logs", collectortest.Frame("other", "in the default stream"))
	collectortest.LogAs(t, c, "Worker", "bank", hello)
	opens("", "Worker Analysis")
	page.Until("its record", `document.querySelector(".message-row a")?.textContent === "Hello World!"`)
	opens("?tab=TTP", "TTP Analysis")
	collectortest.LogAs(t, c, "Director", "lead", hello)
	opens("", "Director Analysis")
}
