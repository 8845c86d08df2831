package handler

import (
	"bytes"
	"expvar"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Publish shows the counters of the handler in expvar under a name. The error
// says that the name is taken.
func (h *Handler) Publish(name string) error {
	if expvar.Get(name) != nil {
		return fmt.Errorf("handler: %q is published in expvar already: choose another name", name)
	}
	expvar.Publish(name, expvar.Func(func() any { return h.Stats() }))
	return nil
}

// A metric is one counter in Prometheus.
type metric struct {
	name, kind, labels, help string
	value                    func(*Stats) uint64
}

var metrics = []metric{
	{"synlogger_records_accepted_total", "counter", "", "Records that were to be delivered.", func(s *Stats) uint64 { return s.Accepted }},
	{"synlogger_records_sent_total", "counter", "", "Records that have reached the server.", func(s *Stats) uint64 { return s.Sent }},
	{"synlogger_sent_bytes_total", "counter", "", "Bytes of the records that have reached the server.", func(s *Stats) uint64 { return s.SentBytes }},
	{"synlogger_records_dropped_total", "counter", `reason="queue_full"`, "Records that were lost.", func(s *Stats) uint64 { return s.Dropped.QueueFull }},
	{"synlogger_records_dropped_total", "counter", `reason="oldest"`, "", func(s *Stats) uint64 { return s.Dropped.Oldest }},
	{"synlogger_records_dropped_total", "counter", `reason="closed"`, "", func(s *Stats) uint64 { return s.Dropped.Closed }},
	{"synlogger_records_dropped_total", "counter", `reason="panic"`, "", func(s *Stats) uint64 { return s.Dropped.Panic }},
	{"synlogger_records_dropped_total", "counter", `reason="damaged"`, "", func(s *Stats) uint64 { return s.Dropped.Damaged }},
	{"synlogger_records_dropped_total", "counter", `reason="failed"`, "", func(s *Stats) uint64 { return s.Dropped.Failed }},
	{"synlogger_records_filtered_total", "counter", "", "Records that a filter took out.", func(s *Stats) uint64 { return s.Filtered }},
	{"synlogger_records_diverted_total", "counter", "", "Records that went to standard error.", func(s *Stats) uint64 { return s.Diverted }},
	{"synlogger_values_retyped_total", "counter", "", "Values of another kind than the first one of their key.",
		func(s *Stats) uint64 { return s.Retyped }},
	{"synlogger_records_redelivered_total", "counter", "", "Records that were sent again on a new connection.", func(s *Stats) uint64 { return s.Redelivered }},
	{"synlogger_connects_total", "counter", "", "Connections made.", func(s *Stats) uint64 { return s.Connects }},
	{"synlogger_queued_records", "gauge", "", "Records that wait.", func(s *Stats) uint64 { return s.Queued }},
	{"synlogger_spooled_records", "gauge", "", "Records that wait on disk.", func(s *Stats) uint64 { return s.Spooled }},
	{"synlogger_spool_bytes", "gauge", "", "Bytes of the spool on disk.", func(s *Stats) uint64 { return s.SpoolBytes }},
	{"synlogger_queued_bytes", "gauge", "", "Bytes of the records that wait.", func(s *Stats) uint64 { return s.QueuedBytes }},
}

// Metrics returns an [http.Handler] that shows the counters of handlers in the
// text format of Prometheus, each with the label logger.
func Metrics(handlers ...*Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		all := make([]Stats, len(handlers))
		for i, h := range handlers {
			all[i] = h.Stats()
		}
		var page bytes.Buffer
		for _, m := range metrics {
			if m.help != "" {
				fmt.Fprintf(&page, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
			}
			for i, h := range handlers {
				labels := []string{"logger=" + labelValue(h.opts.Logger)}
				if m.labels != "" {
					labels = append(labels, m.labels)
				}
				fmt.Fprintf(&page, "%s{%s} %s\n", m.name, strings.Join(labels, ","), strconv.FormatUint(m.value(&all[i]), 10))
			}
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Write(page.Bytes())
	})
}

// labelValue quotes a label's value as the text format wants it.
func labelValue(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
