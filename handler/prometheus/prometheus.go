// Package prometheus shows the counters of handlers in the text format of Prometheus.
//
//	http.Handle("/metrics", prometheus.Handler(h))
//
// For expvar, no package is needed:
//
//	expvar.Publish("synlogger", expvar.Func(func() any { return h.Stats() }))
package prometheus

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/handler"
)

// A metric is one counter in Prometheus.
type metric struct {
	name, kind, labels, help string
	value                    func(*handler.Stats) uint64
}

var metrics = []metric{
	{
		name:  "synlogger_records_accepted_total",
		kind:  "counter",
		help:  "Records to be delivered.",
		value: func(s *handler.Stats) uint64 { return s.Accepted },
	},
	{
		name:  "synlogger_records_sent_total",
		kind:  "counter",
		help:  "Records that have reached the server.",
		value: func(s *handler.Stats) uint64 { return s.Sent },
	},
	{
		name:  "synlogger_sent_bytes_total",
		kind:  "counter",
		help:  "Bytes of the records that have reached the server.",
		value: func(s *handler.Stats) uint64 { return s.SentBytes },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="queue_full"`,
		help:   "Lost records.",
		value:  func(s *handler.Stats) uint64 { return s.Dropped.QueueFull },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="oldest"`,
		value:  func(s *handler.Stats) uint64 { return s.Dropped.Oldest },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="closed"`,
		value:  func(s *handler.Stats) uint64 { return s.Dropped.Closed },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="panic"`,
		value:  func(s *handler.Stats) uint64 { return s.Panicked },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="damaged"`,
		value:  func(s *handler.Stats) uint64 { return s.Dropped.Damaged },
	},
	{
		name:   "synlogger_records_dropped_total",
		kind:   "counter",
		labels: `reason="failed"`,
		value:  func(s *handler.Stats) uint64 { return s.Dropped.Failed },
	},
	{
		name:  "synlogger_records_filtered_total",
		kind:  "counter",
		help:  "Records dropped by a filter.",
		value: func(s *handler.Stats) uint64 { return s.Filtered },
	},
	{
		name:  "synlogger_records_diverted_total",
		kind:  "counter",
		help:  "Records written to standard error because the handler was closed.",
		value: func(s *handler.Stats) uint64 { return s.Diverted },
	},
	{
		name:  "synlogger_values_retyped_total",
		kind:  "counter",
		help:  "Values of another kind than the first one of their key.",
		value: func(s *handler.Stats) uint64 { return s.Retyped },
	},
	{
		name:  "synlogger_records_redelivered_total",
		kind:  "counter",
		help:  "Records that were sent again on a new connection.",
		value: func(s *handler.Stats) uint64 { return s.Redelivered },
	},
	{
		name:  "synlogger_connects_total",
		kind:  "counter",
		help:  "Connections made.",
		value: func(s *handler.Stats) uint64 { return s.Connects },
	},
	{
		name:  "synlogger_queued_records",
		kind:  "gauge",
		help:  "Waiting records.",
		value: func(s *handler.Stats) uint64 { return s.Queued },
	},
	{
		name:  "synlogger_spooled_records",
		kind:  "gauge",
		help:  "Records waiting on disk.",
		value: func(s *handler.Stats) uint64 { return s.Spooled },
	},
	{
		name:  "synlogger_spool_bytes",
		kind:  "gauge",
		help:  "Bytes of the spool on disk.",
		value: func(s *handler.Stats) uint64 { return s.SpoolBytes },
	},
	{
		name:  "synlogger_queued_bytes",
		kind:  "gauge",
		help:  "Bytes of the waiting records.",
		value: func(s *handler.Stats) uint64 { return s.QueuedBytes },
	},
}

// A Source is a handler of package handler or role.
type Source interface {
	Stats() handler.Stats
	Logger() string
}

// Handler returns an [http.Handler] that shows the counters of the sources, each with the
// label logger.
func Handler(sources ...Source) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		all := make([]handler.Stats, len(sources))
		for i, h := range sources {
			all[i] = h.Stats()
		}
		var page bytes.Buffer
		for _, m := range metrics {
			if m.help != "" {
				fmt.Fprintf(&page, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
			}
			for i, h := range sources {
				labels := []string{"logger=" + labelValue(h.Logger())}
				if m.labels != "" {
					labels = append(labels, m.labels)
				}
				fmt.Fprintf(
					&page,
					"%s{%s} %s\n",
					m.name,
					strings.Join(labels, ","),
					strconv.FormatUint(m.value(&all[i]), 10),
				)
			}
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Write(page.Bytes())
	})
}

// labelValue quotes the value of a label.
func labelValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
