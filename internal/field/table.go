package field

import (
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	// MaxFields bounds the keys and groups that a handler remembers. An index
	// of Graylog has room for no more than 1,000 fields by default.
	MaxFields = 2048

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
type Table struct {
	hides     func(groups []string, key string) bool
	report    func(error)
	reportKey func(key, field, problem string)
	Retyped   atomic.Uint64 // values that did not fit the first one of their key

	// slots is a hash table with linear probing. It is replaced by a larger
	// one when it is half full; fields are added, and replaced when their
	// names change, but never removed.
	slots atomic.Pointer[[]atomic.Pointer[Field]]

	// recent are fields that were found, by the addresses of their keys.
	recent [256]atomic.Pointer[Field]

	Moves atomic.Int64 // len(moved)

	mu    sync.Mutex
	used  int               // slots
	names map[string]*Field // by their names in Graylog
	moved []Move            // fields that had to give up their names
	full  bool
}

// A report is an error, or if that is nil, a problem with a key.
type report struct {
	err                 error
	key, field, problem string
}

func (t *Table) call(reports []report) {
	for _, r := range reports {
		if r.err != nil {
			t.report(r.err)
		} else {
			t.reportKey(r.key, r.field, r.problem)
		}
	}
}

// A Move is a change of a member's name.
type Move struct{ From, To string }

func NewTable(hides func(groups []string, key string) bool, report func(error), reportKey func(key, field, problem string)) *Table {
	t := &Table{hides: hides, report: report, reportKey: reportKey, names: make(map[string]*Field)}
	slots := make([]atomic.Pointer[Field], 64)
	t.slots.Store(&slots)
	return t
}

// Find returns the field of a key in a group, or nil if it is not in the table.
func (t *Table) Find(parent *Field, key string) *Field {
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

func (t *Table) findHash(hash uint64, parent *Field, key string) *Field {
	slots := *t.slots.Load()
	for i := hash >> 40; ; i++ {
		f := slots[i&uint64(len(slots)-1)].Load()
		if f == nil || f.hash == hash && f.parent == parent && f.key == key {
			return f
		}
	}
}

// Attribute returns the field of a key in a group, whose path is that of
// [AppendGroup]. If the table is full, the field is not remembered.
func (t *Table) Attribute(parent *Field, path []byte, key string) *Field {
	if f := t.Find(parent, key); f != nil {
		return f
	}
	f := newField(parent, key, AppendName(nil, path, key))
	f.Hidden = t.hides(parent.keys(), key)
	return t.add(f)
}

// Group returns the field that represents a group.
func (t *Table) Group(parent *Field, name string) *Field {
	hash := fieldHash(parent, name) ^ groupSalt
	if f := t.findHash(hash, parent, name); f != nil {
		return f
	}
	f := &Field{parent: parent, key: name, hash: hash}
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return t.add(f)
}

// add adds a field, or returns the one that is there. A field with a name gets
// another name if that is taken.
func (t *Table) add(f *Field) *Field {
	if len(f.key) > maxKey || f.depth > MaxDepth || f.parent != nil && !f.parent.Remembered {
		return f
	}
	var reports []report
	defer func() { t.call(reports) }() // without the lock: OnError may log
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.findHash(f.hash, f.parent, f.key); known != nil {
		return known
	}
	if t.used == MaxFields {
		if !t.full {
			t.full = true
			reports = append(reports, report{err: ErrKeysUnchecked})
		}
		return f
	}
	f.key, f.Remembered = strings.Clone(f.key), true
	if f.Member != nil {
		reports = t.own(f)
	}
	t.insert(f)
	return f
}

// own makes f the owner of its name. Of two fields with one name, the one with
// the lesser right to it gets another.
func (t *Table) own(f *Field) (reports []report) {
	name := f.Name()
	owner := t.names[name]
	switch {
	case owner == nil:
		t.names[name] = f
		if len(t.names) == manyFields {
			reports = append(reports, report{err: ErrManyFields})
		}
	case f.before(owner):
		f.Kind.Store(owner.Kind.Load()) // the index remembers it by the name
		other := owner.renamed(t.freeName(name, owner))
		t.names[name], t.names[other.Name()] = f, other
		t.moved = append(t.moved, Move{name, other.Name()})
		f.Since, other.Since = int64(len(t.moved)), int64(len(t.moved))
		t.Moves.Store(f.Since)
		t.replace(owner, other)
		reports = append(reports, nameTaken(other, f))
	default:
		f.setName([]byte(t.freeName(name, f)))
		t.names[f.Name()] = f
		reports = append(reports, nameTaken(f, owner))
	}
	return reports
}

// freeName returns a name for a field that cannot have this one. It depends on
// nothing but the field's key and groups.
func (t *Table) freeName(name string, f *Field) string {
	for {
		name = CutName(name, "_"+f.digest())
		if t.names[name] == nil {
			return name
		}
	}
}

// insert puts a field into the table, which has no field of the same key.
func (t *Table) insert(f *Field) {
	slots := *t.slots.Load()
	if t.used++; 2*t.used > len(slots) {
		larger := make([]atomic.Pointer[Field], 2*len(slots))
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

func place(slots []atomic.Pointer[Field], f *Field) {
	for i := f.hash >> 40; ; i++ {
		if slot := &slots[i&uint64(len(slots)-1)]; slot.Load() == nil {
			slot.Store(f)
			return
		}
	}
}

// replace replaces the field that has the same key.
func (t *Table) replace(f, by *Field) {
	if f.suffix != suffixNone {
		f.parent.Others[f.suffix].Store(by)
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

// Other returns the field for values that do not fit f.
func (t *Table) Other(f *Field, s Suffix) *Field {
	if o := f.Others[s].Load(); o != nil {
		return o
	}
	o := newField(f, "", []byte(CutName(f.Name(), s.String())))
	o.suffix = s
	o.Kind.Store(uint32(s.kind()))
	if !f.Remembered {
		return o
	}
	var reports []report
	t.mu.Lock()
	if known := f.Others[s].Load(); known != nil {
		o = known
	} else {
		o.Remembered = true
		reports = t.own(o)
		o.Kind.Store(uint32(s.kind()))
		f.Others[s].Store(o)
	}
	t.mu.Unlock()
	t.call(reports)
	return o
}

// MovedSince returns the moves from the n-th on.
func (t *Table) MovedSince(n int64) []Move {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.moved[n:]
}
