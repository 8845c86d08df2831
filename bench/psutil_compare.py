#!/usr/bin/env python3
"""Compares the records of synlogger's Sysmetric agent with psutil.

    go build -o bin/synlogger ./cmd/synlogger
    pip install psutil
    python3 bench/psutil_compare.py bin/synlogger

It keeps the host under a steady load, lets the agent print its frames, and
reads psutil beside it. A counter of a probe has to be between psutil's of just
before and just after it, memory within 1 % of the total, and the CPU's share
within 5 points of psutil's over the same time. At the end it prints what one
reading costs psutil. The exit status is 0 if all agree.
"""

import json
import math
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time

import psutil

PROBES = 8
SYNTHETIC = ("loop", "ram", "zram", "dm-", "md", "zd", "drbd", "bcache")


def burn():
    x = 1.0
    while True:
        x = math.sin(x) + 1


def counters():
    """The fields that only grow, as the agent names them."""
    disks = [d for name, d in psutil.disk_io_counters(perdisk=True).items()
             if os.path.exists("/sys/block/" + name) and not name.startswith(SYNTHETIC)]
    net = psutil.net_io_counters()
    return {
        "disk_read_counter": sum(d.read_count for d in disks),
        "disk_write_counter": sum(d.write_count for d in disks),
        "disk_read_bytes": sum(d.read_bytes for d in disks),
        "disk_write_bytes": sum(d.write_bytes for d in disks),
        "net_packets_sent": net.packets_sent,
        "net_packets_recv": net.packets_recv,
        "net_bytes_sent": net.bytes_sent,
        "net_bytes_recv": net.bytes_recv,
    }


def memory():
    m = psutil.virtual_memory()
    # psutil 7 defines used as total - available, gopsutil as the kernel's free(1)
    # does: without buffers and caches.
    used = m.total - m.free - m.buffers - m.cached
    return {"memory_total": m.total, "memory_available": m.available, "memory_free": m.free, "memory_used": used}


def once(agent):
    """One record of the agent, and psutil's counters around it."""
    before = counters()
    out = subprocess.run([agent, "sysmetric", "--once", "--print"], check=True, capture_output=True, text=True).stdout
    return before, json.loads(out), counters(), memory()


def cpu(agent):
    """Pairs of the CPU's share by the agent and by psutil over the same second."""
    process = subprocess.Popen([agent, "sysmetric", "--every", "1s", "--print"], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        psutil.cpu_percent()
        for _ in range(PROBES):
            frame = json.loads(process.stdout.readline())
            yield frame["_cpu_percent"], psutil.cpu_percent()
    finally:
        process.terminate()
        process.wait()


def cost(calls=500):
    """CPU seconds and seconds of one reading by psutil."""
    def all_of_it():
        psutil.cpu_percent()
        psutil.virtual_memory()
        psutil.disk_io_counters(perdisk=True)
        psutil.net_io_counters(pernic=True)
    all_of_it()
    usage, clock = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    for _ in range(calls):
        all_of_it()
    clock = time.perf_counter() - clock
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return spent / calls, clock / calls


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    agent, wrong = sys.argv[1], 0
    load = multiprocessing.Process(target=burn, daemon=True)
    load.start()
    for n in range(PROBES):
        before, frame, after, mem = once(agent)
        for field in before:
            if not before[field] <= frame["_" + field] <= after[field]:
                wrong += 1
                print(f"{field}: {frame['_' + field]} is not between {before[field]} and {after[field]}")
        for field, value in mem.items():
            off = abs(frame["_" + field] - value) / mem["memory_total"]
            if off > 0.01:
                wrong += 1
                print(f"{field}: {frame['_' + field]} and {value} differ by {off:.1%} of the memory")
        print(f"probe {n + 1} of {PROBES}: counters and memory compared", flush=True)
    differences = []
    for ours, theirs in cpu(agent):
        differences.append(abs(ours - theirs))
        print(f"cpu_percent {ours:.1f}, psutil {theirs:.1f}", flush=True)
    # A single second is at the mercy of where it begins; most have to agree.
    if statistics.median(differences) > 5:
        wrong += 1
        print(f"cpu_percent differs by {statistics.median(differences):.1f} points")
    load.terminate()
    spent, clock = cost()
    print(f"psutil {psutil.__version__}: one reading takes {spent * 1e6:.0f} µs of CPU, {clock * 1e6:.0f} µs by the clock")
    print("all agree" if not wrong else f"{wrong} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
