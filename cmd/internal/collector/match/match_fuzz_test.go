package match

import (
	"math/rand/v2"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// For any query and any records, the rows that a block returns as certain match, and
// all rows that match are among the possible ones.
func FuzzMatch(f *testing.F) {
	for i, q := range rowtest.Queries {
		f.Add(q, uint64(i), "foo")
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, message string) {
		m, err := Compile(text, record.StreamIndex)
		if err != nil {
			return
		}
		rows := rowtest.Random(rand.New(rand.NewPCG(seed, 1)), 20)
		rows[0].Message, rows[1].Fields = message, message
		rows[2].Fields = string(index.AppendFields(nil, map[string]any{"p": message, message: "foo"}))
		b := newTestBlock(rows)
		sure, maybe := m.Find(b)
		if b.Err != nil {
			t.Fatal(b.Err)
		}
		for i := range rows {
			if is := m.Match(&rows[i]); sure.Has(i) && !is || !maybe.Has(i) && is {
				t.Fatalf("%q: the block says %v, %v of %+v, want %v", text, sure.Has(i), maybe.Has(i), rows[i], is)
			}
		}
	})
}

// A malformed part of a block is an error and causes no panic.
func FuzzDecodePart(f *testing.F) {
	var builder index.Builder
	for name, data := range builder.Build(matchRows()) {
		f.Add(name, string(data))
	}
	f.Fuzz(func(t *testing.T, name, data string) {
		b := &index.Block{
			First: 1,
			Rows:  3,
			Load: func(names []string) (map[string]any, error) {
				part, err := index.DecodePart(names[0], data)
				return map[string]any{names[0]: part}, err
			},
		}
		if c := b.Column(name); c != nil {
			c.Where(func(v index.Value) bool { return v.Text() != "" })
			c.Present()
		}
		b.Vocabulary().EachContaining("a", func(int, string) {})
		b.Vocabulary().EachLong(func(int, string) {})
		b.Integers().Number("7")
		b.Postings(index.PartWordRows).AddTo(index.NewBitmap(3), 1)
		if t, known := b.Texts(); known {
			t.Phrase(index.TextAny, "\x04\x05")
			t.Phrase(index.TextMessage, "\x04")
			t.Where(func(_ byte, run string) bool { return hasWordOf(run, index.NewBitmap(9)) })
		}
	})
}
