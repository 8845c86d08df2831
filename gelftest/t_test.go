package gelftest_test

import (
	"fmt"
	"testing"
)

// newT returns a test for an example, and the function that ends it.
func newT() (t testing.TB, end func()) {
	e := new(exampleT)
	return e, e.end
}

type exampleT struct {
	testing.TB
	cleanup []func()
}

func (t *exampleT) Helper()                   {}
func (t *exampleT) Cleanup(f func())          { t.cleanup = append(t.cleanup, f) }
func (t *exampleT) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (t *exampleT) end() {
	for _, f := range t.cleanup {
		f()
	}
}
