package sysmetric

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// A cgroup contains the limits and the usage of this process's control groups.
type cgroup struct {
	memoryLimit, memoryUsed uint64 // bytes; the limit is 0 without one

	cores   float64 // CPU seconds per second that the group may use; 0 without a limit
	cpuUsed float64 // CPU seconds since the group was created
}

// cgroupFiles describes the files of one version of control groups.
type cgroupFiles struct {
	memoryLimit, memoryUsed string // file names
	inactive                string // key in memory.stat
	cores                   func(dir string) (float64, error)
	cpuUsed                 func(dir string) (float64, error)
}

// cgroup2 is described in the kernel's Documentation/admin-guide/cgroup-v2.rst.
var cgroup2 = cgroupFiles{
	memoryLimit: "memory.max",
	memoryUsed:  "memory.current",
	inactive:    "inactive_file",
	cores: func(dir string) (float64, error) {
		fields, err := readFields(dir, "cpu.max") // "100000 100000", or "max 100000"
		if err != nil || len(fields) < 2 || fields[0] == "max" {
			return 0, err
		}
		return parseCores(dir, fields[0], fields[1])
	},
	cpuUsed: func(dir string) (float64, error) {
		usec, err := readStat(dir, "cpu.stat", "usage_usec")
		return float64(usec) / 1e6, err
	},
}

// cgroup1 is described in the kernel's Documentation/admin-guide/cgroup-v1.
var cgroup1 = cgroupFiles{
	memoryLimit: "memory.limit_in_bytes",
	memoryUsed:  "memory.usage_in_bytes",
	inactive:    "total_inactive_file",
	cores: func(dir string) (float64, error) {
		quota, err := readFields(dir, "cpu.cfs_quota_us") // "100000", or "-1"
		if err != nil || len(quota) == 0 || strings.HasPrefix(quota[0], "-") {
			return 0, err
		}
		period, err := readFields(dir, "cpu.cfs_period_us")
		if err != nil || len(period) == 0 {
			return 0, err
		}
		return parseCores(dir, quota[0], period[0])
	},
	cpuUsed: func(dir string) (float64, error) {
		nsec, err := readNumber(dir, "cpuacct.usage")
		return float64(nsec) / 1e9, err
	},
}

// noLimit is more memory than any host has. Version 1 writes its largest page
// number without a limit.
const noLimit = 1 << 62

// cgroup reads the control groups of this process. Without any, the result has no
// limits.
func (h host) cgroup(groups *cgroupDirs) (cgroup, error) {
	if err := groups.follow(h); err != nil {
		return cgroup{}, err
	}
	var c cgroup
	memoryErr := c.readMemory(groups)
	return c, errors.Join(memoryErr, c.readCPU(groups))
}

// cgroupDirs contains the directories of the groups of this process. Each list
// begins with the innermost group and ends with the visible root.
type cgroupDirs struct {
	seen         []byte // contents of proc/self/cgroup that the lists come from
	files        *cgroupFiles
	memory, cpu  []string
	cpuAccounted []string // version 1 may count CPU time in a separate tree
}

// follow updates the directories if the process has moved to other groups. Lines
// of proc/self/cgroup look like "4:memory:/docker/1a2b", and in version 2 like
// "0::/docker/1a2b".
func (d *cgroupDirs) follow(h host) error {
	data, err := os.ReadFile(filepath.Join(h.proc, "self/cgroup"))
	if err != nil {
		*d = cgroupDirs{}
		return ignoreAbsent(err)
	}
	if d.files != nil && bytes.Equal(d.seen, data) {
		return nil
	}
	*d = cgroupDirs{seen: data, files: &cgroup1}
	root := filepath.Join(h.sys, "fs/cgroup")
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[0] == "0" {
			if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err == nil {
				up := ancestors(root, parts[2])
				*d = cgroupDirs{data, &cgroup2, up, up, up}
				return nil
			}
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			if list := d.list(controller); list != nil {
				*list = ancestors(filepath.Join(root, controller), parts[2])
			}
		}
	}
	return nil
}

// list returns the list for a controller of version 1, or nil for a controller
// that is not read.
func (d *cgroupDirs) list(controller string) *[]string {
	switch controller {
	case "memory":
		return &d.memory
	case "cpu":
		return &d.cpu
	case "cpuacct":
		return &d.cpuAccounted
	}
	return nil
}

// ancestors returns the directories of a group and of the groups around it. In a
// container, the path of the group may be the one on the host, which does not
// exist in the mount. Then the mount itself is the container's group.
func ancestors(root, group string) []string {
	var dirs []string
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		dir := filepath.Join(root, group)
		if _, err := os.Stat(dir); err == nil {
			dirs = append(dirs, dir)
		}
		if group == "/" {
			return dirs
		}
	}
}

// readMemory reads the innermost group with a memory limit.
func (c *cgroup) readMemory(groups *cgroupDirs) error {
	for _, dir := range groups.memory {
		limit, err := readNumber(dir, groups.files.memoryLimit)
		if err != nil {
			return err
		}
		if limit == 0 || limit >= noLimit {
			continue
		}
		used, err := readNumber(dir, groups.files.memoryUsed)
		if err != nil {
			return err
		}
		inactive, err := readStat(dir, "memory.stat", groups.files.inactive)
		if err != nil {
			return err
		}
		c.memoryLimit, c.memoryUsed = limit, used-min(inactive, used)
		return nil
	}
	return nil
}

// readCPU reads the innermost group with a CPU quota.
func (c *cgroup) readCPU(groups *cgroupDirs) error {
	for i, dir := range groups.cpu {
		cores, err := groups.files.cores(dir)
		if err != nil {
			return err
		}
		if cores <= 0 || i >= len(groups.cpuAccounted) {
			continue
		}
		used, err := groups.files.cpuUsed(groups.cpuAccounted[i])
		if err != nil {
			return err
		}
		c.cores, c.cpuUsed = cores, used
		return nil
	}
	return nil
}

// readNumber reads a file with one number. It returns 0 if the file does not exist
// or contains "max".
func readNumber(dir, name string) (uint64, error) {
	fields, err := readFields(dir, name)
	if err != nil || len(fields) == 0 || fields[0] == "max" {
		return 0, err
	}
	return parseCount(dir, name, fields[0])
}

// readStat reads the number after a key in a file with one key per line.
func readStat(dir, name, key string) (uint64, error) {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0, ignoreAbsent(err)
	}
	for line := range bytes.Lines(data) {
		if value, ok := bytes.CutPrefix(line, []byte(key+" ")); ok {
			return parseCount(dir, name, string(bytes.TrimSpace(value)))
		}
	}
	return 0, nil
}

func readFields(dir, name string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, name))
	return strings.Fields(string(data)), ignoreAbsent(err)
}

// ignoreAbsent returns nil for missing files: controllers that are not in use.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func parseCount(dir, name, text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a count", filepath.Join(dir, name), text)
	}
	return n, nil
}

// parseCores returns the number of cores that a CPU quota per period equals.
func parseCores(dir, quota, period string) (float64, error) {
	q, err1 := strconv.ParseUint(quota, 10, 64)
	p, err2 := strconv.ParseUint(period, 10, 64)
	if err1 != nil || err2 != nil || p == 0 {
		return 0, fmt.Errorf("%s: invalid CPU quota %q per %q", dir, quota, period)
	}
	return float64(q) / float64(p), nil
}
