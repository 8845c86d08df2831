package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
)

// TestCollisions checks that keys which would become the same name are stored under
// different names, and that the order in which they are logged does not matter.
func TestCollisions(t *testing.T) {
	group := func(name string, members ...any) slog.Attr { return slog.Group(name, members...) }
	tests := []struct {
		name  string
		attrs attrs
		want  []string // names of the fields, in the order of the attributes
	}{
		{"another alphabet", attrs{slog.Int("имя", 1), slog.Int("вес", 2)}, []string{"____bbff12", "____f4c2ed"}},
		{"groups of another alphabet", attrs{group("имя", "a", 1), group("вес", "a", 2)},
			[]string{"____bbff12_a", "____f4c2ed_a"}},
		{"a dot", attrs{slog.Int("a.b", 1), slog.Int("a_b", 2)}, []string{"a_b_108bf50c", "a_b"}},
		{"two other characters", attrs{slog.Int("a.b", 1), slog.Int("a b", 2)}, []string{"a_b", "a_b_10a3f9f2"}},
		{"a group", attrs{group("a", "b", 1), slog.Int("a_b", 2)}, []string{"a_b_10f3abd2", "a_b"}},
		{"a group and a dot", attrs{group("a", "b", 1), slog.Int("a.b", 2)}, []string{"a_b", "a_b_108bf50c"}},
		{
			"a reserved name",
			attrs{slog.Int("source", 1), slog.Int("source_", 2)},
			[]string{"source__1bcf29d8", "source_"},
		},
		{"an underscore", attrs{slog.Int("_a", 1), slog.Int("a", 2)}, []string{"a_500b729d", "a"}},
		{"long keys", attrs{slog.Int(strings.Repeat("k", 600)+"1", 1), slog.Int(strings.Repeat("k", 600)+"2", 2)},
			[]string{field.FieldName(strings.Repeat("k", 600) + "1"), field.FieldName(strings.Repeat("k", 600) + "2")}},
		{"a value of another kind", attrs{slog.Int("k", 0), slog.String("k", "x"), slog.Int("k_text", 2)}, nil},
	}
	for _, tc := range tests {
		orders := []attrs{tc.attrs, slices.Clone(tc.attrs)}
		slices.Reverse(orders[1])
		for i, order := range orders {
			t.Run(fmt.Sprintf("%s/%d", tc.name, i), func(t *testing.T) {
				h, c := newCapture(t, Config{})
				var last stored
				// In separate records, in one record, and bound before the second key is known.
				for _, a := range order {
					handle(t, h, c, record("m", a))
				}
				for _, frame := range [][]byte{
					handle(t, h, c, record("m", order...)),
					handle(t, h.WithAttrs(order[:1]), c, record("m", order[1:]...)),
				} {
					got := fields(decode(t, frame))
					if last != nil && !maps.Equal(got, last) {
						t.Errorf("stored as %v and then as %v", last, got)
					}
					last = got
				}
				if tc.want == nil {
					return
				}
				for j, name := range tc.want {
					if last[name] != int64(j+1) {
						t.Errorf("%s is %v in %v", name, last[name], last)
					}
				}
			})
		}
	}
}

// TestCollisionInOneRecord checks that both values are stored if the first record of a
// handler has both keys, bound or not.
func TestCollisionInOneRecord(t *testing.T) {
	runStored(t, []storedTest{
		{
			name:  "in the call",
			attrs: attrs{slog.Int("a.b", 1), slog.Int("a_b", 2)},
			want:  stored{"a_b_108bf50c": int64(1), "a_b": int64(2)},
		},
		{
			name:  "one bound",
			with:  with(slog.Int("a.b", 1)),
			attrs: attrs{slog.Int("a_b", 2)},
			want:  stored{"a_b_108bf50c": int64(1), "a_b": int64(2)},
		},
		{
			name: "one bound in a group",
			with: func(h slog.Handler) slog.Handler {
				return h.WithGroup("a").WithAttrs(attrs{slog.Int("b", 1)})
			},
			attrs: attrs{slog.Int("b", 2)},
			want:  stored{"a_b": int64(2)},
		},
		{
			name:  "a long text",
			with:  with(slog.String("a.b", strings.Repeat("x", gelf.MaxField+1))),
			attrs: attrs{slog.String("a_b", "y")},
			want: stored{
				"a_b_108bf50c": strings.Repeat("x", gelf.MaxField),
				"a_b":          "y",
				"truncated":    "a_b_108bf50c",
			},
		},
		{
			name:  "with a field for other kinds",
			with:  with(slog.Int("k", 1)),
			attrs: attrs{slog.String("k", "x"), slog.Int("k_text", 2)},
			want:  stored{"k_text_b2f43e98": "x", "k_text": "2"},
		},
	})
}

// TestCollisionReport checks that OnError is called once for two keys with the same
// name.
func TestCollisionReport(t *testing.T) {
	var seen reports
	h, c := newCapture(t, Config{Delivery: delivery.Config{OnError: seen.add}})
	for range 3 {
		handle(t, h, c, record("m", slog.Int("a.b", 1), slog.Int("a_b", 2)))
	}
	const want = `handler: attribute "a.b" is stored as a_b_108bf50c: the key "a_b" is stored as a_b: use another key`
	if got := fmt.Sprint(seen.exactly(t, h, 1)[0]); got != want {
		t.Errorf("OnError was called with %q, want %q", got, want)
	}
}

// TestManyKeys checks that a handler reports when the index will soon be full, that it
// remembers a limited number of keys, and that records with further keys are sent.
func TestManyKeys(t *testing.T) {
	var seen reports
	h, c := newCapture(t, Config{Delivery: delivery.Config{OnError: seen.add}})
	for i := range 3 * field.MaxFields {
		key := fmt.Sprint("key", i)
		got := fields(decode(t, handle(t, h, c, record("m", slog.Int(key, i), slog.Group(key, "a", i)))))
		if len(got) != 2 {
			t.Fatalf("stored as %v", got)
		}
	}
	got := fields(decode(t, handle(t, h, c, record("m", slog.String("key0", "text")))))
	if _, ok := got["key0_text"]; !ok {
		t.Errorf("an early key was forgotten: %v", got)
	}
	errs := seen.exactly(t, h, 3)
	for _, want := range []error{ErrManyFields, ErrKeysUnchecked} {
		if !slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, want) }) {
			t.Errorf("OnError was not called with %v", want)
		}
	}
}

// TestFieldsConcurrent logs the same keys with values of all kinds and with collisions
// from several goroutines, and checks that each field has one type.
func TestFieldsConcurrent(t *testing.T) {
	h, c := newCapture(t, Config{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				key := fmt.Sprintf("k%d", i)
				r := record("m", slog.Any(key, kindsOfValues[(g+i)%len(kindsOfValues)].value),
					slog.Int(key+".b", 1), slog.Group(key, "b", 1), slog.Int(key+"_b", 1))
				if err := h.Handle(context.Background(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	types := make(map[string]string)
	for _, frame := range c.frames {
		stored := fields(decode(t, frame))
		if len(stored) != 4 {
			t.Errorf("stored as %v", stored)
		}
		for name, value := range stored {
			if is := indexType(value); types[name] == "" {
				types[name] = is
			} else if types[name] != is {
				t.Errorf("%s is %s after %s", name, is, types[name])
			}
		}
	}
}
