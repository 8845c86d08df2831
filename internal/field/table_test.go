package field

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// newTable returns a table that ignores reports.
func newTable() *Table {
	return NewTable(
		func([]string, string) bool { return false },
		func(error) {},
		func(_, _, _ string) {},
	)
}

// TestNameSet checks that a set contains exactly those of the first 256 names that were
// added, and never lacks a name.
func TestNameSet(t *testing.T) {
	table := newTable()
	var all []*Field
	for i := range MaxFields + 100 { // the last are not remembered
		all = append(all, table.Attribute(nil, nil, fmt.Sprint("key", i)))
	}
	var set NameSet
	for i, f := range all[:256] {
		if set.Has(f) {
			t.Fatalf("an empty set or another name: has %s", f.Name())
		}
		if set.Add(f); !set.Has(f) {
			t.Fatalf("%s is missing", f.Name())
		}
		if want := i >= 128; set.Crowded() != want {
			t.Fatalf("crowded with %d names: %v", i+1, !want)
		}
	}
	for _, f := range all[256:] {
		if set = (NameSet{}); set.Add(f) == f.Remembered {
			t.Fatalf("%s, remembered: %v", f.Name(), f.Remembered)
		}
		if !set.Has(f) {
			t.Fatalf("%s is missing", f.Name())
		}
	}
}

// TestNameSetRename checks that a name keeps its place in a set when another field gets
// it.
func TestNameSetRename(t *testing.T) {
	table := newTable()
	before := table.Attribute(nil, nil, "before")
	owner := table.Attribute(nil, nil, "a.b")
	if table.Find(before, nil, "a.b") != owner {
		t.Error("the field is not found")
	}
	var set NameSet
	set.Add(owner)
	if f := table.Attribute(nil, nil, "a_b"); f.Name() != "a_b" || !set.Has(f) {
		t.Errorf("the set does not contain %s", f.Name())
	}
	renames := table.RenamesSince(0)
	if len(renames) != 1 || renames[0].From != "a_b" || renames[0].To != renames[0].Field.Name() {
		t.Fatalf("renames: %+v", renames)
	}
	if table.Find(before, nil, "a.b") != renames[0].Field {
		t.Error("the renamed field is not found")
	}
	if set.Has(renames[0].Field) {
		t.Errorf("the set contains %s", renames[0].To)
	}
}

// TestFind checks that a table finds exactly the keys that it contains, at any length
// and in groups, whatever the field before was.
func TestFind(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	key := func() string { // few letters, so keys differ in one place
		b := make([]byte, rnd.IntN(24))
		for i := range b {
			b[i] = 'a' + byte(rnd.IntN(100)/99)
		}
		return string(b)
	}
	table := newTable()
	group := table.Group(nil, "aaaa")
	groups := []*Field{nil, group, table.Group(group, "aaaa")}
	type place struct {
		parent *Field
		key    string
	}
	added := make(map[place]bool)
	var before *Field
	for range 2000 {
		p := place{groups[rnd.IntN(len(groups))], key()}
		f := table.Find(before, p.parent, p.key)
		if (f != nil) != added[p] || f != nil && (f.parent != p.parent || f.key != p.key) {
			t.Fatalf("Find(%v, %q) = %v, was added: %v", p.parent, p.key, f, added[p])
		}
		if rnd.IntN(2) == 0 {
			table.Attribute(p.parent, nil, p.key)
			added[p] = true
		}
		if rnd.IntN(2) == 0 {
			before = f
		}
	}
}
