package contentpack

import "github.com/aimakerspace/synlogger/role"

var (
	byTime   = []Pivot{{Field: "timestamp"}}
	byLogger = []Pivot{{Field: "logger", Limit: 15}}
	count    = []Series{{Function: "count"}}

	tableFields = []string{"timestamp", "source", "logger", "level_name", "gl2_remote_ip", "gl2_remote_port"}
	newestFirst = []Sort{{Field: "timestamp", Descending: true}}
	oldestFirst = []Sort{{Field: "timestamp"}}
)

const tableLimit = 150

// The colors of the original. Disks have one pair, the network has another.
const (
	grey  = "#90a4ae" // read
	lime  = "#cddc39" // written
	plum  = "#9c27b0" // received
	cyan  = "#00bcd4" // sent
	blush = "#ffcdd2"
)

// messageWidgets returns the widgets for a role whose records describe operations.
func messageWidgets(r role.Role) []Widget {
	return []Widget{
		{
			Title:    r.Name + " Message Sources",
			Kind:     KindPie,
			Position: Position{1, 1, 4, 4},
			Rows:     byLogger,
			Series:   count,
		},
		{
			Title:    r.Name + " Message Count",
			Kind:     KindBar,
			Position: Position{5, 1, 8, 4},
			Rows:     byTime,
			Columns:  byLogger,
			Series:   count,
		},
		table(r.Name+" Message Table", Position{1, 5, FullWidth, 5}),
	}
}

// sysmetricWidgets returns the widgets for host metrics. Counters are totals since
// boot, so the maximum is the newest value.
func sysmetricWidgets() []Widget {
	return []Widget{
		{Title: "CPU", Kind: KindLine, Position: Position{1, 1, FullWidth, 4}, Rows: byTime, Columns: byLogger,
			Series: []Series{{"avg", "cpu_percent", ""}}, Sort: oldestFirst},

		memory("Total Memory", "memory_total", 1, 5),
		memory("Memory Used", "memory_used", 7, 5),
		memory("Memory Available", "memory_available", 1, 9),
		memory("Free Memory", "memory_free", 7, 9),

		line("Disk Read/Write Count", Position{1, 13, 3, 4}, Series{"max", "disk_read_counter", grey},
			Series{"max", "disk_write_counter", lime}),
		line("Disk Read/Write Bytes", Position{4, 13, 3, 4}, Series{"stddev", "disk_read_bytes", grey},
			Series{"stddev", "disk_write_bytes", lime}),
		packetChart("Network Sent/Received Packets", Position{7, 13, 3, 4}, "net_external_"),
		byteChart("Network Sent/Received Bytes", Position{10, 13, 3, 4}, "net_external_"),

		{Title: "Message Sources", Kind: KindPie, Position: Position{1, 17, 4, 4}, Rows: byLogger, Series: count},
		{Title: "Message Count", Kind: KindBar, Position: Position{5, 17, 8, 4}, Rows: byTime,
			Series: []Series{{"count", "", blush}}, BarMode: "group", Events: true},
		table("Sysmetrics Message Table", Position{1, 21, FullWidth, 5}),

		rate("Disk Rate", 1, "disk_read_rate", "disk_write_rate"),
		rate("Network Rate", 7, "net_external_sent_rate", "net_external_recv_rate"),

		// Hosts with the Python package only have these network fields.
		packetChart("Network Packets with Loopback", Position{1, 30, 6, 4}, "net_"),
		byteChart("Network Bytes with Loopback", Position{7, 30, 6, 4}, "net_"),
	}
}

// table returns a table of the newest records.
func table(title string, at Position) Widget {
	return Widget{
		Title:    title,
		Kind:     KindMessages,
		Position: at,
		Fields:   tableFields,
		Limit:    tableLimit,
		Sort:     newestFirst,
	}
}

// packetChart returns a chart of the packets that all hosts receive and send.
func packetChart(title string, at Position, prefix string) Widget {
	return line(title, at, Series{"max", prefix + "packets_recv", plum}, Series{"max", prefix + "packets_sent", cyan})
}

// byteChart returns a chart of the bytes that all hosts receive and send.
func byteChart(title string, at Position, prefix string) Widget {
	return line(title, at, Series{"stddev", prefix + "bytes_recv", plum}, Series{"stddev", prefix + "bytes_sent", cyan})
}

// memory returns a chart of bytes that stacks the hosts.
func memory(title, field string, col, row int) Widget {
	return Widget{Title: title, Kind: KindBar, Position: Position{col, row, 6, 4}, Rows: byTime, Columns: byLogger,
		Series: []Series{{"avg", field, ""}}, BarMode: "stack", Events: true}
}

// line returns a chart of all hosts together.
func line(title string, at Position, series ...Series) Widget {
	return Widget{Title: title, Kind: KindLine, Position: at, Rows: byTime, Series: series, Events: true}
}

// rate returns a chart of bytes per second for each host.
func rate(title string, col int, fields ...string) Widget {
	w := Widget{Title: title, Kind: KindLine, Position: Position{col, 26, 6, 4}, Rows: byTime, Columns: byLogger,
		Sort: oldestFirst}
	for _, f := range fields {
		w.Series = append(w.Series, Series{"avg", f, ""})
	}
	return w
}
