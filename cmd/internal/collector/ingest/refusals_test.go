package ingest

import (
	"fmt"
	"testing"
)

// Many refused frames, each with another reason, take bounded memory.
func TestRefusalsAreBounded(t *testing.T) {
	var tl Refusals
	for i := range 1000 {
		tl.add(Refused{Reason: fmt.Sprint("reason ", i), Bytes: i})
	}
	reasons, newest := tl.Read()
	if len(reasons) != keepReasons+1 || reasons["other reasons"] != 1000-keepReasons {
		t.Errorf("%d reasons, %d others", len(reasons), reasons["other reasons"])
	}
	if len(newest) != keepRefused || newest[0].Bytes != 999 || newest[keepRefused-1].Bytes != 900 {
		t.Errorf("%d newest, from %d to %d", len(newest), newest[0].Bytes, newest[len(newest)-1].Bytes)
	}
}
