package sysmetric

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// A reader reads the host and compares each reading with the one before. Its
// methods are safe for concurrent use. They do not hold the mutex while they read
// files, so readings do not wait for each other.
type reader struct {
	host host
	// window is the shortest time that a percentage or rate is measured over.
	// Readings within it repeat the last values, because the kernel counts CPU
	// time in ticks of 10 ms.
	window time.Duration

	mu       sync.Mutex
	repeats  bool // percentages and rates stay as they are, whatever time passes
	cpu      gauge[cpuTimes]
	disks    gauge[map[string]traffic]
	nets     gauge[map[string]traffic]
	external gauge[map[string]traffic]
	cgroup   gauge[cgroup]
	groups   cgroupDirs
	failing  map[string]bool // sources that could not be read the last time
}

// A source is one part of the host. If its read function fails, it adds no fields.
type source struct {
	name string
	read func(*reader, context.Context, *fields) error
}

// sources contains all sources in the order of the documentation.
var sources = [...]source{
	{"cpu", (*reader).readCPU},
	{"memory", (*reader).readMemory},
	{"disk", (*reader).readDisks},
	{"net", (*reader).readNets},
	{"cgroup", (*reader).readCgroup},
}

// A failure is a source that has become unreadable.
type failure struct {
	source string
	err    error
}

// repeat makes further readings repeat the last percentages and rates.
func (r *reader) repeat() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.repeats = true
}

// measure adds a sample to a gauge of r and returns the values to report.
func measure[T any](r *reader, g *gauge[T], sample T, compare compareFunc[T]) ([2]float64, bool) {
	at := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.repeats && g.known {
		return g.values, true
	}
	return g.add(sample, at, r.window, compare)
}

// read returns the hardware fields, and the sources that have become unreadable.
func (r *reader) read() ([]slog.Attr, []failure) {
	ctx := r.host.context()
	all := make(fields, 0, 26)
	var errs [len(sources)]error
	for i, s := range sources {
		errs[i] = s.recoveredRead(r, ctx, &all)
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	var failures []failure
	for i, s := range sources {
		switch {
		case errs[i] == nil:
			delete(r.failing, s.name)
		case !r.failing[s.name]:
			if r.failing == nil {
				r.failing = make(map[string]bool)
			}
			r.failing[s.name] = true
			failures = append(failures, failure{s.name, errs[i]})
		}
	}
	return all, failures
}

// recoveredRead returns an error if the source panics: gopsutil indexes the fields
// of a line before it counts them.
func (s source) recoveredRead(r *reader, ctx context.Context, all *fields) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the data of the system is invalid: %v", p)
		}
	}()
	return s.read(r, ctx, all)
}

func (r *reader) readCPU(ctx context.Context, all *fields) error {
	times, err := r.host.cpu(ctx)
	if err != nil {
		return err
	}
	percent, ok := measure(r, &r.cpu, times, busyPercent)
	if !ok {
		percent, _ = busyPercent(cpuTimes{}, times, 0) // since the host started
	}
	all.measure("cpu_percent", percent[0])
	return nil
}

func (r *reader) readMemory(ctx context.Context, all *fields) error {
	m, err := r.host.memory(ctx)
	if err != nil {
		return err
	}
	all.count("memory_total", m.total)
	all.count("memory_available", m.available)
	all.count("memory_used", m.used)
	all.count("memory_free", m.free)
	return nil
}

func (r *reader) readDisks(ctx context.Context, all *fields) error {
	disks, err := r.host.disks(ctx)
	if err != nil {
		return err
	}
	t := sum(disks)
	all.count("disk_read_counter", t.in)
	all.count("disk_write_counter", t.out)
	all.count("disk_read_bytes", t.inBytes)
	all.count("disk_write_bytes", t.outBytes)
	if rates, ok := measure(r, &r.disks, disks, trafficRates); ok {
		all.measure("disk_read_rate", rates[0])
		all.measure("disk_write_rate", rates[1])
	}
	return nil
}

func (r *reader) readNets(ctx context.Context, all *fields) error {
	nets, err := r.host.nets(ctx)
	if err != nil {
		return err
	}
	t := sum(nets)
	all.count("net_packets_sent", t.out)
	all.count("net_packets_recv", t.in)
	all.count("net_bytes_sent", t.outBytes)
	all.count("net_bytes_recv", t.inBytes)
	if rates, ok := measure(r, &r.nets, nets, trafficRates); ok {
		all.measure("net_sent_rate", rates[1])
		all.measure("net_recv_rate", rates[0])
	}
	external := withoutLoopback(nets)
	t = sum(external)
	all.count("net_external_packets_sent", t.out)
	all.count("net_external_packets_recv", t.in)
	all.count("net_external_bytes_sent", t.outBytes)
	all.count("net_external_bytes_recv", t.inBytes)
	if rates, ok := measure(r, &r.external, external, trafficRates); ok {
		all.measure("net_external_sent_rate", rates[1])
		all.measure("net_external_recv_rate", rates[0])
	}
	return nil
}

func (r *reader) readCgroup(_ context.Context, all *fields) error {
	r.mu.Lock()
	groups := r.groups
	r.mu.Unlock()
	c, err := r.host.cgroup(&groups)
	r.mu.Lock()
	r.groups = groups
	r.mu.Unlock()
	if err != nil {
		return err
	}
	if percent, ok := measure(r, &r.cgroup, c, quotaPercent); ok && c.cores > 0 {
		all.measure("cgroup_cpu_percent", percent[0])
	}
	if c.memoryLimit > 0 {
		all.count("cgroup_memory_limit", c.memoryLimit)
		all.count("cgroup_memory_used", c.memoryUsed)
	}
	return nil
}

type fields []slog.Attr

func (f *fields) count(key string, v uint64)    { *f = append(*f, slog.Uint64(key, v)) }
func (f *fields) measure(key string, v float64) { *f = append(*f, slog.Float64(key, v)) }
