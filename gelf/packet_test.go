package gelf

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	udp "github.com/Graylog2/go-gelf/gelf"
	"github.com/google/go-cmp/cmp"
)

// datagrams is a connection that receives datagrams. "wait" is a pause that is a little
// longer than [ChunkTimeout].
type datagrams struct {
	net.PacketConn
	all []string
	now time.Time
}

func (d *datagrams) ReadFrom(p []byte) (int, net.Addr, error) {
	for len(d.all) > 0 && d.all[0] == "wait" {
		d.all = d.all[1:]
		d.now = d.now.Add(ChunkTimeout + time.Millisecond)
	}
	if len(d.all) == 0 {
		return 0, nil, io.EOF
	}
	n := copy(p, d.all[0])
	d.all = d.all[1:]
	return n, &net.UDPAddr{Port: 1}, nil
}

// packets returns all frames of the datagrams.
func packets(all ...string) ([]string, *PacketReader) {
	conn := &datagrams{all: all, now: time.Unix(1_700_000_000, 0)}
	r := NewPacketReader(conn)
	r.now = func() time.Time { return conn.now }
	var got []string
	for {
		frame, _, err := r.Next()
		if err != nil {
			return got, r
		}
		got = append(got, string(frame))
	}
}

// chunk returns one of count chunks with an id.
func chunk(id string, number, count int, data string) string {
	return "\x1e\x0f" + fmt.Sprintf("%-8s", id) + string([]byte{byte(number), byte(count)}) + data
}

func TestPacketReader(t *testing.T) {
	gz := string(gzipped([]byte("{gzip}")))
	for _, tc := range []struct {
		name string
		in   []string
		want []string
		stat PacketStats
	}{
		{
			name: "plain",
			in:   []string{"{1}", "{2}"},
			want: []string{"{1}", "{2}"},
			stat: PacketStats{Datagrams: 2, Frames: 2},
		},
		{
			name: "gzip and zlib",
			in:   []string{gz, string(zlibbed([]byte("{zlib}")))},
			want: []string{"{gzip}", "{zlib}"},
			stat: PacketStats{Datagrams: 2, Frames: 2},
		},
		{
			name: "datagrams that are not frames",
			in:   []string{"", "{", "\x1f?", "x?", gz[:9], "{}"},
			want: []string{"{}"},
			stat: PacketStats{Datagrams: 6, Frames: 1, Bad: 5},
		},
		{
			name: "chunks",
			in:   []string{chunk("a", 0, 2, "{1"), chunk("a", 1, 2, "}")},
			want: []string{"{1}"},
			stat: PacketStats{Datagrams: 2, Frames: 1},
		},
		{
			name: "chunks in another order",
			in:   []string{chunk("a", 2, 3, "3"), chunk("a", 0, 3, "1"), chunk("a", 1, 3, "2")},
			want: []string{"123"},
			stat: PacketStats{Datagrams: 3, Frames: 1},
		},
		{
			name: "chunks of two frames",
			in: []string{
				chunk("a", 0, 2, "a"), chunk("b", 1, 2, "B"), chunk("a", 1, 2, "A"), "{}", chunk("b", 0, 2, "b"),
			},
			want: []string{"aA", "{}", "bB"},
			stat: PacketStats{Datagrams: 5, Frames: 3},
		},
		{
			name: "a single chunk",
			in:   []string{chunk("a", 0, 1, "{}")},
			want: []string{"{}"},
			stat: PacketStats{Datagrams: 1, Frames: 1},
		},
		{
			name: "compressed chunks",
			in:   []string{chunk("a", 0, 2, gz[:5]), chunk("a", 1, 2, gz[5:])},
			want: []string{"{gzip}"},
			stat: PacketStats{Datagrams: 2, Frames: 1},
		},
		{
			name: "a duplicate chunk",
			in:   []string{chunk("a", 0, 2, "1"), chunk("a", 0, 2, "x"), chunk("a", 1, 2, "2")},
			want: []string{"12"},
			stat: PacketStats{Datagrams: 3, Frames: 1, Duplicates: 1},
		},
		{
			name: "an id that is used again",
			in:   []string{chunk("a", 0, 1, "{1}"), chunk("a", 0, 1, "{2}")},
			want: []string{"{1}", "{2}"},
			stat: PacketStats{Datagrams: 2, Frames: 2},
		},
		{
			name: "invalid chunks",
			in: []string{
				chunk("a", 0, 0, "x"), chunk("a", 2, 2, "x"), chunk("a", 0, 129, "x"), chunk("a", 0, 1, "")[:11],
			},
			stat: PacketStats{Datagrams: 4, Bad: 4},
		},
		{
			name: "another count",
			in:   []string{chunk("a", 0, 2, "1"), chunk("a", 1, 3, "x"), chunk("a", 1, 2, "2")},
			want: []string{"12"},
			stat: PacketStats{Datagrams: 3, Frames: 1, Bad: 1},
		},
		{
			name: "an empty frame",
			in:   []string{chunk("a", 0, 1, "")},
			stat: PacketStats{Datagrams: 1, Bad: 1},
		},
		{
			name: "a chunk in a chunk",
			in:   []string{chunk("a", 0, 1, chunk("b", 0, 1, "{}"))},
			stat: PacketStats{Datagrams: 1, Bad: 1},
		},
		{
			name: "a chunk that is too late",
			in:   []string{chunk("a", 0, 2, "1"), "wait", chunk("a", 1, 2, "2"), chunk("a", 0, 2, "3")},
			want: []string{"32"},
			stat: PacketStats{Datagrams: 3, Frames: 1, Expired: 1},
		},
	} {
		got, r := packets(tc.in...)
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s: frames (-want +got):\n%s", tc.name, d)
		}
		if d := cmp.Diff(tc.stat, r.Stats()); d != "" {
			t.Errorf("%s: stats (-want +got):\n%s", tc.name, d)
		}
	}
}

