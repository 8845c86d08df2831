// Package field decides the name and the kind of each field in Graylog: it remembers the keys
// that a handler has logged, keeps their names apart, and recognizes values that would change
// the kind of a field.
package field

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"sync/atomic"
)

// MaxDepth limits the nesting of groups and containers, because encoding them is
// recursive.
const MaxDepth = 200

// A Field is what a handler remembers of a key: the name under which Graylog stores its
// values, and the kind of the first value. Except for the atomic ones, its fields do
// not change after it was added to a table.
type Field struct {
	parent *Field // group around the key, nil outside groups
	key    string // as logged
	words  words  // of key
	hash   uint64 // of parent and key, see fieldHash
	Member []byte // beginning of a member of a frame: `,"_name":`
	bit    uint8  // of the name, see NameSet
	Since  int64  // number of renames in the table when the field got its name
	Hidden bool   // the key is censored
	suffix Suffix // not 0 if the field stores the values that do not fit its parent

	depth      int                                // number of groups around the key
	Remembered bool                               // the field is in a table
	Kind       atomic.Uint32                      // kind of the first value
	next       atomic.Pointer[Field]              // of the attribute that first followed one of this field
	replaced   atomic.Bool                        // a renamed copy is in the table
	Reported   atomic.Bool                        // a value that did not fit was reported
	Others     [NumSuffixes]atomic.Pointer[Field] // fields for values that do not fit
}

// A Suffix is added to the name of a field. The resulting field stores the values that
// do not fit the original one, and always has the same kind.
type Suffix uint8

const (
	suffixNone Suffix = iota
	SuffixText
	SuffixDate
	SuffixFloat
	NumSuffixes
)

func (s Suffix) String() string { return [...]string{"", "_text", "_date", "_float"}[s] }

// kind returns the kind of the values in a field with this suffix.
func (s Suffix) kind() Kind { return [...]Kind{kindUnknown, KindText, KindDate, KindFloat}[s] }

// newField returns a field that is not in a table.
func newField(parent *Field, key string, name []byte) *Field {
	f := &Field{parent: parent, key: key, words: wordsOf(key), hash: fieldHash(parent, key)}
	f.setName(name)
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return f
}

func (f *Field) setName(name []byte) {
	f.Member = append(append(append(f.Member[:0], `,"_`...), name...), `":`...)
}

// Name returns the name in Graylog, without the leading underscore of a frame.
func (f *Field) Name() string { return string(f.Member[len(`,"_`) : len(f.Member)-len(`":`)]) }

// renamed returns a copy of f with another name.
func (f *Field) renamed(name string) *Field {
	g := &Field{parent: f.parent, key: f.key, words: f.words, hash: f.hash}
	g.Hidden, g.suffix, g.depth, g.Remembered = f.Hidden, f.suffix, f.depth, f.Remembered
	g.setName([]byte(name))
	g.Kind.Store(f.Kind.Load())
	g.Reported.Store(f.Reported.Load())
	return g
}

// keys returns the keys of the groups around f and of f itself. f may be nil.
func (f *Field) keys() []string {
	if f == nil {
		return nil
	}
	return append(f.parent.keys(), f.key)
}

// path returns the keys of the groups around f and of f itself, joined with a
// separator.
func (f *Field) path(separator string) string {
	if f.suffix != suffixNone {
		return f.parent.path(separator) + f.suffix.String()
	}
	if f.parent == nil {
		return f.key
	}
	return f.parent.path(separator) + separator + f.key
}

// First returns the kind of the field's first value. If there is none yet, it sets k
// and returns it.
func (f *Field) First(k Kind) Kind {
	if f.Kind.CompareAndSwap(uint32(kindUnknown), uint32(k)) {
		return k
	}
	return Kind(f.Kind.Load())
}

// outranks reports whether f has precedence over g for the same name. A key that is
// equal to the name comes first, then a key that equals the name together with its
// groups, then any other. Among equals, a hash of the keys decides, so the order of the
// records does not matter.
func (f *Field) outranks(g *Field) bool {
	if a, b := f.rank(), g.rank(); a != b {
		return a < b
	}
	return f.digest() < g.digest()
}

// rank returns the precedence of f for its name; the lowest rank comes first.
func (f *Field) rank() int {
	switch {
	case f.suffix != suffixNone:
		return 3
	case f.parent == nil && f.key == f.Name():
		return 0
	case f.path("_") == f.Name(), f.parent == nil && f.key+"_" == f.Name(): // "id", not "_id", is stored as id_
		return 1
	}
	return 2
}

// digest returns a hash of the key and its groups that is the same in every process.
func (f *Field) digest() string {
	h := fnv.New32a()
	h.Write([]byte(f.path("\x00")))
	return hex.EncodeToString(h.Sum(nil))
}

// CutName returns name with an ending. It shortens name if the result would be too
// long.
func CutName(name, ending string) string {
	if len(name)+len(ending) < MaxName {
		return name + ending
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	ending = "_" + hex.EncodeToString(h.Sum(nil)) + ending
	return name[:MaxName-1-len(ending)] + ending
}

// fieldHash returns the hash of a key in a group.
func fieldHash(parent *Field, key string) uint64 { return wordsOf(key).hash(parent.seed(), key) }

// seed returns the seed of the hashes of the keys in a group. f may be nil.
func (f *Field) seed() uint64 {
	if f == nil {
		return 0
	}
	return f.hash
}

// is reports whether f is the field of a key, with these words, in a group.
func (f *Field) is(parent *Field, key string, w words) bool {
	return f.words == w && len(f.key) == len(key) && f.parent == parent && (len(key) <= 16 || f.key == key)
}

// String returns the key after its groups, each quoted and shortened, for an error
// text.
func (f *Field) String() string {
	if f.suffix != suffixNone {
		return f.parent.String() + f.suffix.String()
	}
	const most = 100 // bytes
	key := f.key
	if len(key) > most {
		key = key[:most] + "…"
	}
	if key = strconv.Quote(key); f.parent != nil {
		return f.parent.String() + "." + key
	}
	return key
}
