package query

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrInvalid is the error of a search that cannot be run.
var ErrInvalid = errors.New("bad query")

// An Error describes what is wrong with a query, and where.
type Error struct {
	Query string // the query
	Pos   int    // byte offset into it
	Msg   string
	Err   error // the cause, nil without another error
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error returns the message with the position, counted in characters.
func (e *Error) Error() string {
	before := e.Query[:min(e.Pos, len(e.Query))]
	return fmt.Sprintf("at character %d: %s", utf8.RuneCountInString(before)+1, e.Msg)
}

type kind int

const (
	tokenEnd     kind = iota
	tokenText         // a word or a phrase
	tokenAnd          // AND &&
	tokenOr           // OR ||
	tokenNot          // NOT ! -
	tokenMust         // +
	tokenOpen         // (
	tokenClose        // )
	tokenColon        // :
	tokenCompare      // > >= < <=, only after a colon
	tokenFrom         // [ {, only after a colon
)

// A token is a piece of a query.
type token struct {
	kind kind
	pos  int    // byte offset
	text string // as it was written, but a text has no quotes and backslashes
	// Fields of a text:
	phrase  bool
	pattern []int
	glued   bool // a colon follows immediately
}

// A lexer splits a query into tokens.
type lexer struct {
	in  string
	pos int
	// value is set after a colon or a comparison, where a value must follow.
	value bool
	// values is set inside field:( ), where each text is a value.
	values bool
}

func (l *lexer) errorf(pos int, format string, args ...any) *Error {
	return &Error{Query: l.in, Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

func (l *lexer) skipSpace() {
	l.pos += len(l.in[l.pos:]) - len(strings.TrimLeftFunc(l.in[l.pos:], unicode.IsSpace))
}

// operators are the tokens that their first characters identify.
var operators = []struct {
	text string
	kind kind
}{
	{"&&", tokenAnd}, {"||", tokenOr}, {"!", tokenNot}, {"-", tokenNot}, {"+", tokenMust},
	{"(", tokenOpen}, {")", tokenClose}, {":", tokenColon},
}

var valueOperators = []struct {
	text string
	kind kind
}{
	{">=", tokenCompare}, {"<=", tokenCompare}, {">", tokenCompare}, {"<", tokenCompare},
	{"[", tokenFrom}, {"{", tokenFrom},
}

// words are the operators that are written as words.
var words = map[string]kind{"AND": tokenAnd, "OR": tokenOr, "NOT": tokenNot}

// next returns the next token.
func (l *lexer) next() (token, *Error) {
	value := l.value || l.values
	l.value = false
	l.skipSpace()
	rest := l.in[l.pos:]
	if rest == "" {
		return token{kind: tokenEnd, pos: l.pos}, nil
	}
	if value {
		for _, op := range valueOperators {
			if strings.HasPrefix(rest, op.text) {
				l.value = op.kind == tokenCompare
				return l.operator(op.kind, op.text), nil
			}
		}
	}
	// The minus of a negative number belongs to the number.
	if !value || !negative(rest) {
		for _, op := range operators {
			if strings.HasPrefix(rest, op.text) {
				l.value = op.kind == tokenColon
				return l.operator(op.kind, op.text), nil
			}
		}
	}
	if rest[0] == '"' {
		return l.phrase()
	}
	return l.word()
}

func negative(text string) bool {
	return len(text) > 1 && text[0] == '-' && (text[1] == '.' || '0' <= text[1] && text[1] <= '9')
}

func (l *lexer) operator(k kind, text string) token {
	t := token{kind: k, pos: l.pos, text: text}
	l.pos += len(text)
	return t
}

// phrase reads a text in quotes.
func (l *lexer) phrase() (token, *Error) {
	t := token{kind: tokenText, pos: l.pos, phrase: true}
	var text strings.Builder
	for i := l.pos + 1; i < len(l.in); i++ {
		switch c := l.in[i]; {
		case c == '\\' && i+1 < len(l.in):
			i++
			text.WriteByte(l.in[i])
		case c == '"':
			l.pos = i + 1
			t.text = text.String()
			t.glued = strings.HasPrefix(l.in[l.pos:], ":")
			return t, l.noSuffix()
		default:
			text.WriteByte(c)
		}
	}
	return t, l.errorf(t.pos, `the quote is not closed: write another " after the text, or \" for the character`)
}

// word reads a text without quotes.
func (l *lexer) word() (token, *Error) {
	t := token{kind: tokenText, pos: l.pos}
	var text strings.Builder
	i := l.pos
scan:
	for i < len(l.in) {
		switch c := l.in[i]; {
		case c == '\\':
			if i+1 == len(l.in) {
				return t, l.errorf(i, `nothing follows the backslash: write \\ for the character`)
			}
			_, size := utf8.DecodeRuneInString(l.in[i+1:])
			text.WriteString(l.in[i+1 : i+1+size])
			i += 1 + size
		case c == '*' || c == '?':
			t.pattern = append(t.pattern, text.Len())
			text.WriteByte(c)
			i++
		case strings.IndexByte(`"():`, c) >= 0:
			break scan
		case strings.IndexByte(`[]{}`, c) >= 0:
			const msg = `%q has a special meaning: write \%c for the character, or field:[1 TO 5] for a range`
			return t, l.errorf(i, msg, c, c)
		case c == '^' || c == '~':
			return t, l.errorf(i, `%q, for boosts and fuzziness, is not supported: write \%c for the character`, c, c)
		case c == '/' && i == l.pos:
			return t, l.errorf(i, `regular expressions are not supported: write \/ for the character, or use * and ?`)
		default:
			r, size := utf8.DecodeRuneInString(l.in[i:])
			if unicode.IsSpace(r) {
				break scan
			}
			text.WriteString(l.in[i : i+size])
			i += size
		}
	}
	t.text = text.String()
	if k, ok := words[l.in[l.pos:i]]; ok {
		return l.operator(k, t.text), nil
	}
	l.pos = i
	t.glued = strings.HasPrefix(l.in[i:], ":")
	return t, nil
}

// noSuffix returns an error if Lucene's fuzziness or boost follows a phrase.
func (l *lexer) noSuffix() *Error {
	if rest := l.in[l.pos:]; rest != "" && (rest[0] == '^' || rest[0] == '~') {
		return l.errorf(l.pos, "%q, for boosts and fuzziness, is not supported", rest[0])
	}
	return nil
}

// bound reads one end of a range, up to a space or the closing bracket.
func (l *lexer) bound() (text string, pos int, err *Error) {
	l.skipSpace()
	pos = l.pos
	if strings.HasPrefix(l.in[pos:], `"`) {
		t, err := l.phrase()
		return t.text, pos, err
	}
	end := strings.IndexFunc(l.in[pos:], func(r rune) bool { return unicode.IsSpace(r) || r == ']' || r == '}' })
	if end < 0 {
		end = len(l.in) - pos
	}
	l.pos += end
	return l.in[pos:l.pos], pos, nil
}