// TestPacketReaderLimitsMemory covers a frame of MaxChunks, and many incomplete frames,
// which must not affect a frame after them.
func TestPacketReaderLimitsMemory(t *testing.T) {
	var all, want []string
	for i := range MaxChunks {
		all = append(all, chunk("most", i, MaxChunks, fmt.Sprintf("%03d", i)))
		want = append(want, fmt.Sprintf("%03d", i))
	}
	for i := range 20_000 {
		id := string(binary.BigEndian.AppendUint64(nil, uint64(i)))
		all = append(all, chunk(id, 1, 2, strings.Repeat("x", 8000)))
	}
	all = append(all, chunk("last", 0, 2, "{"), chunk("last", 1, 2, "}"))
	got, r := packets(all...)
	if d := cmp.Diff([]string{strings.Join(want, ""), "{}"}, got); d != "" {
		t.Errorf("frames (-want +got):\n%s", d)
	}
	if len(r.pending) > maxPending || r.bytes > maxPendingBytes || r.order.Len() != len(r.pending) {
		t.Errorf("%d frames of %d bytes are kept", len(r.pending), r.bytes)
	}
	if s := r.Stats(); s.Evicted+uint64(len(r.pending)) != 20_000 {
		t.Errorf("%d frames evicted, %d kept", s.Evicted, len(r.pending))
	}
}

// TestPacketReaderReadsGoGELF reads what go-gelf sends.
func TestPacketReaderReadsGoGELF(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := NewPacketReader(conn)
	for _, compress := range []udp.CompressType{udp.CompressNone, udp.CompressGzip, udp.CompressZlib} {
		w, err := udp.NewWriter(conn.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		w.CompressionType = compress
		for _, n := range []int{1, 1000, 50_000} {
			text := scattered(n)
			if err := w.WriteMessage(&udp.Message{Version: "1.1", Host: "h", Short: text, Level: 6}); err != nil {
				t.Fatal(err)
			}
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			frame, from, err := r.Next()
			if err != nil {
				t.Fatalf("compression %d, %d bytes: %v", compress, n, err)
			}
			msg, _, err := Decode(frame)
			if err != nil || msg.Message != text || msg.Level != 6 || from.Network() != "udp" {
				t.Errorf("compression %d, %d bytes: %.100v, %v", compress, n, msg, err)
			}
		}
	}
	if s := r.Stats(); s.Frames != 9 || s.Bad != 0 || s.Datagrams <= s.Frames {
		t.Errorf("stats %+v", s)
	}
}

// scattered returns a text that does not compress well.
func scattered(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

func ExamplePacketReader() {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	for _, chunk := range []string{
		"\x1e\x0f12345678\x00\x02{\"short_message\":",
		"\x1e\x0f12345678\x01\x02\"Hello World!\"}",
	} {
		if _, err := conn.WriteTo([]byte(chunk), conn.LocalAddr()); err != nil {
			fmt.Println(err)
			return
		}
	}
	r := NewPacketReader(conn)
	frame, _, err := r.Next()
	fmt.Printf("%s %v\n", frame, err)
	fmt.Printf("%+v\n", r.Stats())
	// Output:
	// {"short_message":"Hello World!"} <nil>
	// {Datagrams:2 Frames:1 Bad:0 Duplicates:0 Expired:0 Evicted:0}
}

// FuzzPacketReader checks that the reader accepts any datagrams, counts each once and
// counts its memory.
func FuzzPacketReader(f *testing.F) {
	f.Add([]byte("{1}\n{2}"))
	f.Add([]byte(chunk("a", 0, 2, "{") + "\n" + chunk("a", 1, 2, "}")))
	f.Add([]byte(chunk("a", 1, 2, "}") + "\nwait\n" + chunk("a", 0, 2, "{")))
	f.Add(gzipped([]byte("{}")))
	f.Add(zlibbed([]byte("{}")))
	f.Fuzz(func(t *testing.T, data []byte) {
		var all []string
		sent := 0
		for line := range strings.SplitSeq(string(data), "\n") {
			all = append(all, line)
			if line != "wait" {
				sent++
			}
		}
		got, r := packets(all...)
		s := r.Stats()
		if int(s.Datagrams) != sent || int(s.Frames) != len(got) || s.Frames+s.Bad+s.Duplicates > s.Datagrams {
			t.Errorf("%d datagrams, %d frames: %+v", sent, len(got), s)
		}
		bytes := 0
		for _, p := range r.pending {
			bytes += p.bytes
		}
		if bytes != r.bytes || r.order.Len() != len(r.pending) {
			t.Errorf("%d bytes kept, %d counted; %d frames kept, %d in order",
				bytes, r.bytes, len(r.pending), r.order.Len())
		}
	})
}
