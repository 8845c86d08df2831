package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// maxWord is the length to which words are truncated.
const maxWord = 128

// wordyRows returns records whose texts use few words, in many orders.
func wordyRows(r *rand.Rand, n int) []index.Row {
	words := []string{"a", "A", "b", "c", "ab", "7", "ß"}
	marks := []string{" ", ", ", "-", "\n", "_"}
	text := func(most int) string {
		var b strings.Builder
		for range r.IntN(most) {
			word := words[r.IntN(len(words))]
			switch r.IntN(50) {
			case 0, 1, 2, 3:
				word = fmt.Sprint("id", r.IntN(5000)) // numbers that take several bytes
			case 4:
				word = strings.Repeat("x", maxWord+r.IntN(2)) // equal words, once they are truncated
			}
			b.WriteString(word + marks[r.IntN(len(marks))])
		}
		return b.String()
	}
	rows := make([]index.Row, n)
	for i := range rows {
		fields := map[string]any{"t": text(4), "n": int64(r.IntN(10) - 5)}
		rows[i] = index.Row{
			Received: 1,
			Message:  text(7),
			Source:   "a b",
			Fields:   string(index.AppendFields(nil, fields)),
			Streams:  rowtest.StreamsOf(""),
		}
		if r.IntN(3) == 0 {
			rows[i].FullMessage = text(7)
		}
		if r.IntN(5) == 0 {
			rows[i].Fields = string(index.AppendFields(nil, map[string]any{"t": rows[i].Message}))
		}
	}
	return rows
}

// wordyQueries returns queries for phrases and for fields that are texts.
func wordyQueries(r *rand.Rand) []string {
	long := strings.Repeat("x", maxWord)
	words := []string{"a", "b", "c", "ab", "7", "ß", long, long + "z"}
	var all []string
	for i := range 24 {
		phrase := make([]string, 2+i%2)
		for j := range phrase {
			phrase[j] = words[r.IntN(len(words))]
		}
		quoted := `"` + strings.Join(phrase, " ") + `"`
		all = append(all, []string{"", "message:", "full_message:", "NOT ", "t:* AND ", "a-b OR "}[i/2%6]+quoted)
	}
	return append(all, `"a a"`, `"a a a"`, `"b c a 7 ß"`, "a-b", "message:a", "full_message:ab", "message:a*",
		"full_message:*b", "message:nowhere", "7", "3", "3 AND NOT 4", "message:x*y", `message:""`,
		"_exists_:full_message", "NOT _exists_:full_message", "full_message:a AND NOT message:a")
}

// wordyPatterns may match whole values, for which a block has no certain answer.
var wordyPatterns = []string{
	"a*b", "b*c*7", "?b", "a?b", "*a-b", "a*ab*", "?b*c?", `\-?`, "?4", "*ß*x*", "7*x*", "x*7", "*_", "a_*",
}

// A block finds the same rows for a phrase as the matcher, and all of them are
// certain. In a block without texts, the search reads the records.
func TestPhrasesMatchLikeRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := testStore(t)
	rows := wordyRows(r, index.BlockRows)
	if _, err := s.Write(rows, math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	queries := append(wordyQueries(r), wordyPatterns...)
	want := make([]index.Bitmap, len(queries))
	for q, text := range queries {
		want[q] = index.NewBitmap(len(rows))
		m := filterFor(t, storeQuery{Text: text}).Match
		for i := range rows {
			if m.Match(&rows[i]) {
				want[q].Set(i)
			}
		}
	}
	check := func(with string, sure bool) {
		for q, text := range queries {
			snap := s.Snapshot(filterFor(t, storeQuery{Text: text}))
			b := s.block(t.Context(), snap.blocks[0])
			if got, err := snap.resolve(t.Context(), b, nil); err != nil || !slices.Equal(got, want[q]) {
				t.Errorf("%s, %.99s: %d rows, %v; want %d", with, text, got.Count(), err, want[q].Count())
			}
			certain, maybe := snap.Match.Find(b)
			if open := maybe.Without(certain); sure && !open.IsEmpty() && !slices.Contains(wordyPatterns, text) {
				t.Errorf("%s, %.99s: the block is not sure of %d rows", with, text, open.Count())
			}
		}
	}
	check("with texts", true)
	age(t, s, rows)
	check("without texts", false)
}

