package sysmetric

import (
	"runtime"
	"testing"

	"github.com/aimakerspace/synlogger/role"
)

// TestAllocs limits the allocations per record on a host with few devices. Nearly
// all are in gopsutil, which converts the kernel's files to strings.
func TestAllocs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads files that only Linux has")
	}
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantBasic, Writer: new(lockedBuffer)})
	defer h.Close()
	tracker := &Tracker{handler: newHandler(h, newFakeHost(t, "cgroup2").host)}
	tracker.reader.host = tracker.handler.shared.reader.host
	const limit = 200
	if n := testing.AllocsPerRun(100, func() { _ = tracker.log(t.Context(), 0, msgProbed) }); n > limit {
		t.Errorf("%v allocations per record, want at most %d", n, limit)
	} else {
		t.Logf("%v allocations per record", n)
	}
}
