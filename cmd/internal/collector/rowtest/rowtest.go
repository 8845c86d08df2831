// Package rowtest makes records for tests.
package rowtest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// Simple returns n rows of a few loggers and levels, received one second apart from
// 1000 s on.
func Simple(n int) []index.Row {
	loggers := []string{"TTP_a", "WKR_a", "DIR_TTP_a", "other"}
	rows := make([]index.Row, n)
	for i := range rows {
		logger := loggers[i%len(loggers)]
		rows[i] = index.Row{
			Received: int64(1000+i) * 1000, Timestamp: int64(1000+i) * 1000, Level: i%7 + 1,
			Streams: StreamsOf(logger), Logger: logger, Source: "h", Message: fmt.Sprint("message ", i),
		}
	}
	return rows
}

// Random returns n rows whose values repeat and resemble each other.
func Random(r *rand.Rand, n int) []index.Row {
	texts := []string{
		"a",
		"A-b",
		"foo",
		"FOO bar",
		"fo",
		"TTP_a",
		"ttp_b",
		"wider than",
		"3",
		"3.5",
		"\x00\"\\",
		"größe",
		"",
		"x y z",
		"foobar",
		strings.Repeat("long", 40),
		"\xff\u212a",
	}
	rows := make([]index.Row, n)
	for i := range rows {
		pick := func() string { return texts[r.IntN(len(texts))] }
		fields := map[string]any{}
		for range r.IntN(4) {
			switch name := string(rune('p' + r.IntN(3))); r.IntN(3) {
			case 0:
				fields[name] = pick()
			case 1:
				fields[name] = int64(r.IntN(5))
			default:
				fields[name] = float64(r.IntN(5)) / 2
			}
		}
		if n > 300 && r.IntN(2) == 0 {
			fields[fmt.Sprint("f", r.IntN(400))] = pick()
		}
		logger := pick()
		rows[i] = index.Row{
			Received:    1,
			Timestamp:   int64(r.IntN(5)) * 1000,
			Level:       r.IntN(9) - 1,
			Streams:     StreamsOf(logger),
			Logger:      logger,
			Source:      pick(),
			Message:     pick() + " " + pick(),
			FullMessage: pick(),
			Fields: string(index.AppendFields(
				nil,
				fields,
			)),
		}
	}
	return rows
}

// Queries are queries about the rows of Random.
var Queries = []string{
	"foo", "f*", "*o", "f?o", "*o*", "fo*ar", "a-b", "A*b", "TTP_*", "*_a", `"foo bar"`, "x*z", "q:3", "q:>1", "q:foo",
	"q:f*", "r:*", "NOT r:3", "f17:a*", "_exists_:f3", "-f390:foo",
	"message:foo AND NOT full_message:a", "level:<=3", "source:foo", "timestamp:[* TO 1970-01-01T00:00:02Z}",
	"streams:TTP -foo", "(a OR 3) AND (foo OR q:2)", "long*", "*long", "k", "?", "wid* AND NOT ttp",
	`"x y z"`, `"foo foo"`, `message:"foo bar"`, `full_message:"a b" OR full_message:x*`, "_exists_:full_message",
	"message:*o?", "w*n", "-*5", "?5", "*b",
}

// Handled returns the kth of n records as the handlers of a Sysmetric and of TTPs send
// them, spread over five minutes.
func Handled(k, n int, began int64) index.Row {
	fields := map[string]any{
		"level_name": "INFO",
		"seq":        int64(k),
		"project":    "covid",
		"epoch":      int64(k % 100),
		"loss":       1 / float64(k+1),
	}
	logger, message := fmt.Sprint("TTP_hospital-", k%7), fmt.Sprint("Aligned model with participant number ", k)
	if k%2 == 0 {
		logger, message = fmt.Sprint("SYS_host-", k%5), "Probed system's hardware usage successfully."
		for j, name := range []string{
			"cpu_percent",
			"disk_read_rate",
			"disk_write_rate",
			"net_sent_rate",
			"net_recv_rate",
		} {
			fields[name] = float64(k%997) * float64(j+1) / 7
		}
		for j, name := range []string{
			"memory_total", "memory_used", "memory_available", "memory_free",
			"disk_read_counter", "disk_write_counter", "disk_read_bytes", "disk_write_bytes",
			"net_packets_recv", "net_packets_sent", "net_bytes_recv", "net_bytes_sent",
		} {
			fields[name] = int64(k) * int64(j+1) * 1000
		}
	}
	if k == n/2 {
		message = "needle"
	}
	fields["logger"], fields["event"] = logger, message
	ts := began + int64(k)*299_000/int64(n)
	return index.Row{
		Received:  ts,
		Timestamp: ts,
		Level:     6 - k%5,
		Streams:   StreamsOf(logger),
		Logger:    logger,
		Source:    "hospital-1",
		Message:   message,
		Fields:    string(index.AppendFields(nil, fields)), RemoteIP: "127.0.0.1", RemotePort: 4711, Input: "TTP Logs",
	}
}

// StreamsOf returns the streams of a record with a logger.
func StreamsOf(logger string) index.StreamSet {
	return record.Route(func(field string) string {
		if field == "logger" {
			return logger
		}
		return ""
	})
}
