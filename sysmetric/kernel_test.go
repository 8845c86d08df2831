//go:build linux

package sysmetric

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/role"
)

// A kernel contains the counters in proc and sysfs, read by the test itself.
type kernel struct {
	busy, total float64            // ticks
	meminfo     map[string]float64 // bytes
	disk, net   [4]float64         // counters, then bytes
	external    [4]float64         // net without the loopback
}

var kernelFields = []struct {
	prefix string
	names  [4]string // as in kernel
	rates  []string  // of the last two names
	of     func(kernel) [4]float64
}{
	{
		prefix: "disk_",
		names:  [4]string{"read_counter", "write_counter", "read_bytes", "write_bytes"},
		rates:  []string{"disk_read_rate", "disk_write_rate"},
		of:     func(k kernel) [4]float64 { return k.disk },
	},
	{
		prefix: "net_",
		names:  [4]string{"packets_sent", "packets_recv", "bytes_sent", "bytes_recv"},
		rates:  []string{"net_sent_rate", "net_recv_rate"},
		of:     func(k kernel) [4]float64 { return k.net },
	},
	{
		prefix: "net_external_",
		names:  [4]string{"packets_sent", "packets_recv", "bytes_sent", "bytes_recv"},
		rates:  []string{"net_external_sent_rate", "net_external_recv_rate"},
		of:     func(k kernel) [4]float64 { return k.external },
	},
}

func readKernel(t *testing.T) (k kernel) {
	t.Helper()
	lines := func(path string) (lines [][]string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			lines = append(lines, strings.Fields(strings.ReplaceAll(line, ":", " ")))
		}
		return lines
	}
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, ticks := range lines("/proc/stat")[0][1:9] {
		k.total += number(ticks)
		if i != 3 && i != 4 { // idle and iowait
			k.busy += number(ticks)
		}
	}
	k.meminfo = make(map[string]float64)
	for _, f := range lines("/proc/meminfo") {
		k.meminfo[f[0]] = number(f[1]) * 1024
	}
	for _, f := range lines("/proc/diskstats") {
		// Whole disks are connected to a bus.
		at, err := os.Readlink(filepath.Join("/sys/block", f[2]))
		if err != nil || strings.Contains(at, "/virtual/") {
			continue
		}
		for i, column := range []int{3, 7, 5, 9} {
			n := number(f[column])
			if i >= 2 {
				n *= 512
			}
			k.disk[i] += n
		}
	}
	for _, f := range lines("/proc/net/dev")[2:] {
		for i, column := range []int{10, 2, 9, 1} {
			k.net[i] += number(f[column])
			if f[0] != "lo" {
				k.external[i] += number(f[column])
			}
		}
	}
	return k
}

// TestAgreesWithKernel keeps the host busy for ten seconds and compares a record
// with the kernel's counters just before and after it.
func TestAgreesWithKernel(t *testing.T) {
	const length = 10 * time.Second
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	defer h.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	work := busy(ctx, t)

	log := slog.New(New(h))
	log.Info("first")
	first, start := readKernel(t), time.Now()
	time.Sleep(length)
	before := readKernel(t)
	log.Info("last")
	after, elapsed := readKernel(t), time.Since(start).Seconds()
	last := h.Records()[1]
	cancel()
	work.Wait()

	percent := func(a, b kernel) float64 { return 100 * (b.busy - a.busy) / (b.total - a.total) }
	got, want := number(last.Fields["cpu_percent"]), percent(first, after)
	t.Logf("cpu_percent %.2f, by the kernel %.2f", got, want)
	if math.Abs(got-want) > 2 {
		t.Errorf("cpu_percent is %.2f, the kernel has %.2f", got, want)
	}
	if got := number(last.Fields["memory_total"]); got != after.meminfo["MemTotal"] {
		t.Errorf("memory_total is %.0f, the kernel has %.0f", got, after.meminfo["MemTotal"])
	}
	used := func(k kernel) float64 {
		m := k.meminfo
		return m["MemTotal"] - m["MemFree"] - m["Buffers"] - m["Cached"] - m["SReclaimable"]
	}
	for field, want := range map[string]float64{
		"memory_free":      after.meminfo["MemFree"],
		"memory_available": after.meminfo["MemAvailable"],
		"memory_used":      used(after),
	} {
		if got := number(last.Fields[field]); math.Abs(got-want) > 0.01*after.meminfo["MemTotal"] {
			t.Errorf("%s is %.0f, the kernel has %.0f", field, got, want)
		}
	}
	for _, source := range kernelFields {
		lo, hi, base := source.of(before), source.of(after), source.of(first)
		for i, name := range source.names {
			if got := number(last.Fields[source.prefix+name]); got < lo[i] || got > hi[i] {
				t.Errorf("%s%s is %.0f, the kernel has %.0f just before and %.0f just after",
					source.prefix, name, got, lo[i], hi[i])
			}
		}
		for i, name := range source.rates {
			got, want := number(last.Fields[name]), (hi[2+i]-base[2+i])/elapsed
			t.Logf("%s %.0f, by the kernel %.0f", name, got, want)
			if math.Abs(got-want) > 0.05*want+4096 {
				t.Errorf("%s is %.0f, the kernel has %.0f", name, got, want)
			}
		}
	}
}

// busy computes on half of the cores, writes to a disk and sends over the loopback until
// ctx is done.
func busy(ctx context.Context, t *testing.T) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range (runtime.NumCPU() + 1) / 2 {
		wg.Go(func() {
			for x := 1.0; ctx.Err() == nil; {
				for range 1 << 16 {
					x = math.Sin(x) + 1
				}
			}
		})
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "written"))
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() {
		defer file.Close()
		for block := make([]byte, 1<<20); ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
			if _, err := file.WriteAt(block, 0); err != nil {
				t.Error(err)
				return
			}
			_ = file.Sync() // not supported by every file system
		}
	})
	sink, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { sink.Close() })
	wg.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			_, _ = sink.WriteTo(fmt.Append(nil, n), sink.LocalAddr())
			time.Sleep(time.Millisecond)
		}
	})
	return &wg
}
