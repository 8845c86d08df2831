package collector

import (
	"io"
	"testing"
)

// A connection that waits in the backlog when the end begins is told of it, as
// the others are, so that its sender stops and what it sent is read.
func TestDrainBacklog(t *testing.T) {
	c, err := New(Options{Inputs: freeInputs()[:1], Page: PageOff})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	conn := dial(t, c, c.inputs[0].Title)
	c.inputs[0].drain()
	served := make(chan struct{})
	go func() { c.inputs[0].serve(Sink{c.queue, &c.refusals, c.fails.tell}); close(served) }()
	if _, err := io.ReadAll(conn); err != nil { // up to the FIN
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(frame("TTP_a", "the last") + "\x00")); err != nil {
		t.Fatal(err)
	}
	<-served
	if n := c.queue.len(); n != 1 {
		t.Errorf("%d records came, want 1", n)
	}
}
