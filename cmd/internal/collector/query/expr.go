package query

// An Expr is a condition on a record: [All], [And], [Or], [Not], [Term], [Range]
// or [Exists].
type Expr interface{ expr() }

// All is true of every record.
type All struct{}

// And is true if all of its parts are. It has at least two.
type And []Expr

// Or is true if one of its parts is. It has at least two.
type Or []Expr

// Not is true if its part is not.
type Not struct{ X Expr }

// A Term is a text that a field has.
type Term struct {
	Field  string // "" means any
	Text   string // without quotes and backslashes
	Phrase bool   // was in quotes
	// Pattern has the places of Text that are wildcards, as byte offsets; the
	// bytes there are * or ?. It is nil if there are none.
	Pattern []int
	Pos     int // byte offset into the query
}

// A Range is true of values between two bounds.
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

// Exists is true of records that have the field.
type Exists struct{ Field string }

func (All) expr()    {}
func (And) expr()    {}
func (Or) expr()     {}
func (Not) expr()    {}
func (Term) expr()   {}
func (Range) expr()  {}
func (Exists) expr() {}
