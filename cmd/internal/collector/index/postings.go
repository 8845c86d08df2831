package index

import "encoding/binary"

// Postings are lists of rows of a block. The data has the offsets of all lists, and
// then the lists. A list has, for each row, the number of rows skipped since the
// previous one. An empty list means all rows.
type Postings struct {
	data string
	n    int // rows of the block
}

// AddTo adds the rows of the nth list to a set.
func (p Postings) AddTo(set Bitmap, nth int) {
	if nth < 0 || len(p.data) < 4*(nth+2) {
		return
	}
	from, to := offset(p.data, nth), offset(p.data, nth+1)
	if from > to || to > len(p.data) {
		return
	}
	list := p.data[from:to]
	if list == "" {
		set.Or(AllRows(p.n))
		return
	}
	for row := -1; list != ""; {
		step, rest := cutNumber(list)
		if step < 0 || row+step+1 >= p.n {
			return
		}
		row += step + 1
		set.Set(row)
		list = rest
	}
}

// cutNumber cuts an unsigned varint off the start of a text. It returns a negative
// number if the varint is malformed, or too large for a block.
func cutNumber(text string) (n int, rest string) {
	for i := 0; i < len(text) && i < 4; i++ {
		n |= int(text[i]&0x7f) << (7 * i)
		if text[i] < 0x80 {
			return n, text[i+1:]
		}
	}
	return -1, ""
}

// checkPostings returns an error if the offsets do not fit the lists.
func checkPostings(data string) error {
	if len(data) < 4 {
		return errDamagedPart
	}
	first := offset(data, 0)
	if first < 4 || first%4 != 0 || first > len(data) {
		return errDamagedPart
	}
	last := first
	for i := 1; i < first/4; i++ {
		next := offset(data, i)
		if next < last || next > len(data) {
			return errDamagedPart
		}
		last = next
	}
	return nil
}

// offset returns the offset of the ith list.
func offset(data string, i int) int {
	return int(binary.LittleEndian.Uint32([]byte(data[4*i : 4*i+4])))
}

// A postingBuilder builds Postings. It collects pairs of list and row in the order of
// their arrival and sorts them by list at the end, so its memory is proportional to
// one block.
type postingBuilder struct {
	lists  []uint32 // the list of each pair
	rows   []uint16 // the row of each pair
	last   []int32  // the last row of each list, -1 if the list is empty
	sorted []uint16
	ends   []uint32
}

func (p *postingBuilder) reset() {
	p.lists, p.rows, p.last = p.lists[:0], p.rows[:0], p.last[:0]
}

// list starts a list and returns its number.
func (p *postingBuilder) list() int {
	p.last = append(p.last, -1)
	return len(p.last) - 1
}

// add adds a row to a list. Rows must come in ascending order.
func (p *postingBuilder) add(list, row int) {
	if p.last[list] == int32(row) {
		return
	}
	p.last[list] = int32(row)
	p.lists = append(p.lists, uint32(list))
	p.rows = append(p.rows, uint16(row))
}

// encode returns the stored form of the lists for a block of n rows.
func (p *postingBuilder) encode(n int) []byte {
	p.ends = append(p.ends[:0], make([]uint32, len(p.last)+1)...)
	for _, l := range p.lists {
		p.ends[l+1]++
	}
	for i := range p.last {
		p.ends[i+1] += p.ends[i]
	}
	// ends now has the start of each list. Filling a list moves its entry to its end.
	p.sorted = append(p.sorted[:0], p.rows...)
	for i, l := range p.lists {
		p.sorted[p.ends[l]] = p.rows[i]
		p.ends[l]++
	}
	out := make([]byte, 4*(len(p.last)+1), 4*(len(p.last)+1)+len(p.rows)*3/2+16)
	from := uint32(0)
	for i := range p.last {
		binary.LittleEndian.PutUint32(out[4*i:], uint32(len(out)))
		list := p.sorted[from:p.ends[i]]
		from = p.ends[i]
		if len(list) == n {
			continue
		}
		last := -1
		for _, row := range list {
			out = binary.AppendUvarint(out, uint64(int(row)-last-1))
			last = int(row)
		}
	}
	binary.LittleEndian.PutUint32(out[4*len(p.last):], uint32(len(out)))
	return out
}
