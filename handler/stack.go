package handler

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// WithStack returns err with the stack of the calling goroutine. It returns err itself if
// that is nil or has a stack already. If such an error is the value of an attribute, the
// field full_message contains the stack. The same is true for other errors that print more
// than their text for the verb %+v.
func WithStack(err error) error {
	var have *stackError
	if err == nil || errors.As(err, &have) {
		return err
	}
	const deepest = 64
	callers := make([]uintptr, deepest)
	return &stackError{err, callers[:runtime.Callers(2, callers)]}
}

// A stackError is an error with a stack.
type stackError struct {
	err     error
	callers []uintptr
}

func (e *stackError) Error() string { return e.err.Error() }

func (e *stackError) Unwrap() error { return e.err }

// Format writes the text, and for %+v the stack below it, in the layout of a panic.
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
