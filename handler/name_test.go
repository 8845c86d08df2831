package handler

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/field"
)

// TestFieldNames checks the name under which each key is stored.
func TestFieldNames(t *testing.T) {
	var tests []storedTest
	for _, tc := range []struct{ key, want string }{
		{"a", "a"},
		{"A-b_c@9", "A-b_c@9"},
		{"a.b", "a_b"},
		{"a b", "a_b"},
		{"schlüssel", "schl_ssel"},
		{"世界", "___d651ff"},
		{"имя", "____bbff12"},
		{"имя1", "___1"},
		{"a\xff\"b", "a__b"},
		{"a\x00", "a_"},
		{"", "_"},
		{"_", "_"},
		{"_a", "a"},
		{"__a", "_a"},
		{"source", "source_"},
		{"message", "message_"},
		{"timestamp", "timestamp_"},
		{"level", "level_"},
		{"streams", "streams_"},
		{"host", "host_"},
		{"short_message", "short_message_"},
		{"full_message", "full_message_"},
		{"version", "version_"},
		{"facility", "facility_"},
		{"id", "id_"},
		{"logger", "logger_"},
		{"event", "event_"},
		{"level_name", "level_name_"},
		{"level_number", "level_number_"},
		{"seq", "seq_"},
		{"_source", "source_"},
		{"__source", "_source_"},
		{"__id", "_id_"},
		{"gl2_x", "gl2_x_"},
		{"line", "line"},
		{"file", "file"},
		{"type", "type"},
		{"index", "index"},
		{"ttl", "ttl"},
		{"file_path", "file_path"},
		{strings.Repeat("k", 100_000), strings.Repeat("k", field.MaxName-1-len("_f3f629")) + "_f3f629"},
	} {
		tests = append(tests, storedTest{
			name:  fmt.Sprintf("%.20q", tc.key),
			attrs: attrs{slog.Int(tc.key, 1)},
			want:  stored{tc.want: int64(1)},
		})
	}
	runStored(t, append(tests, []storedTest{
		{
			name:  "groups",
			attrs: attrs{slog.Group("a", "b", 1, slog.Group("c.d", "e", 2))},
			want:  stored{"a_b": int64(1), "a_c_d_e": int64(2)},
		},
		{
			name:  "a group whose member gets a reserved name",
			attrs: attrs{slog.Group("level", "name", 1), slog.Group("gl2", "x", 2), slog.Group("_", "id", 3)},
			want:  stored{"level_name_": int64(1), "gl2_x_": int64(2), "_id_": int64(3)},
		},
		{
			name:  "reserved names inside a group",
			attrs: attrs{slog.Group("a", "id", 1, "level", 2)},
			want:  stored{"a_id": int64(1), "a_level": int64(2)},
		},
		{
			name:  "groups without a key, or empty",
			attrs: attrs{slog.Group("", "a", 1), slog.Group("b"), slog.Group("c", slog.Group("d")), {}},
			want:  stored{"a": int64(1)},
		},
		{
			name: "open groups",
			with: func(h slog.Handler) slog.Handler {
				return h.WithAttrs(attrs{
					slog.Int("a", 1),
				}).WithGroup("").WithGroup("g").WithAttrs(attrs{slog.Int("b", 2)}).WithAttrs(nil).WithGroup("h")
			},
			attrs: attrs{slog.Int("c", 3)},
			want:  stored{"a": int64(1), "g_b": int64(2), "g_h_c": int64(3)},
		},
		{
			name: "an empty open group",
			with: func(h slog.Handler) slog.Handler { return h.WithGroup("g") },
			want: stored{},
		},
		{
			name:  "a number that cannot be stored, under a long key",
			attrs: attrs{slog.Float64(strings.Repeat("k", 600), math.NaN())},
			want:  stored{field.CutName(field.FieldName(strings.Repeat("k", 600)), "_text"): "NaN"},
		},
		{
			name:  "a number that cannot be stored, under a key with underscores",
			attrs: attrs{slog.Float64("__k", math.NaN())},
			want:  stored{"_k_text": "NaN"},
		},
	}...))
}

// TestIndexNames checks that no attribute is sent under a name that the index reserves for
// itself. The index would reject the record.
func TestIndexNames(t *testing.T) {
	for _, name := range []string{
		"_data_stream_timestamp",
		"_doc_count",
		"_field_names",
		"_id",
		"_ignored",
		"_index",
		"_nested_path",
		"_primary_term",
		"_routing",
		"_seq_no",
		"_source",
		"_version",
	} {
		runStored(t, []storedTest{
			{
				name:  "_" + name,
				attrs: attrs{slog.String("_"+name, "x")},
				want:  stored{name + "_": "x"},
			},
			{
				name:  "_." + name,
				attrs: attrs{slog.Group("_", name[1:], "x")},
				want:  stored{name + "_": "x"},
			},
		})
	}
}
