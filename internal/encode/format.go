package encode

import (
	"log/slog"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/internal/field"
)

// Config configures a [Format].
type Config struct {
	Host   string
	Logger string // not sent if empty

	AddSource      bool // fields file, line and function
	AddEvent       bool
	AddLevelName   bool
	AddLevelNumber bool

	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr
	Censor      *censor.Rules

	// Report is called with errors. ReportKey is called once for each key that is
	// not stored under its own name, or whose values differ in kind. Both must be
	// safe for concurrent use.
	Report    func(error)
	ReportKey func(key, field, problem string)
}

// A Format encodes the records of a handler and of all handlers made from it. Its
// methods are safe for concurrent use.
type Format struct {
	Config
	head   []byte    // beginning of a frame, up to the text of the message
	levels [4][]byte // encoded members for the levels Debug, Info, Warn and Error
	fields *field.Table
	simple bool // ReplaceAttr is nil

	sources [256]atomic.Pointer[source] // a cache, by a hash of the location
}

// New returns a format.
func New(cfg Config) *Format {
	f := &Format{
		Config: cfg,
		head:   newHead(cfg.Host, cfg.Logger),
		fields: field.NewTable(cfg.Censor.HidesKey, cfg.Report, cfg.ReportKey),
		simple: cfg.ReplaceAttr == nil,
	}
	for i := range f.levels {
		e := &Frame{Format: f}
		f.levels[i] = e.appendLevelMembers(nil, slog.Level(4*i)+slog.LevelDebug, "")
	}
	return f
}

// Retyped returns the number of values that did not fit the first value of their key.
func (f *Format) Retyped() uint64 { return f.fields.Retyped.Load() }

// Encode returns the frame of a record: the attributes of b, those from the context,
// and those of the record in the open groups of b. It skips the first attributes of the
// record, which are in b. Call [Frame.Free] after use.
func (f *Format) Encode(r *slog.Record, seq uint64, b *Bound, fromContext []slog.Attr, skip int) *Frame {
	e := f.begin(r, seq, b)
	for _, a := range fromContext {
		e.attr(a)
	}
	e.enter(b)
	r.Attrs(func(a slog.Attr) bool {
		if skip > 0 {
			skip--
			return true
		}
		e.attr(a)
		return true
	})
	e.end()
	return e
}

// EncodeFields returns the frame of a record with the fields of a map instead of its
// attributes. The fields are outside all groups, and ReplaceAttr does not see them.
func (f *Format) EncodeFields(r *slog.Record, seq uint64, b *Bound, fields map[string]any) *Frame {
	e := f.begin(r, seq, b)
	e.extra(fields)
	e.end()
	return e
}

// EncodeOwn returns the frame of a record that the handler itself logs. It has only
// these attributes, and ReplaceAttr does not see it.
func (f *Format) EncodeOwn(r *slog.Record, seq uint64, attrs ...slog.Attr) *Frame {
	own := &Format{Config: f.Config, head: f.head, levels: f.levels, fields: f.fields, simple: true}
	own.ReplaceAttr = nil
	e := newFrame(own)
	e.builtins(r, seq)
	for _, a := range attrs {
		e.member(a.Key, a.Value)
	}
	e.end()
	return e
}

// begin returns a frame with everything except the attributes of the record.
func (f *Format) begin(r *slog.Record, seq uint64, b *Bound) *Frame {
	e := newFrame(f)
	e.builtins(r, seq)
	e.bound(b)
	if f.AddSource {
		e.addSource(r.PC)
	}
	return e
}
