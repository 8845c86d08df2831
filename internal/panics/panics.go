package panics

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// panicText returns what a panic said, even if that panics in turn.
func Text(r any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a value of type %T", r)
		}
	}()
	return fmt.Sprint(r)
}

// panicError returns the error for a callback that panicked over a record.
func Error(step string, r any) error {
	return fmt.Errorf("handler: %s: its record or attributes are dropped", Describe(step, r))
}

// panicked returns what panicked and where, but nothing of the panic's value: it
// could contain a text that the censor would have hidden.
func Describe(step string, r any) string {
	return fmt.Sprintf("%s panicked in %s with %s", step, Site(), Kind(r))
}

// panicKind names a panic's type, and the error of a panic of the runtime, but
// for the numbers in it.
func Kind(r any) string {
	re, ok := r.(runtime.Error)
	if !ok || !ofRuntime(re) {
		return fmt.Sprintf("a %T", r)
	}
	what, _, _ := strings.Cut(re.Error(), " [")
	return what
}

// ofRuntime reports whether the error is one of package runtime's: any type can
// have its methods.
func ofRuntime(err runtime.Error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == "runtime"
}

// panicSite returns the function and line that panicked, which on the stack is
// the first outside of the runtime behind the call of panic.
func Site() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf("%s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
