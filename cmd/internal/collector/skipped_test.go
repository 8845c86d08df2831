package collector_test

import (
	"net"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

// A skipped test does not leave a collector running.
func TestSkippedTestStopsCollector(t *testing.T) {
	var page string
	t.Run("skipped", func(t *testing.T) {
		c, _ := collectortest.StartStop(t, collector.Config{})
		page = strings.TrimSuffix(strings.TrimPrefix(c.PageURL(), "http://"), "/")
		t.Skip("as a test of the page is without a browser")
	})
	if conn, err := net.Dial("tcp", page); err == nil {
		conn.Close()
		t.Error("the collector of a skipped test still runs")
	}
	t.Run("stopped twice", func(t *testing.T) {
		_, stop := collectortest.StartStop(t, collector.Config{})
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
