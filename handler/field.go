package handler

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/internal/encode"
)

// A field is what a handler remembers of a key: the name under which Graylog
// stores its values, and the kind of the first one. All but the atomic fields
// are constant once the field is in a table.
type field struct {
	parent *field // group around the key, nil outside of groups
	key    string // as it was logged
	hash   uint64 // of parent and key, see fieldHash
	member []byte // what a member of a frame begins with: `,"_name":`
	bit    nameBit
	since  int64  // moves of the table when the field got its name
	hidden bool   // by the censor
	suffix suffix // not 0 for a field that takes what does not fit its parent

	depth      int  // of the groups around the key
	remembered bool // is in a table
	kind       atomic.Uint32
	reported   atomic.Bool // a value that did not fit
	replaced   atomic.Bool // another field of the key has a new name
	others     [suffixes]atomic.Pointer[field]
}

// A suffix says which values a field takes that do not fit the field of their
// key. Its values are of one kind whatever happens.
type suffix uint8

const (
	suffixNone suffix = iota
	suffixText
	suffixDate
	suffixFloat
	suffixes
)

func (s suffix) String() string { return [...]string{"", "_text", "_date", "_float"}[s] }

func (s suffix) kind() kind { return [...]kind{kindUnknown, kindText, kindDate, kindFloat}[s] }

func newField(parent *field, key string, name []byte) *field {
	f := &field{parent: parent, key: key, hash: fieldHash(parent, key)}
	f.setName(name)
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return f
}

func (f *field) setName(name []byte) {
	f.member = append(append(append(f.member[:0], `,"_`...), name...), `":`...)
	f.bit = bitOf(name)
}

// name returns the name in Graylog, without the underscore of the wire.
func (f *field) name() string { return string(f.member[len(`,"_`) : len(f.member)-len(`":`)]) }

// renamed returns a copy of f with another name.
func (f *field) renamed(name string) *field {
	g := &field{parent: f.parent, key: f.key, hash: f.hash, hidden: f.hidden, suffix: f.suffix, depth: f.depth}
	g.remembered = f.remembered
	g.setName([]byte(name))
	g.kind.Store(f.kind.Load())
	g.reported.Store(f.reported.Load())
	return g
}

// keys returns the key of a group behind those of the groups around it.
func (f *field) keys() []string {
	if f == nil {
		return nil
	}
	return append(f.parent.keys(), f.key)
}

// path returns the key behind those of its groups.
func (f *field) path(separator string) string {
	if f.suffix != suffixNone {
		return f.parent.path(separator) + f.suffix.String()
	}
	if f.parent == nil {
		return f.key
	}
	return f.parent.path(separator) + separator + f.key
}

// first returns the kind of the field's first value, which is k if there was
// none before.
func (f *field) first(k kind) kind {
	if f.kind.CompareAndSwap(uint32(kindUnknown), uint32(k)) {
		return k
	}
	return kind(f.kind.Load())
}

// before reports whether f has the better right to a name than g. A key that is
// the name comes first, then one whose groups make the name, then any other.
// Among equals a hash of the keys decides, so that the order of the records
// does not.
func (f *field) before(g *field) bool {
	if a, b := f.rank(), g.rank(); a != b {
		return a < b
	}
	return f.digest() < g.digest()
}

func (f *field) rank() int {
	switch {
	case f.suffix != suffixNone:
		return 3
	case f.parent == nil && f.key == f.name():
		return 0
	case f.path("_") == f.name(), f.parent == nil && f.key+"_" == f.name(): // "id" rather than "_id" is id_
		return 1
	}
	return 2
}

// digest returns a hash of the key and its groups that is the same everywhere.
func (f *field) digest() string {
	h := fnv.New32a()
	h.Write([]byte(f.path("\x00")))
	return hex.EncodeToString(h.Sum(nil))
}

// cutName returns name with an ending, cut before the ending if it would be too
// long.
func cutName(name, ending string) string {
	if len(name)+len(ending) < encode.MaxName {
		return name + ending
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	ending = "_" + hex.EncodeToString(h.Sum(nil)) + ending
	return name[:encode.MaxName-1-len(ending)] + ending
}

// fieldHash returns the hash of a key in a group, for a table.
func fieldHash(parent *field, key string) uint64 {
	if parent == nil {
		return hashBytes(0, key)
	}
	return hashBytes(parent.hash, key)
}

// String returns the key and its groups, quoted and not too long, for an error
// text.
func (f *field) String() string {
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
