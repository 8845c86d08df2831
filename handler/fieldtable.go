package handler

import (
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/aimakerspace/synlogger/internal/encode"
)

const (
	// maxFields bounds the keys and groups that a handler remembers. An index
	// of Graylog has room for no more than 1,000 fields by default.
	maxFields = 2048

	// manyFields is the number of fields at which a handler reports that it
	// nears the limit of the index.
	manyFields = 800

	// maxKey is the length in bytes of the longest key that is remembered.
	maxKey = 1024

	// groupSalt tells a group from an attribute of the same key.
	groupSalt = 1 << 33
)

// A fieldTable holds the fields of a handler and of all handlers made from it.
// Finding one takes no lock.
type fieldTable struct {
	censor  *censor
	report  func(error)
	retyped atomic.Uint64 // values that did not fit the first one of their key

	// slots is a hash table with linear probing. It is replaced by a larger
	// one when it is half full; fields are added, and replaced when their
	// names change, but never removed.
	slots atomic.Pointer[[]atomic.Pointer[field]]

	// recent are fields that were found, by the addresses of their keys.
	recent [256]atomic.Pointer[field]

	moves atomic.Int64 // len(moved)

	mu    sync.Mutex
	used  int               // slots
	names map[string]*field // by their names in Graylog
	moved []move            // fields that had to give up their names
	full  bool
}

// A move is a change of a member's name.
type move struct{ from, to string }

func newFieldTable(c *censor, report func(error)) *fieldTable {
	t := &fieldTable{censor: c, report: report, names: make(map[string]*field)}
	slots := make([]atomic.Pointer[field], 64)
	t.slots.Store(&slots)
	return t
}

// find returns the field of a key in a group, or nil if it is not in the table.
func (t *fieldTable) find(parent *field, key string) *field {
	// Most keys are constants, whose address is a hash that costs nothing.
	at := uint64(uintptr(unsafe.Pointer(unsafe.StringData(key))))
	if parent != nil {
		at += parent.hash
	}
	recent := &t.recent[at*hashFactor>>56]
	if f := recent.Load(); f != nil && f.parent == parent && f.key == key && !f.replaced.Load() {
		return f
	}
	f := t.findHash(fieldHash(parent, key), parent, key)
	if f != nil {
		recent.Store(f)
	}
	return f
}

func (t *fieldTable) findHash(hash uint64, parent *field, key string) *field {
	slots := *t.slots.Load()
	for i := hash >> 40; ; i++ {
		f := slots[i&uint64(len(slots)-1)].Load()
		if f == nil || f.hash == hash && f.parent == parent && f.key == key {
			return f
		}
	}
}

// attribute returns the field of a key in a group, whose path is that of
// [encode.AppendGroup]. If the table is full, the field is not remembered.
func (t *fieldTable) attribute(parent *field, path []byte, key string) *field {
	if f := t.find(parent, key); f != nil {
		return f
	}
	f := newField(parent, key, encode.AppendName(nil, path, key))
	f.hidden = t.censor != nil && t.censor.hides(parent.keys(), key)
	return t.add(f)
}

// group returns the field that represents a group.
func (t *fieldTable) group(parent *field, name string) *field {
	hash := fieldHash(parent, name) ^ groupSalt
	if f := t.findHash(hash, parent, name); f != nil {
		return f
	}
	f := &field{parent: parent, key: name, hash: hash}
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return t.add(f)
}

// add adds a field, or returns the one that is there. A field with a name gets
// another name if that is taken.
func (t *fieldTable) add(f *field) *field {
	if len(f.key) > maxKey || f.depth > maxDepth || f.parent != nil && !f.parent.remembered {
		return f
	}
	var reports []error
	defer func() {
		for _, err := range reports { // without the lock: OnError may log
			t.report(err)
		}
	}()
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.findHash(f.hash, f.parent, f.key); known != nil {
		return known
	}
	if t.used == maxFields {
		if !t.full {
			t.full = true
			reports = append(reports, errTooManyKeys)
		}
		return f
	}
	f.key, f.remembered = strings.Clone(f.key), true
	if f.member != nil {
		reports = t.own(f)
	}
	t.insert(f)
	return f
}

// own makes f the owner of its name. Of two fields with one name, the one with
// the lesser right to it gets another.
func (t *fieldTable) own(f *field) (reports []error) {
	name := f.name()
	owner := t.names[name]
	switch {
	case owner == nil:
		t.names[name] = f
		if len(t.names) == manyFields {
			reports = append(reports, errManyKeys)
		}
	case f.before(owner):
		f.kind.Store(owner.kind.Load()) // the index remembers it by the name
		other := owner.renamed(t.freeName(name, owner))
		t.names[name], t.names[other.name()] = f, other
		t.moved = append(t.moved, move{name, other.name()})
		f.since, other.since = int64(len(t.moved)), int64(len(t.moved))
		t.moves.Store(f.since)
		t.replace(owner, other)
		reports = append(reports, nameTaken(other, f))
	default:
		f.setName([]byte(t.freeName(name, f)))
		t.names[f.name()] = f
		reports = append(reports, nameTaken(f, owner))
	}
	return reports
}

// freeName returns a name for a field that cannot have this one. It depends on
// nothing but the field's key and groups.
func (t *fieldTable) freeName(name string, f *field) string {
	for {
		name = cutName(name, "_"+f.digest())
		if t.names[name] == nil {
			return name
		}
	}
}

// insert puts a field into the table, which has no field of the same key.
func (t *fieldTable) insert(f *field) {
	slots := *t.slots.Load()
	if t.used++; 2*t.used > len(slots) {
		larger := make([]atomic.Pointer[field], 2*len(slots))
		for i := range slots {
			if old := slots[i].Load(); old != nil {
				place(larger, old)
			}
		}
		place(larger, f)
		t.slots.Store(&larger)
		return
	}
	place(slots, f)
}

func place(slots []atomic.Pointer[field], f *field) {
	for i := f.hash >> 40; ; i++ {
		if slot := &slots[i&uint64(len(slots)-1)]; slot.Load() == nil {
			slot.Store(f)
			return
		}
	}
}

// replace replaces the field that has the same key.
func (t *fieldTable) replace(f, by *field) {
	if f.suffix != suffixNone {
		f.parent.others[f.suffix].Store(by)
		return
	}
	slots := *t.slots.Load()
	for i := f.hash >> 40; ; i++ {
		if slots[i&uint64(len(slots)-1)].CompareAndSwap(f, by) {
			f.replaced.Store(true)
			return
		}
	}
}

// other returns the field for values that do not fit f.
func (t *fieldTable) other(f *field, s suffix) *field {
	if o := f.others[s].Load(); o != nil {
		return o
	}
	o := newField(f, "", []byte(cutName(f.name(), s.String())))
	o.suffix = s
	o.kind.Store(uint32(s.kind()))
	if !f.remembered {
		return o
	}
	var reports []error
	t.mu.Lock()
	if known := f.others[s].Load(); known != nil {
		o = known
	} else {
		o.remembered = true
		reports = t.own(o)
		o.kind.Store(uint32(s.kind()))
		f.others[s].Store(o)
	}
	t.mu.Unlock()
	for _, err := range reports {
		t.report(err)
	}
	return o
}

// movedSince returns the moves from the n-th on.
func (t *fieldTable) movedSince(n int64) []move {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.moved[n:]
}