// age gives the only block of a store its form before there were texts, with all words
// in one vocabulary.
func age(t *testing.T, s *Store, rows []index.Row) {
	t.Helper()
	var words []string
	rowsOf := make(map[string][]int)
	for i := range rows {
		add := func(text string) {
			for _, word := range index.Words(text) {
				have, known := rowsOf[word]
				if !known {
					words = append(words, word)
				}
				if !known || have[len(have)-1] != i {
					rowsOf[word] = append(have, i)
				}
			}
		}
		add(rows[i].Message)
		add(rows[i].FullMessage)
		rows[i].EachField(func(name string, v index.Value) bool {
			if name != index.StreamsColumn {
				add(v.SearchText())
			}
			return true
		})
	}
	vocabulary := "\x00" + strings.Join(words, "\x00") + "\x00"
	offsets := make([]byte, 4*(len(words)+1))
	var lists []byte
	for i, word := range words {
		binary.LittleEndian.PutUint32(offsets[4*i:], uint32(len(offsets)+len(lists)))
		last := -1
		for _, row := range rowsOf[word] {
			lists = binary.AppendUvarint(lists, uint64(row-last-1))
			last = row
		}
	}
	binary.LittleEndian.PutUint32(offsets[4*len(words):], uint32(len(offsets)+len(lists)))
	for name, data := range map[string][]byte{" tokens": []byte(vocabulary), " postings": append(offsets, lists...)} {
		if _, err := s.writer.Exec("UPDATE part SET sum = NULL, data = ? WHERE name = ?", data, name); err != nil {
			t.Fatal(err)
		}
	}
	const later = "' texts', ' text postings', ' integers', ' integer postings'"
	if _, err := s.writer.Exec("DELETE FROM part WHERE name IN (" + later + ")"); err != nil {
		t.Fatal(err)
	}
	s.parts = partCache{}
}

// If parts of a block are missing or do not fit, a search returns an error and not an
// empty result.
func TestDamagedBlock(t *testing.T) {
	for _, damage := range []struct{ sql, query string }{
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", " tokens"), "message"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", " postings"), "message"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", " text postings"), `"message 1"`},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", " integer postings"), "4711"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = substr(data, 2) WHERE name = %q", " tokens"), "message"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = substr(data, 5) WHERE name = %q", " postings"), "message"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = x'01' WHERE name = %q", " texts"), `"message 1"`},
		{
			fmt.Sprintf("UPDATE part SET sum = NULL, data = x'00000000' WHERE name = %q", " text postings"),
			`"message 1"`,
		},
		{"UPDATE part SET sum = NULL, data = substr(data, 1, length(data) - 2) WHERE name = 'level'", "level:3"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", " timestamp"), "timestamp:1970-01-01"},
	} {
		s := testStore(t)
		rows := rowtest.Simple(index.BlockRows)
		rows[0].RemotePort = 4711
		if _, err := s.Write(rows, math.MaxInt, math.MaxInt); err != nil {
			t.Fatal(err)
		}
		if _, err := s.writer.Exec(damage.sql); err != nil {
			t.Fatal(err)
		}
		snap := s.Snapshot(filterFor(t, storeQuery{Text: damage.query}))
		if err := snap.Descend(t.Context(), func(int64, *index.Row) bool { return true }); err == nil {
			t.Errorf("after %s a search finds no fault", damage.sql)
		}
		if n, err := numberOf(t, snap); err == nil {
			t.Errorf("after %s there are %d records", damage.sql, n)
		}
	}
}
