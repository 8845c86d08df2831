package field

import (
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// MaxFields limits the keys and groups that a handler remembers. An index of
	// Graylog stores at most 1,000 fields by default.
	MaxFields = 2048

	// manyFields is the number of fields at which a handler reports that the index
	// will soon be full.
	manyFields = 800

	// maxKey is the maximum length in bytes of a key that is remembered.
	maxKey = 1024

	// groupSalt gives a group another hash than an attribute with the same key.
	groupSalt = 1 << 33
)

// A Table contains the fields of a handler and of all handlers made from it. Finding a
// field takes no lock. The methods are safe for concurrent use.
type Table struct {
	hides     func(groups []string, key string) bool
	report    func(error)
	reportKey func(key, field, problem string)
	Retyped   atomic.Uint64 // number of values that did not fit the first one of their key

	// slots is a hash table with linear probing. It is replaced by a larger one when
	// it is half full. Fields are added, and replaced when they are renamed, but
	// never removed.
	slots atomic.Pointer[[]atomic.Pointer[Field]]

	Renames atomic.Int64 // len(renames)

	mu      sync.Mutex
	used    int               // number of slots in use
	names   map[string]*Field // fields by name
	renames []Rename          // fields whose names were taken by others
	full    bool
}

// A report is an error or, if err is nil, a problem with a key.
type report struct {
	err                 error
	key, field, problem string
}

// send calls the callbacks. The table must not be locked, because a callback may log.
func (t *Table) send(reports []report) {
	for _, r := range reports {
		if r.err != nil {
			t.report(r.err)
		} else {
			t.reportKey(r.key, r.field, r.problem)
		}
	}
}

// A Rename is a change of the name of a field. Field has the new name.
type Rename struct {
	From, To string
	Field    *Field
}

// NewTable returns an empty table. It calls hides to find out whether a new key is
// censored, report with [ErrManyFields] and [ErrKeysUnchecked], and reportKey for each
// key that cannot have its name.
func NewTable(
	hides func(groups []string, key string) bool,
	report func(error),
	reportKey func(key, field, problem string),
) *Table {
	t := &Table{hides: hides, report: report, reportKey: reportKey, names: make(map[string]*Field)}
	slots := make([]atomic.Pointer[Field], 64)
	t.slots.Store(&slots)
	return t
}

// Find returns the field of a key in a group, or nil if it is not in the table. Before is
// the field of the preceding attribute, or nil. It makes the search faster, because
// the same key mostly follows.
func (t *Table) Find(before, parent *Field, key string) *Field {
	w := wordsOf(key)
	if before != nil {
		if f := before.next.Load(); f != nil && f.is(parent, key, w) && !f.replaced.Load() {
			return f
		}
	}
	f := t.find(w.hash(parent.seed(), key), parent, key, w)
	if f != nil && before != nil && before.next.Load() == nil {
		before.next.Store(f)
	}
	return f
}

func (t *Table) find(hash uint64, parent *Field, key string, w words) *Field {
	slots := *t.slots.Load()
	for i := hash >> 40; ; i++ {
		f := slots[i&uint64(len(slots)-1)].Load()
		if f == nil || f.hash == hash && f.is(parent, key, w) {
			return f
		}
	}
}

// Attribute returns the field of a key in a group, and adds it to the table. Path is
// the path of the group, as returned by [AppendGroup]. If the table is full, the field
// is not remembered.
func (t *Table) Attribute(parent *Field, path []byte, key string) *Field {
	if f := t.Find(nil, parent, key); f != nil {
		return f
	}
	f := newField(parent, key, AppendName(nil, path, key))
	f.Hidden = t.hides(parent.keys(), key)
	return t.add(f)
}

// Group returns the field that represents a group, and adds it to the table.
func (t *Table) Group(parent *Field, name string) *Field {
	hash := fieldHash(parent, name) ^ groupSalt
	w := wordsOf(name)
	if f := t.find(hash, parent, name, w); f != nil {
		return f
	}
	f := &Field{parent: parent, key: name, words: w, hash: hash}
	if parent != nil {
		f.depth = parent.depth + 1
	}
	return t.add(f)
}

// add adds a field, or returns the one that the table already has. It renames a field
// whose name is taken.
func (t *Table) add(f *Field) *Field {
	if len(f.key) > maxKey || f.depth > MaxDepth || f.parent != nil && !f.parent.Remembered {
		return f
	}
	var reports []report
	defer func() { t.send(reports) }() // after unlocking
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.find(f.hash, f.parent, f.key, f.words); known != nil {
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
		reports = t.claimName(f)
	}
	t.insert(f)
	return f
}

// claimName makes f the owner of its name. If another field has the name, the one with
// lower precedence is renamed.
func (t *Table) claimName(f *Field) (reports []report) {
	name := f.Name()
	owner := t.names[name]
	switch {
	case owner == nil:
		t.name(f)
		if len(t.names) == manyFields {
			reports = append(reports, report{err: ErrManyFields})
		}
	case f.outranks(owner):
		f.Kind.Store(owner.Kind.Load()) // the index has the kind for this name
		f.bit, t.names[name] = owner.bit, f
		other := owner.renamed(t.freeName(name, owner))
		t.name(other)
		t.renames = append(t.renames, Rename{name, other.Name(), other})
		f.Since, other.Since = int64(len(t.renames)), int64(len(t.renames))
		t.Renames.Store(f.Since)
		t.replace(owner, other)
		reports = append(reports, nameTaken(other, f))
	default:
		f.setName([]byte(t.freeName(name, f)))
		t.name(f)
		reports = append(reports, nameTaken(f, owner))
	}
	return reports
}

// name makes f the owner of its name, which no other field has had.
func (t *Table) name(f *Field) {
	f.bit = uint8(len(t.names))
	t.names[f.Name()] = f
}

// freeName returns another name for a field whose name is taken. It depends only on the
// field's key and groups.
func (t *Table) freeName(name string, f *Field) string {
	for {
		name = CutName(name, "_"+f.digest())
		if t.names[name] == nil {
			return name
		}
	}
}

// insert adds a field. The table must not contain the same key.
func (t *Table) insert(f *Field) {
	slots := *t.slots.Load()
	if t.used++; 2*t.used > len(slots) {
		larger := make([]atomic.Pointer[Field], 2*len(slots))
		for i := range slots {
			if old := slots[i].Load(); old != nil {
				store(larger, old)
			}
		}
		store(larger, f)
		t.slots.Store(&larger)
		return
	}
	store(slots, f)
}

// store puts a field into the first free slot for its hash.
func store(slots []atomic.Pointer[Field], f *Field) {
	for i := f.hash >> 40; ; i++ {
		if slot := &slots[i&uint64(len(slots)-1)]; slot.Load() == nil {
			slot.Store(f)
			return
		}
	}
}

// replace replaces a field by another with the same key.
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

// Other returns the field for the values that do not fit f and belong to the suffix.
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
		reports = t.claimName(o)
		o.Kind.Store(uint32(s.kind()))
		f.Others[s].Store(o)
	}
	t.mu.Unlock()
	t.send(reports)
	return o
}

// RenamesSince returns the renames except for the first n.
func (t *Table) RenamesSince(n int64) []Rename {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.renames[n:]
}
