package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func TestDashboardData(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "two"),
		collectortest.Frame("TTP_b", "three"), collectortest.Frame("DIR_x", "four"))
	collectortest.Await(t, c, search.Query{}, 4)
	var d dashboard.TabData
	collectortest.GetJSON(t, c, "/api/dashboard/data?tab=TTP+Analysis", &d)
	if len(d.Widgets) != 3 {
		t.Fatalf("widgets %+v", d.Widgets)
	}
	pie := d.Widgets[0].Table
	if fmt.Sprint(pie.Rows) != "[TTP_a TTP_b]" || *pie.Cells[0][0][0] != 2 || *pie.Cells[1][0][0] != 1 {
		t.Errorf("sources %+v", pie)
	}
	sum := 0.0
	for _, row := range d.Widgets[1].Table.Cells {
		for _, cell := range row {
			if cell[0] != nil {
				sum += *cell[0]
			}
		}
	}
	if sum != 3 || d.Widgets[1].Table.Interval != 5000 {
		t.Errorf("%v records over time, every %d ms", sum, d.Widgets[1].Table.Interval)
	}
	if r := d.Widgets[2].Records; len(r) != 3 || r[0].Message != "three" {
		t.Errorf("records %+v", r)
	}
}

// A table of the dashboard has the latest records by the time of the sender:
// those that come late, after an outage, are listed at their time.
func TestDashboardSortsByTimestamp(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	now := time.Now()
	at := func(ago time.Duration, message string) string {
		return fmt.Sprintf(
			`{"version":"1.1","host":"h","short_message":%q,"timestamp":%.3f,"_logger":"TTP_a","_big":"x"}`,
			message,
			float64(now.Add(-ago).UnixMilli())/1000,
		)
	}
	collectortest.Send(t, c, "TTP Logs", at(3*time.Second, "second"), at(2*time.Second, "third"),
		at(4*time.Second, "first, late"), at(time.Hour, "long ago"), at(2*time.Second, "fourth"))
	collectortest.Await(t, c, search.Query{}, 5)
	var d dashboard.TabData
	collectortest.GetJSON(t, c, "/api/dashboard/data?tab=TTP", &d)
	var got []string
	for _, w := range d.Widgets {
		for _, r := range w.Records {
			got = append(got, r.Message)
			if _, ok := r.Fields["big"]; ok {
				t.Errorf("the table has a field that it does not show: %v", r.Fields)
			}
		}
	}
	if diff := cmp.Diff([]string{"fourth", "third", "second", "first, late"}, got); diff != "" {
		t.Errorf("the table has (-want +got):\n%s", diff)
	}
}
