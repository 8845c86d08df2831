package web_test

import (
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
)

func TestChartAxe(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	for _, scheme := range []string{"light", "dark"} {
		page.Prefer(scheme)
		t.Run(scheme, func(t *testing.T) { browsertest.Axe(t, page) })
	}
	page.Prefer("light")
	page.Keys("Tab", "ArrowRight", "Shift+ArrowRight", "Tab", "Enter")
	t.Run("in use", func(t *testing.T) { browsertest.Axe(t, page) })
	page.Size(360, 800)
	t.Run("phone", func(t *testing.T) { browsertest.Axe(t, page) })
}
