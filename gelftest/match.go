package gelftest

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// An expectation is the record that a test expects.
type expectation struct {
	message string
	fields  []expectedField
}

// An expectedField is a field of an expected record; a nil value means that the
// record must not have the field.
type expectedField struct {
	name  string
	value any
}

// newExpectation ends the test if args are not pairs of a name and a value.
func newExpectation(t testing.TB, message string, args []any) expectation {
	t.Helper()
	want := expectation{message: message}
	for i := 0; i < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok || i+1 == len(args) {
			t.Fatalf("gelftest: Expect: argument %v is not followed by a value or not a name: "+
				`give pairs of a name and a value, such as "owner", "me"`, args[i])
		}
		want.fields = append(want.fields, expectedField{name, args[i+1]})
	}
	return want
}

func (e expectation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", e.message)
	for i, f := range e.fields {
		if i == 0 {
			b.WriteString(" with")
		}
		fmt.Fprintf(&b, " %s=%s", f.name, literal(f.value))
	}
	return b.String()
}

func (e expectation) matches(m gelf.Message) bool {
	if m.Message != e.message {
		return false
	}
	for _, f := range e.fields {
		if !f.matches(m) {
			return false
		}
	}
	return true
}

// nearest returns the index of the record that differs least, or -1 without any
// records. A record with the expected message is nearer than any other.
func (e expectation) nearest(messages []gelf.Message) int {
	best, bestScore := -1, int64(-1)
	for i, m := range messages {
		var score int64
		for _, f := range e.fields {
			if f.matches(m) {
				score += 1 << 20
			}
		}
		if m.Message == e.message {
			score += 1 << 40
		} else {
			score += int64(min(commonPrefix(m.Message, e.message), 1<<20-1))
		}
		if score >= bestScore { // of equal ones the newest
			best, bestScore = i, score
		}
	}
	return best
}

// commonPrefix returns how many bytes two texts have in common at their start.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// report describes records that do not contain the expected one.
func (e expectation) report(messages []gelf.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "no record %v after %v", e, WaitTimeout)
	i := e.nearest(messages)
	if i < 0 {
		b.WriteString("; 0 records in total")
		return b.String()
	}
	m := messages[i]
	fmt.Fprintf(&b, "\n\tnearest of %d records: %q", len(messages), m.Message)
	for _, f := range e.fields {
		if f.matches(m) {
			continue
		}
		got, ok := m.Field(f.name)
		switch {
		case !ok:
			fmt.Fprintf(&b, "\n\t\t%s is missing, want %s", f.name, literal(f.value))
		case f.value == nil:
			fmt.Fprintf(&b, "\n\t\t%s is %s, want no such field", f.name, literal(got))
		default:
			fmt.Fprintf(&b, "\n\t\t%s is %s, want %s", f.name, literal(got), literal(f.value))
		}
	}
	return b.String()
}

// literal formats a value such that texts are in quotes: 3 and "3" differ.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case error:
		return strconv.Quote(v.Error())
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

func (f expectedField) matches(m gelf.Message) bool {
	got, ok := m.Field(f.name)
	if !ok || f.value == nil {
		return !ok && f.value == nil
	}
	switch got := got.(type) {
	case string:
		return equalText(got, f.value)
	case int64:
		return equalNumber(new(big.Float).SetInt64(got), f.value)
	case float64:
		return !math.IsNaN(got) && equalNumber(big.NewFloat(got), f.value)
	case time.Time:
		want, ok := f.value.(time.Time)
		return ok && got.Sub(want).Abs() < time.Millisecond
	}
	return false
}

// equalText reports whether a stored text is the text of a value. A number has no text,
// except if its type has a String or Error method.
func equalText(got string, want any) bool {
	switch want := want.(type) {
	case string:
		return got == want
	case bool:
		return got == strconv.FormatBool(want)
	case time.Time:
		t, err := time.Parse(time.RFC3339, got)
		return err == nil && t.Equal(want)
	case error:
		return got == want.Error()
	case fmt.Stringer:
		return got == want.String()
	}
	v := reflect.ValueOf(want)
	return v.Kind() == reflect.String && got == v.String()
}

// equalNumber reports whether a stored number is equal to a value of any numeric
// type.
func equalNumber(got *big.Float, want any) bool {
	if d, ok := want.(time.Duration); ok {
		seconds, _ := got.Float64()
		return math.Abs(seconds-d.Seconds()) < 0.5e-9+1e-15*math.Abs(seconds)
	}
	switch v := reflect.ValueOf(want); {
	case v.CanInt():
		return got.Cmp(new(big.Float).SetInt64(v.Int())) == 0
	case v.CanUint():
		return got.Cmp(new(big.Float).SetUint64(v.Uint())) == 0
	case v.Kind() == reflect.Float32: // its shortest digits are those of another float64
		rounded, _ := got.Float32()
		return rounded == float32(v.Float())
	case v.CanFloat():
		return !math.IsNaN(v.Float()) && got.Cmp(big.NewFloat(v.Float())) == 0
	}
	return false
}
