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

// A host is where the counters of one machine are found. This file is the only
// one that knows gopsutil.
type host struct {
	proc, sys string
	elsewhere bool // proc is not that of this process
}

// thisHost follows the variables that gopsutil knows.
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

// cpuTimes are seconds of all cores since the start of the host.
type cpuTimes struct {
	busy [6]float64 // user, nice, system, irq, softirq, steal
	idle [2]float64 // idle, waiting for a disk
}

// memory is in bytes.
type memory struct {
	total, available, used, free uint64
}

// traffic is what has gone through one disk (in is what was read) or one
// network interface (in is what was received) since the start of the host.
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
	// A guest's time is part of user and nice already.
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
	// A disk that nothing has used yet is not among the results.
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

var errNoDisks = errors.New("the host has no disks of its own")

// wholeDisks returns the names of the disks to count; none for all there are.
func (h host) wholeDisks() ([]string, error) {
	if runtime.GOOS != "linux" {
		return nil, nil // gopsutil lists no partitions there
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

// derived reports whether a block device is made of others, whose counters it
// would double, or of memory.
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

// withoutLoopback returns the interfaces but for the loopback, which has what
// the host sends to itself.
func withoutLoopback(nets map[string]traffic) map[string]traffic {
	nets = maps.Clone(nets)
	maps.DeleteFunc(nets, func(name string, _ traffic) bool { return isLoopback(name) })
	return nets
}

// isLoopback reports whether the name is that of a loopback: "lo" on Linux,
// "lo0" on macOS and the BSDs, "Loopback Pseudo-Interface 1" on Windows.
func isLoopback(name string) bool {
	if number, ok := strings.CutPrefix(name, "lo"); ok {
		return strings.Trim(number, "0123456789") == ""
	}
	return strings.HasPrefix(name, "Loopback")
}

// interfaces reads the network of the host. Below another host's proc, net is
// that of the reader's own network namespace, and 1/net that of the host.
func (h host) interfaces(ctx context.Context) ([]net.IOCountersStat, error) {
	if h.elsewhere {
		first := filepath.Join(h.proc, "1/net/dev")
		if _, err := os.Stat(first); err == nil {
			return net.IOCountersByFileWithContext(ctx, true, first)
		}
	}
	return net.IOCountersWithContext(ctx, true)
}

// unreadable returns why nothing came of a file. gopsutil keeps that to itself.
func unreadable(path string) error {
	if _, err := os.ReadFile(path); err != nil {
		return err
	}
	return fmt.Errorf("%s has nothing to count", path)
}
