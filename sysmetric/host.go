package sysmetric

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"
)

// A host is the location of one machine's counters. Only this file uses gopsutil.
type host struct {
	proc, sys string // paths of proc and sysfs
	elsewhere bool   // proc is not the one of this process
}

// thisHost returns the host that HOST_PROC and HOST_SYS select, as gopsutil does.
func thisHost() host {
	h := host{proc: os.Getenv("HOST_PROC"), sys: os.Getenv("HOST_SYS")}
	h.elsewhere = h.proc != "" && filepath.Clean(h.proc) != "/proc"
	if h.proc == "" {
		h.proc = "/proc"
	}
	if h.sys == "" {
		h.sys = "/sys"
	}
	return h
}

func (h host) context() context.Context {
	return context.WithValue(context.Background(), common.EnvKey, common.EnvMap{
		common.HostProcEnvKey: h.proc,
		common.HostSysEnvKey:  h.sys,
	})
}

// cpuTimes contains seconds of all cores since the host started.
type cpuTimes struct {
	busy [6]float64 // user, nice, system, irq, softirq, steal
	idle [2]float64 // idle, waiting for a disk
}

// memory contains sizes in bytes.
type memory struct {
	total, available, used, free uint64
}

// traffic counts what was read from (in) and written to (out) a disk, or received
// by (in) and sent from (out) a network interface, since the host started.
type traffic struct {
	in, out           uint64 // operations or packets
	inBytes, outBytes uint64
}

func (h host) cpu(ctx context.Context) (cpuTimes, error) {
	all, err := cpu.TimesWithContext(ctx, false)
	if err == nil && len(all) == 0 {
		err = unreadable(filepath.Join(h.proc, "stat"))
	}
	if err != nil {
		return cpuTimes{}, err
	}
	// User and nice include the time of guests.
	t := all[0]
	return cpuTimes{
		busy: [...]float64{t.User, t.Nice, t.System, t.Irq, t.Softirq, t.Steal},
		idle: [...]float64{t.Idle, t.Iowait},
	}, nil
}

func (h host) memory(ctx context.Context) (memory, error) {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err == nil && m.Total == 0 {
		err = unreadable(filepath.Join(h.proc, "meminfo"))
	}
	if err != nil {
		return memory{}, err
	}
	return memory{m.Total, m.Available, m.Used, m.Free}, nil
}

func (h host) disks(ctx context.Context) (map[string]traffic, error) {
	names, err := h.wholeDisks()
	if err != nil {
		return nil, err
	}
	// The results do not include unused disks.
	all, err := disk.IOCountersWithContext(ctx, names...)
	if err == nil && len(all) == 0 {
		err = unreadable(filepath.Join(h.proc, "diskstats"))
	}
	if err != nil {
		return nil, err
	}
	disks := make(map[string]traffic, len(all))
	for name, d := range all {
		disks[name] = traffic{d.ReadCount, d.WriteCount, d.ReadBytes, d.WriteBytes}
	}
	return disks, nil
}

var errNoDisks = errors.New("the host has no local disks")

// wholeDisks returns the names of the disks to count, or nil for all disks.
func (h host) wholeDisks() ([]string, error) {
	if runtime.GOOS != "linux" {
		return nil, nil // gopsutil does not list partitions
	}
	dir, err := os.Open(filepath.Join(h.sys, "block"))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	all, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var whole []string
	for _, name := range all {
		if !derived(name) {
			whole = append(whole, name)
		}
	}
	if len(whole) == 0 {
		return nil, errNoDisks
	}
	return whole, nil
}

// derived reports whether a block device is made of memory, or of other devices
// whose traffic would be counted twice.
func derived(name string) bool {
	for _, prefix := range []string{"loop", "ram", "zram", "dm-", "md", "zd", "drbd", "bcache"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (h host) nets(ctx context.Context) (map[string]traffic, error) {
	all, err := h.interfaces(ctx)
	if err != nil {
		return nil, err
	}
	nets := make(map[string]traffic, len(all))
	for _, n := range all {
		nets[n.Name] = traffic{n.PacketsRecv, n.PacketsSent, n.BytesRecv, n.BytesSent}
	}
	return nets, nil
}

// withoutLoopback returns the interfaces except the loopback.
func withoutLoopback(nets map[string]traffic) map[string]traffic {
	nets = maps.Clone(nets)
	maps.DeleteFunc(nets, func(name string, _ traffic) bool { return isLoopback(name) })
	return nets
}

// isLoopback reports whether an interface is a loopback: "lo" on Linux, "lo0" on
// macOS and the BSDs, "Loopback Pseudo-Interface 1" on Windows.
func isLoopback(name string) bool {
	if number, ok := strings.CutPrefix(name, "lo"); ok {
		return strings.Trim(number, "0123456789") == ""
	}
	return strings.HasPrefix(name, "Loopback")
}

// interfaces reads the network interfaces of the host. In the proc of another host,
// net belongs to the network namespace of this process, and 1/net to the host.
func (h host) interfaces(ctx context.Context) ([]net.IOCountersStat, error) {
	if h.elsewhere {
		first := filepath.Join(h.proc, "1/net/dev")
		if _, err := os.Stat(first); err == nil {
			return net.IOCountersByFileWithContext(ctx, true, first)
		}
	}
	return net.IOCountersWithContext(ctx, true)
}

// unreadable returns why a file has no usable contents. gopsutil ignores such
// errors.
func unreadable(path string) error {
	if _, err := os.ReadFile(path); err != nil {
		return err
	}
	return fmt.Errorf("%s has nothing to count", path)
}
