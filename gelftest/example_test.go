package gelftest_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/aimakerspace/synlogger/gelftest"
)

func Example() {
	// In a test, t is the test's own.
	t := new(exampleTB)
	defer t.end()

	srv := gelftest.NewServer(t)
	c, err := net.Dial("tcp", srv.Addr())
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer c.Close()
	fmt.Fprint(c, `{"version":"1.1","host":"hospital-1","short_message":"Hello World!","_owner":"me","_ready":true}`, "\x00")

	got := srv.Wait(1)[0]
	fmt.Println(got.Message.Message, got.Source, got.Text("owner"))
	for _, f := range got.Findings {
		fmt.Println(f)
	}
	// Output:
	// Hello World! hospital-1 me
	// _ready dropped: boolean is not stored
}

// An exampleTB stands for the test that an example has not.
type exampleTB struct {
	testing.TB
	cleanup []func()
}

func (t *exampleTB) Helper()                   {}
func (t *exampleTB) Cleanup(f func())          { t.cleanup = append(t.cleanup, f) }
func (t *exampleTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (t *exampleTB) end() {
	for _, f := range t.cleanup {
		f()
	}
}
