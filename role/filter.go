package role

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
)

// AddAttrs returns a filter that adds attributes to each record. They replace attributes
// with the same name.
func AddAttrs(attrs ...slog.Attr) Filter {
	attrs = slices.Clone(attrs)
	return func(_ context.Context, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(attrs...)
		return r, true
	}
}

// Rename returns a filter that renames top-level attributes and groups from one key to
// another.
func Rename(from, to string) Filter {
	return func(_ context.Context, r slog.Record) (slog.Record, bool) {
		renamed := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == from {
				a.Key = to
			}
			renamed.AddAttrs(a)
			return true
		})
		return renamed, true
	}
}

// Drop returns a filter that drops the records for which a function returns true.
func Drop(drop func(slog.Record) bool) Filter {
	return func(_ context.Context, r slog.Record) (slog.Record, bool) { return r, !drop(r) }
}

// Sample returns a filter that keeps one of n records below Warn, and all others. If n is
// less than 2, it keeps all records.
func Sample(n int) Filter {
	var count atomic.Uint64
	return func(_ context.Context, r slog.Record) (slog.Record, bool) {
		if n < 2 || r.Level >= slog.LevelWarn {
			return r, true
		}
		return r, (count.Add(1)-1)%uint64(n) == 0
	}
}
