package encode

import (
	"bytes"
	"log/slog"
	"runtime"

	"github.com/aimakerspace/synlogger/internal/field"
)

// A source is the location of a logging call and its encoded fields.
type source struct {
	pc uintptr
	slog.Source
	text    []byte        // the members file, line and function; empty if a value was cut or did not fit its field
	names   field.NameSet // of these members
	renames int64         // number of renames in the field table that text reflects
}

// addSource appends the location of the logging call.
func (e *Frame) addSource(pc uintptr) {
	if pc == 0 {
		return
	}
	if e.ReplaceAttr != nil {
		e.addReplacedSource(pc)
		return
	}
	const factor = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	slot := &e.sources[uint64(pc)*factor>>56]
	src := slot.Load()
	if src == nil || src.pc != pc || src.renames != e.renames {
		src = e.Format.newSource(pc)
		slot.Store(src)
	}
	if len(src.text) == 0 || src.renames != e.renames || e.names.Overlaps(&src.names) {
		e.addSourceFields(&src.Source)
		return
	}
	e.buf = append(e.buf, src.text...)
	e.names.AddAll(&src.names)
}

// newSource encodes the location of a logging call.
func (f *Format) newSource(pc uintptr) *source {
	src := &source{pc: pc, Source: sourceAt(pc)}
	e := newFrame(f)
	defer e.Free()
	e.applyRenames()
	retyped := f.Retyped()
	e.addSourceFields(&src.Source)
	if len(e.truncated) == 0 && f.Retyped() == retyped {
		src.text = bytes.Clone(e.buf)
	}
	src.names, src.renames = e.names, e.renames
	return src
}

func sourceAt(pc uintptr) slog.Source {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return slog.Source{Function: frame.Function, File: frame.File, Line: frame.Line}
}

// addReplacedSource appends what ReplaceAttr returns for the location.
func (e *Frame) addReplacedSource(pc uintptr) {
	src := sourceAt(pc)
	v := e.builtin(slog.Any(slog.SourceKey, &src))
	if v.Equal(slog.Value{}) {
		return
	}
	if s, ok := v.Any().(*slog.Source); ok && s != nil {
		e.addSourceFields(s)
		return
	}
	e.field("file", v)
}

func (e *Frame) addSourceFields(src *slog.Source) {
	e.field("file", slog.StringValue(src.File))
	e.field("line", slog.IntValue(src.Line))
	e.field("function", slog.StringValue(src.Function))
}
