package collector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wordyRows are records whose texts are of few words, so that each row of words
// is in many of them, in each order.
func wordyRows(r *rand.Rand, n int) []row {
	words := []string{"a", "A", "b", "c", "ab", "7", "ß"}
	marks := []string{" ", ", ", "-", "\n", "_"}
	text := func(most int) string {
		var b strings.Builder
		for range r.IntN(most) {
			word := words[r.IntN(len(words))]
			switch r.IntN(50) {
			case 0, 1, 2, 3:
				word = fmt.Sprint("id", r.IntN(5000)) // numbers of several bytes
			case 4:
				word = strings.Repeat("x", maxToken+r.IntN(2)) // the same word, as it is cut off
			}
			b.WriteString(word + marks[r.IntN(len(marks))])
		}
		return b.String()
	}
	rows := make([]row, n)
	for i := range rows {
		fields := map[string]any{"t": text(4), "n": int64(r.IntN(10) - 5)}
		rows[i] = row{received: 1, message: text(7), source: "a b", fields: string(appendFields(nil, fields)), streams: routeLogger("")}
		if r.IntN(3) == 0 {
			rows[i].fullMessage = text(7)
		}
		if r.IntN(5) == 0 {
			rows[i].fields = string(appendFields(nil, map[string]any{"t": rows[i].message}))
		}
	}
	return rows
}

// wordyQueries are about words in a row, and the fields that are texts.
func wordyQueries(r *rand.Rand) []string {
	long := strings.Repeat("x", maxToken)
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
	return append(all, `"a a"`, `"a a a"`, `"b c a 7 ß"`, "a-b", "message:a", "full_message:ab", "message:a*", "full_message:*b", "message:nowhere", "7", "3", "3 AND NOT 4", "message:x*y", `message:""`,
		"_exists_:full_message", "NOT _exists_:full_message", "full_message:a AND NOT message:a")
}

// wordyPatterns may match a value as a whole, which a block is not sure of.
var wordyPatterns = []string{"a*b", "b*c*7", "?b", "a?b", "*a-b", "a*ab*", "?b*c?", `\-?`, "?4", "*ß*x*", "7*x*", "x*7", "*_", "a_*"}

// Words in a row are found by a block as they are by the matcher, and for sure.
// A block that was written before it had texts finds them by the records.
func TestPhrasesAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := newStore(t)
	rows := wordyRows(r, blockRows)
	if _, err := s.write(rows, noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	queries := append(wordyQueries(r), wordyPatterns...)
	want := make([]bitmap, len(queries))
	for q, text := range queries {
		want[q] = newBitmap(len(rows))
		m := filterOf(t, Query{Text: text}).match
		for i := range rows {
			if m.match(&rows[i]) {
				want[q].set(i)
			}
		}
	}
	check := func(with string, sure bool) {
		for q, text := range queries {
			sp := s.span(filterOf(t, Query{Text: text}))
			b := s.block(t.Context(), sp.blocks[0])
			if got, err := sp.resolve(t.Context(), b, nil); err != nil || !slices.Equal(got, want[q]) {
				t.Errorf("%s, %.99s: %d rows, %v; want %d", with, text, got.count(), err, want[q].count())
			}
			certain, maybe := sp.match.find(b)
			if open := maybe.without(certain); sure && !open.empty() && !slices.Contains(wordyPatterns, text) {
				t.Errorf("%s, %.99s: the block is not sure of %d rows", with, text, open.count())
			}
		}
	}
	check("with texts", true)
	age(t, s, rows)
	check("without texts", false)
}

// age makes the only block of a store what it was before there were texts: all
// words are in one vocabulary.
func age(t *testing.T, s *store, rows []row) {
	t.Helper()
	var words vocabularyBuilder
	words.reset()
	for i := range rows {
		index := func(text string) {
			eachToken(text, nil, func(word []byte) bool { words.rows.add(words.number(word), i); return true })
		}
		index(rows[i].message)
		index(rows[i].fullMessage)
		rows[i].eachValue(func(name string, v value) bool {
			if name != streamsColumn {
				index(v.words())
			}
			return true
		})
	}
	for name, data := range map[string][]byte{wordPart: words.words, wordRowsPart: words.rows.encode(len(rows))} {
		if _, err := s.writer.Exec("UPDATE part SET sum = NULL, data = ? WHERE name = ?", data, name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.writer.Exec("DELETE FROM part WHERE name IN (?, ?, ?, ?)", textPart, textRowsPart, intPart, intRowsPart); err != nil {
		t.Fatal(err)
	}
	s.parts = partCache{}
}

// A block whose parts are not there, or do not fit, is an error: it does not say
// that nothing matches.
func TestDamagedBlock(t *testing.T) {
	for _, damage := range []struct{ sql, query string }{
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", wordPart), "message"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", wordRowsPart), "message"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", textRowsPart), `"message 1"`},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", intRowsPart), "4711"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = substr(data, 2) WHERE name = %q", wordPart), "message"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = substr(data, 5) WHERE name = %q", wordRowsPart), "message"},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = x'01' WHERE name = %q", textPart), `"message 1"`},
		{fmt.Sprintf("UPDATE part SET sum = NULL, data = x'00000000' WHERE name = %q", textRowsPart), `"message 1"`},
		{"UPDATE part SET sum = NULL, data = substr(data, 1, length(data) - 2) WHERE name = 'level'", "level:3"},
		{fmt.Sprintf("DELETE FROM part WHERE name = %q", timePart), "timestamp:1970-01-01"},
	} {
		s := newStore(t)
		rows := someRows(blockRows)
		rows[0].remotePort = 4711
		if _, err := s.write(rows, noLimit, noLimit); err != nil {
			t.Fatal(err)
		}
		if _, err := s.writer.Exec(damage.sql); err != nil {
			t.Fatal(err)
		}
		sp := s.span(filterOf(t, Query{Text: damage.query}))
		if err := sp.descend(t.Context(), func(int64, *row) bool { return true }); err == nil {
			t.Errorf("after %s a search finds no fault", damage.sql)
		}
		if n, err := count(t.Context(), sp, noLimit); err == nil {
			t.Errorf("after %s there are %d records", damage.sql, n)
		}
	}
}
