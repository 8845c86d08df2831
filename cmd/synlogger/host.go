package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"
)

// hostResolution is the time between two readings of the host.
const hostResolution = time.Second

// reportHost logs the host's metrics until the context ends.
func reportHost(ctx context.Context, log *slog.Logger, party string) {
	ticker := time.NewTicker(hostResolution)
	defer ticker.Stop()
	var last cpu.TimesStat
	for {
		var attrs []slog.Attr
		attrs, last = readHost(ctx, last)
		attrs = append(attrs, slog.Float64("resolution", hostResolution.Seconds()),
			slog.String("ID_path", "/srv/worker"), slog.String("ID_class", "Worker"), slog.String("ID_function", party))
		log.LogAttrs(ctx, slog.LevelInfo, "Probed system's hardware usage successfully.", attrs...)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// readHost returns the metrics of the host, without those that cannot be read.
func readHost(ctx context.Context, last cpu.TimesStat) ([]slog.Attr, cpu.TimesStat) {
	var attrs []slog.Attr
	if times, err := cpu.TimesWithContext(ctx, false); err == nil && len(times) == 1 {
		if last.CPU != "" {
			attrs = append(attrs, slog.Float64("cpu_percent", busyPercent(last, times[0])))
		}
		last = times[0]
	}
	if m, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		attrs = append(attrs, slog.Uint64("memory_total", m.Total), slog.Uint64("memory_available", m.Available),
			slog.Uint64("memory_used", m.Used), slog.Uint64("memory_free", m.Free))
	}
	if disks, err := disk.IOCountersWithContext(ctx); err == nil {
		var sum disk.IOCountersStat
		for name, d := range disks {
			if !wholeDisk(name) {
				continue
			}
			sum.ReadCount += d.ReadCount
			sum.WriteCount += d.WriteCount
			sum.ReadBytes += d.ReadBytes
			sum.WriteBytes += d.WriteBytes
		}
		attrs = append(attrs, slog.Uint64("disk_read_counter", sum.ReadCount), slog.Uint64("disk_write_counter", sum.WriteCount),
			slog.Uint64("disk_read_bytes", sum.ReadBytes), slog.Uint64("disk_write_bytes", sum.WriteBytes))
	}
	if nets, err := net.IOCountersWithContext(ctx, false); err == nil && len(nets) == 1 {
		n := nets[0]
		attrs = append(attrs, slog.Uint64("net_packets_sent", n.PacketsSent), slog.Uint64("net_packets_recv", n.PacketsRecv),
			slog.Uint64("net_bytes_sent", n.BytesSent), slog.Uint64("net_bytes_recv", n.BytesRecv))
	}
	return attrs, last
}

// busyPercent returns the share of all cores' time that was not idle between
// two samples.
func busyPercent(a, b cpu.TimesStat) float64 {
	total := cpuTotal(b) - cpuTotal(a)
	idle := b.Idle + b.Iowait - a.Idle - a.Iowait
	if total <= 0 {
		return 0
	}
	return min(max(100*(1-idle/total), 0), 100)
}

// cpuTotal leaves out the guests' time, which the kernel counts as user's too.
func cpuTotal(t cpu.TimesStat) float64 {
	return t.User + t.System + t.Idle + t.Nice + t.Iowait + t.Irq + t.Softirq + t.Steal
}

// wholeDisk reports whether a device is neither a partition, whose counters
// are in its disk's, nor made of others, as loop devices are.
func wholeDisk(name string) bool {
	if strings.HasPrefix(name, "loop") || strings.HasPrefix(name, "ram") || strings.HasPrefix(name, "dm-") || strings.HasPrefix(name, "md") {
		return false
	}
	sys := "/sys/block"
	if _, err := os.Stat(sys); err != nil {
		return true // not Linux: gopsutil lists disks alone
	}
	_, err := os.Stat(filepath.Join(sys, name))
	return err == nil
}
