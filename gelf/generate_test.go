package gelf_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A generator returns frames to which several rules apply. Most of them are stored.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0))}
}

// one returns true with the probability 1/n.
func (g generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

// frame returns the next frame.
func (g generator) frame() []byte {
	members := g.standard()
	for range g.IntN(6) {
		members = append(members, g.additional())
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	if g.one(12) { // repeat a key with another value
		key, _, _ := strings.Cut(pick(g, members), ":")
		members = append(members, key+":"+g.value())
	}
	var b strings.Builder
	b.WriteString(g.space())
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(g.space() + m + g.space())
	}
	if g.one(12) {
		b.WriteByte(',')
	}
	b.WriteByte('}')
	if g.one(8) {
		b.WriteString(pick(g, []string{
			" ", "\n", "{", " 5", "null", "[1", `"x`, "}", "x", "5x", ",", "\t\r\n1 x", " tru", "-", "1e", "truefalse",
		}))
	}
	frame := b.String()
	if g.one(25) {
		frame = g.broken(frame)
	}
	return []byte(frame)
}

// broken damages a frame at one position. It does not insert a NUL, which would split
// the frame.
func (g generator) broken(frame string) string {
	at := g.IntN(len(frame))
	switch g.IntN(3) {
	case 0:
		return frame[:at]
	case 1:
		return frame[:at] + frame[at+1:]
	}
	return frame[:at] + string(rune(1+g.IntN(126))) + frame[at+1:]
}

func (g generator) space() string {
	if g.one(6) {
		return pick(g, []string{" ", "\n", "\t", "\r\n", "  "})
	}
	return ""
}

// standard returns standard members. Required ones are usually valid.
func (g generator) standard() []string {
	var members []string
	add := func(key, value string) { members = append(members, strconv.Quote(key)+g.space()+":"+g.space()+value) }
	switch {
	case !g.one(20):
		add("host", pick(g, []string{`"h"`, `"h"`, `"node-a.example"`, `" h "`, `"\u0001h"`, `"münchen"`}))
	case !g.one(3):
		add("host", g.value())
	}
	switch {
	case !g.one(20):
		add("short_message", pick(g, []string{
			`"m"`, `"Hello World!"`, `" m\n"`, `"世界 🚀"`, `"　"`, `"a\u0000b"`, `"\ud83d"`, "\"\xff\"", "\"a\x01\x1fb\"",
		}))
	case !g.one(3):
		add("short_message", g.value())
	}
	if g.one(6) {
		add("message", pick(g, []string{`"other"`, `" "`, `"　"`, g.value()}))
	}
	if g.one(2) {
		add("version", pick(g, []string{`"1.1"`, `"1.0"`, `2`, `null`}))
	}
	if !g.one(4) {
		add("timestamp", g.timestamp())
	}
	if !g.one(3) {
		add("level", pick(g, []string{
			"0", "3", "6", "7", "99", "-1", "3.5", `"4"`, `" 2 "`, `"5.5"`, "true", "false", "null", "2147483647",
			"2147483648", "4294967295", "1e1", `"1e1"`, `"0x10"`, `"+3"`, `""`, "[]",
		}))
	}
	for _, key := range []string{
		"full_message", "_full_message", "file", "facility", "line", "_file", "_line", "_facility", "_level",
	} {
		if !g.one(8) {
			continue
		}
		switch key {
		case "_file", "_facility":
			add(key, g.text())
		case "line", "_line", "_level":
			add(key, pick(g, []string{
				"1", "42", "-7", "9007199254740993", "18446744073709551615", `"12"`, `" 7 "`, `"3.5"`, "true",
			}))
		default:
			add(key, pick(g, []string{
				`"x"`, `" long\ntext "`, `""`, "null", "true", "1", "1.5", "1e7", "[1.0]", `{"a":"b"}`, g.text(),
			}))
		}
	}
	return members
}

func (g generator) timestamp() string {
	switch g.IntN(4) {
	case 0:
		return fmt.Sprint(1.7e9 + g.Float64()*1e7)
	case 1:
		return fmt.Sprintf("%.*f", g.IntN(8), 1.7e9+g.Float64()*1e7)
	case 2:
		return strconv.Quote(fmt.Sprintf("%.*f", g.IntN(8), 1.7e9+g.Float64()*1e7))
	}
	return pick(g, []string{
		"0", "-1", "0.0004", "0.0005", "1e-300", "1", "253402300799.9994", "253402300799.9995", "1e11", "1e300",
		`"now"`, `""`, `"2023-11-14"`, `"1e9"`, `"1_000"`, `"0x1p30"`, `"-Infinity"`, `"1e9f"`, "true", "null", "[]",
		"1700000000123",
	})
}

// additional returns an additional member. Ordinary names begin with the type of their
// value, because each field of the index has one type.
func (g generator) additional() string {
	var key, value string
	n := g.IntN(5)
	switch g.IntN(5) {
	case 0, 1:
		key, value = fmt.Sprint("t", n), g.text()
	case 2:
		key, value = fmt.Sprint("i", n), g.integer()
	case 3:
		key, value = fmt.Sprint("f", n), g.float()
	case 4:
		key, value = fmt.Sprint("j", n), g.container(0)
	}
	switch g.IntN(12) {
	case 0:
		key = pick(g, []string{
			"source", "message", "host", "short_message", "timestamp", "streams", "id", "_id", "_type", "_ttl",
			"_score", "gl2_source_input", "gl2_remote_port", "gl2_receive_timestamp", "a b", "ä", "a/b", "",
			"a\\u0000b", "version", "_source", "_index", "_all",
		})
		value = g.text()
	case 1:
		key = pick(g, []string{
			key + ".dot", "x." + key, key + "-", "@" + key, "_" + key, " " + key, key + " ", key + "\\n", "gl2_" + key,
		})
	case 2:
		value = pick(g, []string{"true", "false", "null", `""`, `" "`})
	}
	if !g.one(10) {
		key = "_" + key
	}
	return `"` + key + `"` + g.space() + ":" + g.space() + value
}

func (g generator) value() string {
	switch g.IntN(6) {
	case 0:
		return g.integer()
	case 1:
		return g.float()
	case 2:
		return g.container(0)
	case 3:
		return pick(g, []string{"true", "false", "null"})
	}
	return g.text()
}

func (g generator) integer() string {
	switch g.IntN(4) {
	case 0:
		return fmt.Sprint(g.IntN(1000))
	case 1:
		return fmt.Sprint(int64(g.Uint64()))
	case 2: // usually more than 64 bits
		return fmt.Sprintf("%d%020d", g.Uint64()|1, g.Uint64())
	}
	return pick(g, []string{
		"0", "-0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
		"18446744073709551616", "9007199254740993",
	})
}

// float returns a number with a decimal point or an exponent, usually in the range of the
// index.
func (g generator) float() string {
	switch g.IntN(5) {
	case 0:
		return strconv.FormatFloat(g.NormFloat64()*100, 'f', 1+g.IntN(6), 64)
	case 1: // a float32
		return strconv.FormatFloat(float64(math.Float32frombits(g.Uint32()&0x7F7F_FFFF)), 'e', -1, 64)
	case 2:
		return fmt.Sprintf("%d.%dE%+d", g.IntN(10), g.IntN(1000), g.IntN(60)-30)
	case 3:
		return strconv.FormatFloat(math.Ldexp(g.Float64(), g.IntN(160)-120), 'e', -1, 64)
	}
	return pick(g, []string{
		"0.0", "-0.0", "1.0", "0.001", "0.00099999", "9999999.0", "1e7", "1e-5", "2e23", "4.9e-324", "1e-400",
		"3.4028235e38", "3.40282356e38", "3.41e38", "1E400", "-1e400", "123456789012345680.0",
	})
}

func (g generator) text() string {
	if g.one(40) { // about as long as MaxField
		letter := pick(g, []string{"x", "é", "€", "😀"})
		n := 32_766/len(letter) + g.IntN(3) - 1
		return `"` + pick(g, []string{"", "", " "}) + strings.Repeat(letter, n) + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for range g.IntN(8) {
		b.WriteString(pick(g, []string{
			"a", "Z", "0", " ", "  ", "\t", "\x01", "\x1f", "\x7f", "é", "世界", "🚀", "　", "\u00a0", "\u2028", "\ufeff",
			"\ufffd", "<&>", "'", "/", `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`, `\u0000`, `\u0041`, `\u00E9`,
			`\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83dx`, `\uD83D\uD83D\uDE00`, `\u2029`, `\u001c`, `\u0085`, "\xff",
			"\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf0\x9f\x98", "\xc0\x80", "\xf4\x90\x80\x80",
		}))
	}
	b.WriteByte('"')
	if g.one(60) {
		return pick(g, []string{`"\x"`, `"\u12"`, `"\u123g"`, "'a'", `"`})
	}
	return b.String()
}

func (g generator) container(depth int) string {
	open, end := "[", "]"
	if g.one(2) {
		open, end = "{", "}"
	}
	var b strings.Builder
	b.WriteString(open)
	for i := range g.IntN(4) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(g.space())
		if open == "{" {
			b.WriteString(pick(g, []string{
				`"a"`, `"b"`, `"a.b"`, `""`, `"ä"`, `"\u0061"`, `"\ud83d"`, `"\n"`,
			}) + g.space() + ":")
		}
		switch {
		case depth < 4 && g.one(3):
			b.WriteString(g.container(depth + 1))
		case g.one(40):
			b.WriteString(pick(g, []string{"NaN", "01", "+1", "1.", ".5", "truex", "-"}))
		default:
			b.WriteString(pick(g, []func() string{g.integer, g.float, g.text, func() string {
				return pick(g, []string{
					"true", "false", "null",
				})
			}})())
		}
	}
	if g.one(15) {
		b.WriteByte(',')
	}
	b.WriteString(end)
	return b.String()
}
