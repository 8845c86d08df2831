// Package panics describes recovered panics in error texts.
package panics

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Text returns the text of a panic's value, even if its methods panic too.
func Text(r any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a value of type %T", r)
		}
	}()
	return fmt.Sprint(r)
}

// Error returns an error for a callback that panicked while handling a record. Like
// [Describe], it must be called from the deferred function that recovers r.
func Error(step string, r any) error {
	return fmt.Errorf("handler: %s: its record or attributes are dropped", Describe(step, r))
}

// Describe returns which step panicked and where. It does not include the panic's
// value, which could contain text that the censor hides.
func Describe(step string, r any) string {
	return fmt.Sprintf("%s panicked in %s with %s", step, Site(), Kind(r))
}

// Kind returns the type of a panic's value. For a runtime error it returns the text
// without numbers.
func Kind(r any) string {
	re, ok := r.(runtime.Error)
	if !ok || !ofRuntime(re) {
		return fmt.Sprintf("a %T", r)
	}
	what, _, _ := strings.Cut(re.Error(), " [")
	return what
}

// ofRuntime reports whether the error is from package runtime. Any type can have the
// methods of [runtime.Error].
func ofRuntime(err runtime.Error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == "runtime"
}

// Site returns the function and line that panicked: on the stack, the first function
// outside the runtime after the call of panic. It must be called from the deferred
// function that recovers the panic.
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
