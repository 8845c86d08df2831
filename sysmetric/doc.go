// Package sysmetric reports what a party's host has and uses: its cores, its
// memory, its disks, its network.
//
// A [Handler] wraps the handler of a Sysmetric, and every record that is logged
// through it carries the hardware fields. Its [Handler.Track] logs such a
// record at once and then at a fixed interval, until the context ends or
// [Tracker.Terminate] is called.
//
//	h := role.Sysmetric(role.Config{Name: "hospital-1"})
//	defer h.Close()
//	sys := sysmetric.New(h)
//	tracker, err := sys.Track(ctx, sysmetric.Target{Class: "Trainer"}, time.Second)
//
// # Fields
//
// The totals are the kernel's since the start of the host, the rates and the
// percentages are over the time since the last reading of the same tracker, or
// of the same handler for records that are not a tracker's. As in the first
// line of vmstat, the first cpu_percent is that since the start of the host; a
// first record has no rates. A reading less than 100 ms after the last one
// repeats its rates and percentages (less than half of the resolution, for a
// faster tracker), and so do the records that a tracker logs at its end.
//
//	cpu_percent             busy share of all cores, 0 to 100
//	memory_total            bytes
//	memory_available        bytes that programs could have without swapping
//	memory_used             bytes, without buffers and caches
//	memory_free             bytes that nothing uses
//	disk_read_counter       reads from whole disks
//	disk_write_counter      writes
//	disk_read_bytes
//	disk_write_bytes
//	disk_read_rate          bytes a second
//	disk_write_rate
//	net_packets_sent        over all interfaces, the loopback among them
//	net_packets_recv
//	net_bytes_sent
//	net_bytes_recv
//	net_sent_rate           bytes a second
//	net_recv_rate
//	net_external_packets_sent  over all interfaces but the loopback, as are
//	net_external_packets_recv  all fields with external
//	net_external_bytes_sent
//	net_external_bytes_recv
//	net_external_sent_rate  bytes a second
//	net_external_recv_rate
//	cgroup_cpu_percent      of the CPU time that the container may use
//	cgroup_memory_limit     bytes
//	cgroup_memory_used      bytes, without caches that the kernel can drop at once
//
// Partitions are not counted beside their disk, nor what is made of disks or of
// memory: loop devices, device mapper, RAID, ZFS volumes, zram. Interfaces are all
// counted but for the loopback: what a bridge of containers passes on is counted
// for each of its interfaces. The cgroup
// fields stand only where the process is in a control group, of version 1 or 2,
// that has the limit in question.
//
// # Sources
//
// A source that cannot be read leaves its fields out. A WARNING record says so
// once, and the fields come back when the source does.
//
// HOST_PROC and HOST_SYS say where proc and sysfs of another host are mounted,
// for an agent in a container that looks at the machine below it. The network
// is then that of the machine's first process, if the container may see it.
package sysmetric
