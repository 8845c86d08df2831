package sysmetric

import (
	"runtime"
	"testing"

	"github.com/aimakerspace/synlogger/role"
)

// TestAllocs bounds what one record costs on a host of few devices. Nearly all
// of it is gopsutil's, which makes strings of the kernel's files.
func TestAllocs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads files of Linux")
	}
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Basic, Writer: new(lockedBuffer)})
	defer h.Close()
	tracker := &Tracker{handler: newHandler(h, newFakeHost(t, "cgroup2").host)}
	tracker.reader.host = tracker.handler.shared.reader.host
	const most = 200
	if n := testing.AllocsPerRun(100, func() { _ = tracker.log(t.Context(), 0, msgProbed) }); n > most {
		t.Errorf("%v allocations a record, want at most %d", n, most)
	} else {
		t.Logf("%v allocations a record", n)
	}
}
