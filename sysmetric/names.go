package sysmetric

import (
	"log/slog"
	"slices"
	"strings"
)

// hardwareKeys contains the keys of all hardware fields. Attributes of the
// application with such a key are renamed.
var hardwareKeys = func() map[string]bool {
	keys := make(map[string]bool)
	for _, key := range strings.Fields(`cpu_percent
		memory_total memory_available memory_used memory_free
		disk_read_counter disk_write_counter disk_read_bytes disk_write_bytes disk_read_rate disk_write_rate
		net_packets_sent net_packets_recv net_bytes_sent net_bytes_recv net_sent_rate net_recv_rate
		net_external_packets_sent net_external_packets_recv net_external_bytes_sent net_external_bytes_recv
		net_external_sent_rate net_external_recv_rate
		cgroup_cpu_percent cgroup_memory_limit cgroup_memory_used`) {
		keys[key] = true
	}
	return keys
}()

// renamed returns the attributes with a trailing underscore appended to each key
// of a hardware field. Package handler does the same to other reserved keys.
func renamed(attrs []slog.Attr) []slog.Attr {
	if !slices.ContainsFunc(attrs, isHardware) {
		return attrs
	}
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		switch {
		case hardwareKeys[a.Key]:
			attrs[i].Key += "_"
		case isHardware(a): // in a group without a name
			attrs[i].Value = slog.GroupValue(renamed(a.Value.Group())...)
		}
	}
	return attrs
}

func isHardware(a slog.Attr) bool {
	if a.Key == "" && a.Value.Kind() == slog.KindGroup {
		return slices.ContainsFunc(a.Value.Group(), isHardware)
	}
	return hardwareKeys[a.Key]
}
