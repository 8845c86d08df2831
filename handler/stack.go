package handler

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// WithStack returns err with the stack of the goroutine that calls it, unless
// err has one already or is nil. An attribute with such an error puts the
// stack into the field full_message, as does one with any error that writes
// more for the verb %+v than its text.
func WithStack(err error) error {
	var have *stackError
	if err == nil || errors.As(err, &have) {
		return err
	}
	const deepest = 64
	callers := make([]uintptr, deepest)
	return &stackError{err, callers[:runtime.Callers(2, callers)]}
}

// A stackError is an error and where it was met.
type stackError struct {
	err     error
	callers []uintptr
}

func (e *stackError) Error() string { return e.err.Error() }

func (e *stackError) Unwrap() error { return e.err }

// Format writes the stack below the text for %+v, in the layout of a panic's.
func (e *stackError) Format(s fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(s, "%q", e.Error())
		return
	}
	io.WriteString(s, e.Error())
	if verb != 'v' || !s.Flag('+') {
		return
	}
	frames := runtime.CallersFrames(e.callers)
	for more := len(e.callers) > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Fprintf(s, "\n%s\n\t%s:%d", f.Function, f.File, f.Line)
	}
}
