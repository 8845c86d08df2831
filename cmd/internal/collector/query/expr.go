package query

// An Expr is a condition on a record: [All], [And], [Or], [Not], [Term], [Range]
// or [Exists].
type Expr interface{ expr() }

// All matches every record.
type All struct{}

// And matches if all its parts match. It has at least two parts.
type And []Expr

// Or matches if one of its parts matches. It has at least two parts.
type Or []Expr

// Not matches if its part does not match.
type Not struct{ X Expr }

// A Term matches records whose field has a text.
type Term struct {
	Field  string // "" means any field
	Text   string // without quotes and backslashes
	Phrase bool   // the text was in quotes
	// Pattern has the byte offsets of the wildcards in Text, where Text has * or ?. It
	// is nil if there are no wildcards.
	Pattern []int
	Pos     int // byte offset into the query
}

// A Range matches values between two bounds.
type Range struct {
	Field    string
	Min, Max Bound
	Pos      int // byte offset of the value into the query
}

// A Bound is one end of a range. The zero value is open.
type Bound struct {
	Text      string // "" if the range is open at this end
	Inclusive bool
}

// Exists matches records that have the field.
type Exists struct{ Field string }

func (All) expr()    {}
func (And) expr()    {}
func (Or) expr()     {}
func (Not) expr()    {}
func (Term) expr()   {}
func (Range) expr()  {}
func (Exists) expr() {}
