//go:build linux

package sysmetric

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRealCgroup runs a busy process in a control group that limits it to half a
// core and 256 MiB. The process prints what it reads.
func TestRealCgroup(t *testing.T) {
	if os.Getenv("SYSMETRIC_IN_CGROUP") != "" {
		printOwnCgroup()
		return
	}
	join := makeCgroup(t)
	cmd := exec.Command("/bin/sh", "-c", join+` exec "$0" -test.run '^TestRealCgroup$'`, os.Args[0])
	cmd.Env = append(os.Environ(), "SYSMETRIC_IN_CGROUP=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	var percent float64
	var limit, used uint64
	if _, err := fmt.Sscanf(line, "cgroup %f %d %d", &percent, &limit, &used); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	t.Logf("%.1f %% of half a core, %d of %d bytes", percent, used, limit)
	if limit != 256<<20 || used < 16<<20 || used > limit {
		t.Errorf("%d of %d bytes in use, want a little more than 32 MiB of %d", used, limit, 256<<20)
	}
	// A busy machine may give the process less than its quota, but never more.
	if percent < 10 || percent > 130 {
		t.Errorf("the process used %.1f %% of its CPU quota, want about 100", percent)
	}
}

// printOwnCgroup prints the usage of this process's control group in a busy second.
func printOwnCgroup() {
	block := make([]byte, 32<<20)
	for i := range block {
		block[i] = byte(i)
	}
	r := reader{host: thisHost()}
	r.read()
	for start, n := time.Now(), 0; time.Since(start) < time.Second; n++ {
		block[n%len(block)]++
	}
	all, failures := r.read()
	values := make(map[string]any)
	for _, a := range all {
		values[a.Key] = a.Value.Any()
	}
	fmt.Println("cgroup",
		values["cgroup_cpu_percent"], values["cgroup_memory_limit"], values["cgroup_memory_used"], failures)
	os.Exit(0)
}

// makeCgroup creates a control group and returns the shell commands that join it.
func makeCgroup(t *testing.T) (join string) {
	const root = "/sys/fs/cgroup"
	name := fmt.Sprintf("synlogger-test-%d", os.Getpid())
	write := func(dir, file, value string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0o644); err != nil {
			t.Skip("cannot limit a control group: ", err)
		}
	}
	mkdir := func(parts ...string) string {
		dir := filepath.Join(append([]string{root}, parts...)...)
		if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
			t.Skip("cannot create a control group: ", err)
		}
		t.Cleanup(func() { os.Remove(dir) })
		join += fmt.Sprintf("echo $$ > %s/cgroup.procs && ", dir)
		return dir
	}
	if _, err := os.Stat(root + "/cgroup.controllers"); err == nil {
		dir := mkdir(name)
		write(dir, "memory.max", "268435456")
		write(dir, "cpu.max", "50000 100000")
		return join
	}
	write(mkdir("memory", name), "memory.limit_in_bytes", "268435456")
	write(mkdir("cpu", name), "cpu.cfs_quota_us", "50000")
	mkdir("cpuacct", name)
	return join
}
