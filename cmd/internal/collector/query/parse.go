package query

import "strings"

// Bounds that keep a query cheap to parse and to run.
const (
	MaxBytes = 4096
	MaxTerms = 64
	maxDepth = 32
)

// Parse parses a query. The error is an [*Error].
func Parse(text string) (Expr, error) {
	if len(text) > MaxBytes {
		return nil, &Error{Query: text, Pos: MaxBytes, Msg: "the query is too long: use at most 4096 bytes"}
	}
	p := &parser{lexer: lexer{in: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == tokenEnd {
		return All{}, nil
	}
	x, err := p.group("")
	if err == nil && p.token.kind != tokenEnd {
		err = p.errorf(p.token.pos, `unmatched ")"`)
	}
	if err != nil {
		return nil, err
	}
	return x, nil
}

// A parser holds the next token.
type parser struct {
	lexer
	token token
	depth int
	terms int
}

func (p *parser) advance() (err *Error) {
	p.token, err = p.next()
	return err
}

// A clause is a part of a group with its sign.
type clause struct {
	x    Expr
	must bool // +
	not  bool // NOT - !
}

// group parses clauses up to a closing parenthesis or the end. As in Lucene, signs
// apply to the whole group: "a NOT b" means "a" without "b".
func (p *parser) group(field string) (Expr, *Error) {
	var must, should, not []Expr
	for {
		c, err := p.conjunction(field)
		if err != nil {
			return nil, err
		}
		switch {
		case c.not:
			not = append(not, Not{c.x})
		case c.must:
			must = append(must, c.x)
		default:
			should = append(should, c.x)
		}
		switch p.token.kind {
		case tokenEnd, tokenClose:
			if len(must) == 0 && len(should) > 0 {
				must = []Expr{or(should)}
			}
			return and(append(must, not...)), nil
		case tokenOr:
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
	}
}

// conjunction parses clauses joined by AND.
func (p *parser) conjunction(field string) (clause, *Error) {
	first, err := p.clause(field)
	if err != nil || p.token.kind != tokenAnd {
		return first, err
	}
	all := []Expr{first.expr()}
	for p.token.kind == tokenAnd {
		if err := p.advance(); err != nil {
			return clause{}, err
		}
		c, err := p.clause(field)
		if err != nil {
			return clause{}, err
		}
		all = append(all, c.expr())
	}
	return clause{x: and(all)}, nil
}

// expr returns the clause as a single expression.
func (c clause) expr() Expr {
	if c.not {
		return Not{c.x}
	}
	return c.x
}

// clause parses one part of a group, including its signs.
func (p *parser) clause(field string) (c clause, err *Error) {
	for {
		switch p.token.kind {
		case tokenNot:
			c.not = !c.not
		case tokenMust:
			c.must = true
		default:
			c.x, err = p.primary(field)
			return c, err
		}
		if err := p.advance(); err != nil {
			return c, err
		}
	}
}

// primary parses a term, a comparison or a group.
func (p *parser) primary(field string) (Expr, *Error) {
	t := p.token
	switch t.kind {
	case tokenText:
		if t.glued {
			return p.field(field)
		}
		return p.term(field)
	case tokenOpen:
		return p.parenthesis(field)
	case tokenCompare:
		return p.comparison(field)
	case tokenFrom:
		return p.between(field)
	case tokenEnd:
		return nil, p.errorf(t.pos, "a term is missing at the end")
	case tokenClose:
		return nil, p.errorf(t.pos, `a term is missing before ")"`)
	case tokenColon:
		return nil, p.errorf(t.pos, `a field name is missing before ":"; for the character write \:`)
	default:
		return nil, p.errorf(t.pos, "a term is missing before %s", t.text)
	}
}

// field parses what follows the name of a field.
func (p *parser) field(outer string) (Expr, *Error) {
	name := p.token
	if outer != "" {
		return nil, p.errorf(name.pos, "%s is a field inside the parentheses of the field %s", name.text, outer)
	}
	if name.pattern != nil || name.text == "" {
		return nil, p.errorf(name.pos, "%q is not a field name: it must not contain * or ?", name.text)
	}
	for range 2 { // the name and the colon
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	switch p.token.kind {
	case tokenText, tokenOpen, tokenCompare, tokenFrom:
	default:
		return nil, p.errorf(p.token.pos, `a value is missing after "%s:"`, name.text)
	}
	if p.token.kind == tokenText && p.token.glued {
		return nil, p.errorf(p.pos, `a second ":": put the value in quotes, or a backslash before it`)
	}
	if name.text == "_exists_" {
		return p.exists()
	}
	return p.primary(name.text)
}

func (p *parser) exists() (Expr, *Error) {
	if p.token.kind != tokenText || p.token.pattern != nil {
		return nil, p.errorf(p.token.pos, "a field name is missing after _exists_:")
	}
	x := Exists{p.token.text}
	return x, p.counted()
}

func (p *parser) term(field string) (Expr, *Error) {
	t := p.token
	var x Expr = Term{Field: field, Text: t.text, Phrase: t.phrase, Pattern: t.pattern, Pos: t.pos}
	if t.pattern != nil && strings.Trim(t.text, "*") == "" {
		if x = (All{}); field != "" {
			x = Exists{field}
		}
	}
	return x, p.counted()
}

// counted counts a term and advances. It returns an error if there are too many terms.
func (p *parser) counted() *Error {
	if p.terms++; p.terms > MaxTerms {
		return p.errorf(p.token.pos, "more than %d terms", MaxTerms)
	}
	return p.advance()
}

func (p *parser) parenthesis(field string) (Expr, *Error) {
	open := p.token.pos
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(open, "more than %d parentheses are open", maxDepth)
	}
	outer := p.values
	p.values = field != ""
	if err := p.advance(); err != nil {
		return nil, err
	}
	x, err := p.group(field)
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenClose {
		return nil, p.errorf(open, "the parenthesis is not closed")
	}
	p.depth--
	p.values = outer
	return x, p.advance()
}

// comparison parses a comparison such as >4.
func (p *parser) comparison(field string) (Expr, *Error) {
	op := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	t := p.token
	if t.kind != tokenText || t.text == "" || t.pattern != nil {
		return nil, p.errorf(t.pos, "a number or a time is missing after %s", op.text)
	}
	b := Bound{t.text, strings.HasSuffix(op.text, "=")}
	x := Range{Field: field, Min: b, Pos: t.pos}
	if op.text[0] == '<' {
		x = Range{Field: field, Max: b, Pos: t.pos}
	}
	return x, p.counted()
}

// between parses a range such as [1 TO 5].
func (p *parser) between(field string) (Expr, *Error) {
	open := p.token
	lo, loPos, err := p.bound()
	if err != nil {
		return nil, err
	}
	to, toPos, err := p.bound()
	if err != nil {
		return nil, err
	}
	if to != "TO" {
		return nil, p.errorf(toPos, "TO is missing: write a range as [1 TO 5]")
	}
	hi, hiPos, err := p.bound()
	if err != nil {
		return nil, err
	}
	const missing = "a bound is missing: write a range as [1 TO 5], with * for an open end"
	if lo == "" {
		return nil, p.errorf(loPos, missing)
	}
	if hi == "" {
		return nil, p.errorf(hiPos, missing)
	}
	p.skipSpace()
	if p.pos == len(p.in) || p.in[p.pos] != ']' && p.in[p.pos] != '}' {
		return nil, p.errorf(open.pos, "the range is not closed: ] includes its bound, } does not")
	}
	closing := p.in[p.pos]
	p.pos++
	x := Range{Field: field, Min: Bound{lo, open.text == "["}, Max: Bound{hi, closing == ']'}, Pos: open.pos}
	if lo == "*" {
		x.Min = Bound{}
	}
	if hi == "*" {
		x.Max = Bound{}
	}
	return x, p.counted()
}

func and(all []Expr) Expr {
	if len(all) == 1 {
		return all[0]
	}
	return And(all)
}

func or(all []Expr) Expr {
	if len(all) == 1 {
		return all[0]
	}
	return Or(all)
}
