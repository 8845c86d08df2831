// Package sysmetric adds hardware usage to log records: the host's cores, memory,
// disks and network.
//
// A [Handler] wraps another [slog.Handler], usually a Sysmetric handler of package
// role, and adds the hardware fields to every record. [Handler.Track] logs such a
// record immediately and then at a fixed interval, until the context is done or
// [Tracker.Terminate] is called. [Handler.Probe] logs one.
//
//	h := role.Sysmetric(role.Config{Name: "hospital-1"})
//	defer h.Close()
//	sys := sysmetric.New(h)
//	tracker, err := sys.Track(ctx, sysmetric.Target{Class: "Trainer"}, time.Second)
//
// # Fields
//
//	cpu_percent                busy share of all cores, 0 to 100
//	memory_total               bytes
//	memory_available           bytes that programs can get without swapping
//	memory_used                bytes, without buffers and caches
//	memory_free                bytes, unused
//	disk_read_counter          reads from whole disks
//	disk_write_counter         writes
//	disk_read_bytes
//	disk_write_bytes
//	disk_read_rate             bytes per second
//	disk_write_rate
//	net_packets_sent           on all interfaces, including the loopback
//	net_packets_recv
//	net_bytes_sent
//	net_bytes_recv
//	net_sent_rate              bytes per second
//	net_recv_rate
//	net_external_packets_sent  on all interfaces except the loopback, like all
//	net_external_packets_recv  fields with external
//	net_external_bytes_sent
//	net_external_bytes_recv
//	net_external_sent_rate     bytes per second
//	net_external_recv_rate
//	cgroup_cpu_percent         of the CPU time that the container may use
//	cgroup_memory_limit        bytes
//	cgroup_memory_used         bytes, without caches that the kernel can drop at once
//
// Counters are totals of the kernel since the host started. Rates and percentages
// are averages since the last reading of the same tracker, or of the same handler
// for other records. A first record has no rates, and its cpu_percent is the
// average since the host started, like the first line of vmstat. A reading less
// than 100 ms after the last one repeats its rates and percentages (less than half
// of the resolution, for a faster tracker), and so do the last records of a
// tracker.
//
// Disk counters include whole disks only: neither partitions nor devices made of
// disks or memory, such as loop devices, device mapper, RAID, ZFS volumes and zram.
// Network counters include every interface, so traffic that a bridge of containers
// forwards is counted on each of its interfaces. A record has the cgroup fields
// only if the process is in a control group (version 1 or 2) with such a limit.
//
// # Unreadable sources
//
// If a source cannot be read, its fields are missing. A WARNING record reports it
// once, and the fields return when the source does.
//
// # Containers
//
// HOST_PROC and HOST_SYS contain the paths at which proc and sysfs of the machine
// are mounted, for an agent in a container. The network fields are then those of
// the machine's first process, if the container can read them.
package sysmetric
