package gelf

import (
	"container/list"
	"net"
	"sync"
	"time"
)

// Limits of the incomplete frames that a [PacketReader] keeps. It discards the oldest
// ones beyond them.
const (
	maxPending      = 4096
	maxPendingBytes = 32 << 20
)

const chunkHeader = 12 // magic 1e 0f, 8 bytes of id, number, count

// PacketStats counts datagrams and frames.
type PacketStats struct {
	// Datagrams is the number of received datagrams.
	Datagrams uint64
	// Frames is the number of returned frames.
	Frames uint64
	// Bad is the number of datagrams that were skipped: invalid chunks, and frames
	// that are too short, of unknown type or cannot be decompressed.
	Bad uint64
	// Duplicates is the number of chunks that were received before.
	Duplicates uint64
	// Expired is the number of frames that were discarded because a chunk was
	// missing after [ChunkTimeout].
	Expired uint64
	// Evicted is the number of frames that were discarded to limit memory.
	Evicted uint64
}

// A PacketReader assembles frames from datagrams like a GELF UDP input: plain or
// compressed, whole or chunked. Next must not be called concurrently. Stats is safe for
// concurrent use.
type PacketReader struct {
	conn    net.PacketConn
	now     func() time.Time
	buf     []byte
	pending map[[8]byte]*partial
	order   *list.List // of *partial, oldest first
	bytes   int        // in the chunks of pending

	mu    sync.Mutex
	stats PacketStats
}

// A partial is a frame with missing chunks.
type partial struct {
	id      [8]byte
	since   time.Time
	chunks  [][]byte
	missing int
	bytes   int
	element *list.Element // in PacketReader.order
}

// NewPacketReader returns a PacketReader of the datagrams that conn receives.
func NewPacketReader(conn net.PacketConn) *PacketReader {
	return &PacketReader{
		conn:    conn,
		now:     time.Now,
		buf:     make([]byte, 64<<10),
		pending: make(map[[8]byte]*partial),
		order:   list.New(),
	}
}

// Stats returns the counts so far.
func (r *PacketReader) Stats() PacketStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Next returns the next frame, decompressed, and the sender of its last datagram. The
// frame is valid until the next call. Bad datagrams are skipped and counted. The error
// is that of the connection.
func (r *PacketReader) Next() (frame []byte, from net.Addr, err error) {
	for {
		n, from, err := r.conn.ReadFrom(r.buf)
		if err != nil {
			return nil, nil, err
		}
		r.count(func(s *PacketStats) { s.Datagrams++ })
		if frame := r.datagram(r.buf[:n]); frame != nil {
			r.count(func(s *PacketStats) { s.Frames++ })
			return frame, from, nil
		}
	}
}

func (r *PacketReader) count(add func(*PacketStats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.stats)
}

// datagram returns the frame that p completes, or nil.
func (r *PacketReader) datagram(p []byte) []byte {
	whole := p
	if len(p) >= 2 && p[0] == 0x1E && p[1] == 0x0F {
		var ok bool
		if whole, ok = r.chunk(p); ok && whole == nil {
			return nil
		}
	}
	frame, err := inflate(whole)
	if err != nil {
		r.count(func(s *PacketStats) { s.Bad++ })
		return nil
	}
	return frame
}

// chunk stores the chunk p, and returns the frame if no other chunk is missing. It
// reports whether p is a valid chunk.
//
// Chunks with the same id belong together, whoever sent them. The first chunk sets
// their number (graylog-server: GelfChunkAggregator).
func (r *PacketReader) chunk(p []byte) ([]byte, bool) {
	r.expire()
	if len(p) < chunkHeader {
		return nil, false
	}
	id, number, count := [8]byte(p[2:10]), int(p[10]), int(p[11])
	f := r.pending[id]
	if f == nil {
		if count == 0 || count > MaxChunks || number >= count {
			return nil, false
		}
		f = &partial{id: id, since: r.now(), chunks: make([][]byte, count), missing: count}
		f.element = r.order.PushBack(f)
		r.pending[id] = f
	}
	if number >= len(f.chunks) || count != len(f.chunks) {
		return nil, false
	}
	if f.chunks[number] != nil {
		r.count(func(s *PacketStats) { s.Duplicates++ })
		return nil, true
	}
	f.chunks[number] = append(make([]byte, 0, len(p)-chunkHeader), p[chunkHeader:]...)
	f.bytes += len(p)
	r.bytes += len(p)
	if f.missing--; f.missing > 0 {
		r.evict()
		return nil, true
	}
	r.forget(f)
	frame := make([]byte, 0, f.bytes)
	for _, c := range f.chunks {
		frame = append(frame, c...)
	}
	return frame, true
}

func (r *PacketReader) forget(f *partial) {
	delete(r.pending, f.id)
	r.order.Remove(f.element)
	r.bytes -= f.bytes
}

// expire discards frames whose first chunk is too old.
func (r *PacketReader) expire() {
	if r.order.Len() == 0 {
		return
	}
	limit := r.now().Add(-ChunkTimeout)
	for e := r.order.Front(); e != nil && e.Value.(*partial).since.Before(limit); e = r.order.Front() {
		r.forget(e.Value.(*partial))
		r.count(func(s *PacketStats) { s.Expired++ })
	}
}

// evict discards the oldest frames until the others are within the limits.
func (r *PacketReader) evict() {
	for len(r.pending) > maxPending || r.bytes > maxPendingBytes {
		r.forget(r.order.Front().Value.(*partial))
		r.count(func(s *PacketStats) { s.Evicted++ })
	}
}
