package spool

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecoverDamage(t *testing.T) {
	a, b := framesOf(0, 5), framesOf(5, 10)
	first, second := segmentOf(1, a...), segmentOf(3, b...)
	record := func(size uint32, payload string) string {
		p := binary.LittleEndian.AppendUint32([]byte(marker), size)
		return string(p) + "\x00\x00\x00\x00" + payload
	}
	cursorOf := func(id, off uint64) []byte {
		p := binary.LittleEndian.AppendUint64([]byte(cursorMagic), id)
		return appendSum(binary.LittleEndian.AppendUint64(p, off), 0)
	}
	off := uint64(len(segmentOf(1, a[:2]...)))
	both := append(slices.Clone(a), b...)
	flipped := func(p []byte, i int) []byte {
		p = slices.Clone(p)
		p[i] ^= 4
		return p
	}
	file := func(name string, data []byte) map[string][]byte { return map[string][]byte{name: data} }
	tests := []struct {
		name  string
		files map[string][]byte // in addition to first and second
		want  []string
		r     Recovery // without Blocks, Frames, Bytes
	}{
		{
			name: "no damage",
			want: both,
		},
		{
			name:  "a foreign file",
			files: file("notes.txt", []byte("mine")),
			want:  both,
			r:     Recovery{Foreign: 1},
		},
		{
			name:  "names that are similar to segments",
			files: map[string][]byte{"00000000002.spool": second, "+00000000003.spool": nil, "000000000001.spoo": nil},
			want:  both,
			r:     Recovery{Foreign: 3},
		},
		{
			name:  "another magic",
			files: file(segmentName(3), []byte(strings.Repeat("SQLite format 3\x00", 99))),
			want:  both,
			r:     Recovery{Foreign: 1},
		},
		{
			name:  "a short foreign file",
			files: file(segmentName(3), []byte("mine")),
			want:  both,
			r:     Recovery{Foreign: 1},
		},
		{
			name:  "a gap in the numbers",
			files: file(segmentName(77), segmentOf(5, frameOf(10))),
			want:  framesOf(0, 11),
		},
		{
			name:  "an empty cursor",
			files: file("cursor", nil),
			want:  both,
		},
		{
			name:  "an incomplete cursor",
			files: file("cursor", cursorOf(1, off)[:20]),
			want:  both,
		},
		{
			name:  "a damaged cursor",
			files: file("cursor", flipped(cursorOf(1, off), 17)),
			want:  both,
		},
		{
			name:  "a cursor",
			files: file("cursor", cursorOf(1, off)),
			want:  both[2:],
		},
		{
			name:  "a cursor in the second segment",
			files: file("cursor", cursorOf(3, uint64(len(segmentOf(3, b[:2]...))))),
			want:  append(slices.Clone(a), b[2:]...),
		},
		{
			name:  "a cursor in the header",
			files: file("cursor", cursorOf(1, 3)),
			want:  both,
		},
		{
			name:  "a cursor of another segment",
			files: file("cursor", cursorOf(9, off)),
			want:  both,
		},
		{
			name:  "a cursor at the end",
			files: file("cursor", cursorOf(1, uint64(len(first)))),
			want:  b,
		},
		{
			name:  "a cursor after the end",
			files: file("cursor", cursorOf(1, 1<<62)),
			want:  b,
		},
		{
			name:  "a negative cursor",
			files: file("cursor", cursorOf(1, 1<<63)),
			want:  both,
		},
		{
			name:  "no header",
			files: file(segmentName(1), first[headerLen:]),
			want:  both,
		},
		{
			name:  "zeros in the first 90 bytes",
			files: file(segmentName(1), append(make([]byte, 90), first[90:]...)),
			want:  both[1:],
			r:     Recovery{Damage: Damage{int64(len(segmentOf(1, a[0]))), 1}},
		},
		{
			name:  "an incomplete record at the end of an older segment",
			files: file(segmentName(1), first[:len(first)-1]),
			want:  slices.Delete(slices.Clone(both), 4, 5),
			r:     Recovery{Damage: Damage{int64(recordLen + len(a[4]) - 1), 1}},
		},
		{
			name:  "zeros at the end",
			files: file(segmentName(2), append(slices.Clone(second), make([]byte, 5000)...)),
			want:  both,
			r:     Recovery{TornBytes: 5000},
		},
		{
			name:  "inserted bytes",
			files: file(segmentName(1), slices.Insert(slices.Clone(first), int(off), []byte("inserted")...)),
			want:  both,
			r:     Recovery{Damage: Damage{8, 1}},
		},
		{
			name:  "two ranges",
			files: file(segmentName(1), slices.Insert(flipped(first, headerLen+20), int(off), 1, 2, 3)),
			want:  both[1:],
			r:     Recovery{Damage: Damage{int64(recordLen + len(a[0]) + 3), 2}},
		},
		{
			name: "wrong lengths",
			files: file(segmentName(2), append(slices.Clone(second),
				record(0, "")+
					record(1<<31, "x")+
					record(maxFrame, strings.Repeat("x", 100))+
					record(3, "xxxx")+
					record(1, "\x00")+
					strings.Repeat(marker, 9)...)),
			want: both,
			r:    Recovery{TornBytes: 5*recordLen + 106 + 36},
		},
		{
			name: "a record without a NUL",
			files: file(segmentName(2),
				append(appendRecord(slices.Clone(second), []byte("torn")), segmentOf(1, frameOf(10))[headerLen:]...)),
			want: framesOf(0, 11),
			r:    Recovery{Damage: Damage{recordLen + 4, 1}},
		},
		{
			name:  "a record of two frames",
			files: file(segmentName(2), appendRecord(slices.Clone(second), []byte("a\x00b\x00"))),
			want:  both,
			r:     Recovery{TornBytes: recordLen + 4},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Config{Dir: t.TempDir(), disk: quick}
			writeFile(t, filepath.Join(o.Dir, segmentName(1)), first)
			writeFile(t, filepath.Join(o.Dir, segmentName(2)), second)
			for name, data := range tt.files {
				writeFile(t, filepath.Join(o.Dir, name), data)
			}
			got, r := recovered(t, o)
			checkFrames(t, "frames", got, tt.want)
			r.Blocks, r.Frames, r.Bytes = 0, 0, 0
			if diff := cmp.Diff(tt.r, r); diff != "" {
				t.Errorf("Recovery (-want +got):\n%s", diff)
			}
			for name, data := range tt.files {
				left, err := os.ReadFile(filepath.Join(o.Dir, name))
				if tt.r.Foreign > 0 && (err != nil || string(left) != string(data)) {
					t.Errorf("%s was changed: %v", name, err)
				}
			}
			l := open(t, o)
			appendFrames(t, l, frameOf(50))
			for _, b := range l.Pending() {
				release(t, l, b, b.Frames)
			}
			l.Close()
			got, _ = recovered(t, o)
			checkFrames(t, "after all recovered frames are released", got, framesOf(50, 51))
		})
	}
}
