package field

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"sync/atomic"
)

// MaxDepth limits the nesting of groups and containers, which the stack has to hold.
const MaxDepth = 200

// A Field is what a handler remembers of a key: the name under which Graylog
// stores its values, and the kind of the first one. All but the atomic fields
// are constant once the field is in a table.
type Field struct {
	parent *Field // group around the key, nil outside of groups
	key    string // as it was logged
	hash   uint64 // of parent and key, see fieldHash
	Member []byte // what a member of a frame begins with: `,"_name":`
	Bit    nameBit
	Since  int64  // moves of the table when the field got its name
	Hidden bool   // by the censor
	suffix Suffix // not 0 for a field that takes what does not fit its parent

	depth      int  // of the groups around the key
	Remembered bool // is in a table
	Kind       atomic.Uint32
	Reported   atomic.Bool // a value that did not fit
	replaced   atomic.Bool // another field of the key has a new name
	Others     [Suffixes]atomic.Pointer[Field]
}

// A Suffix says which values a field takes that do not fit the field of their
// key. Its values are of one kind whatever happens.
type Suffix uint8

const (
	suffixNone Suffix = iota
	SuffixText
	SuffixDate
	SuffixFloat
	Suffixes
)

func (s Suffix) String() string { return [...]string{"", "_text", "_date", "_float"}[s] }

func (s Suffix) kind() Kind { return [...]Kind{kindUnknown, KindText, KindDate, KindFloat}[s] }

func newField(parent *Field, key string, name []byte) *Field {
	f := &Field{parent: parent, key: key, hash: fieldHash(parent, key)}
	f.setName(name)
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return f
}

func (f *Field) setName(name []byte) {
	f.Member = append(append(append(f.Member[:0], `,"_`...), name...), `":`...)
	f.Bit = BitOf(name)
}

// Name returns the name in Graylog, without the underscore of the wire.
func (f *Field) Name() string { return string(f.Member[len(`,"_`) : len(f.Member)-len(`":`)]) }

// renamed returns a copy of f with another name.
func (f *Field) renamed(name string) *Field {
	g := &Field{parent: f.parent, key: f.key, hash: f.hash, Hidden: f.Hidden, suffix: f.suffix, depth: f.depth}
	g.Remembered = f.Remembered
	g.setName([]byte(name))
	g.Kind.Store(f.Kind.Load())
	g.Reported.Store(f.Reported.Load())
	return g
}

// keys returns the key of a group behind those of the groups around it.
func (f *Field) keys() []string {
	if f == nil {
		return nil
	}
	return append(f.parent.keys(), f.key)
}

// path returns the key behind those of its groups.
func (f *Field) path(separator string) string {
	if f.suffix != suffixNone {
		return f.parent.path(separator) + f.suffix.String()
	}
	if f.parent == nil {
		return f.key
	}
	return f.parent.path(separator) + separator + f.key
}

// First returns the kind of the field's first value, which is k if there was
// none before.
func (f *Field) First(k Kind) Kind {
	if f.Kind.CompareAndSwap(uint32(kindUnknown), uint32(k)) {
		return k
	}
	return Kind(f.Kind.Load())
}

// before reports whether f has the better right to a name than g. A key that is
// the name comes first, then one whose groups make the name, then any other.
// Among equals a hash of the keys decides, so that the order of the records
// does not.
func (f *Field) before(g *Field) bool {
	if a, b := f.rank(), g.rank(); a != b {
		return a < b
	}
	return f.digest() < g.digest()
}

func (f *Field) rank() int {
	switch {
	case f.suffix != suffixNone:
		return 3
	case f.parent == nil && f.key == f.Name():
		return 0
	case f.path("_") == f.Name(), f.parent == nil && f.key+"_" == f.Name(): // "id" rather than "_id" is id_
		return 1
	}
	return 2
}

// digest returns a hash of the key and its groups that is the same everywhere.
func (f *Field) digest() string {
	h := fnv.New32a()
	h.Write([]byte(f.path("\x00")))
	return hex.EncodeToString(h.Sum(nil))
}

// CutName returns name with an ending, cut before the ending if it would be too
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

// fieldHash returns the hash of a key in a group, for a table.
func fieldHash(parent *Field, key string) uint64 {
	if parent == nil {
		return hashBytes(0, key)
	}
	return hashBytes(parent.hash, key)
}

// String returns the key and its groups, quoted and not too long, for an error
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
