//go:build unix

package sysmetric

import (
	"context"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/net"

	"github.com/aimakerspace/synlogger/role"
)

// BenchmarkProbe measures a tracker's record, from the reading to the frame, and
// gopsutil's calls for the same counters, which list every device. bench/psutil.py
// measures psutil.
func BenchmarkProbe(b *testing.B) {
	b.Run("synlogger", func(b *testing.B) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantBasic, Writer: io.Discard})
		defer h.Close()
		t := &Tracker{
			handler: New(h),
			reader:  reader{host: thisHost()},
			attrs:   Target{Class: "Trainer"}.attrs(time.Second),
		}
		ctx := context.Background()
		measureCPU(b, func() error { return t.log(ctx, 0, msgProbed) })
	})
	b.Run("gopsutil", func(b *testing.B) {
		measureCPU(b, func() error {
			_, err := cpu.Times(false)
			if err == nil {
				_, err = mem.VirtualMemory()
			}
			if err == nil {
				_, err = disk.IOCounters()
			}
			if err == nil {
				_, err = net.IOCounters(true)
			}
			return err
		})
	})
}

// measureCPU reports the CPU time of a call, in user and system mode, besides the
// elapsed time.
func measureCPU(b *testing.B, call func() error) {
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-start).Microseconds())/float64(b.N), "cpu-µs/op")
}

func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
