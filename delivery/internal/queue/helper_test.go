package queue

import "testing"

// check checks that the counters are consistent: every frame is delivered, queued or
// dropped.
func (s Stats) check(t testing.TB) {
	t.Helper()
	if s.In != s.Delivered+s.Queued+s.Oldest+s.Closed+s.Damaged {
		t.Errorf("inconsistent counters: %+v", s)
	}
	if (s.Queued == 0) != (s.QueuedBytes == 0) {
		t.Errorf("%d frames queued in %d bytes", s.Queued, s.QueuedBytes)
	}
}
