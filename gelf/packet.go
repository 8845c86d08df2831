package gelf

import (
	"container/list"
	"net"
	"sync"
	"time"
)

// Bounds on what a [PacketReader] keeps of frames whose chunks are not all
// there. Behind them the oldest frame is given up.
const (
	maxPending      = 4096
	maxPendingBytes = 32 << 20
)

const chunkHeader = 12 // magic 1e 0f, 8 bytes of id, number, count

// PacketStats counts what came in as datagrams.
type PacketStats struct {
	// Datagrams is how many were read.
	Datagrams uint64
	// Frames is how many frames came of them.
	Frames uint64
	// Bad is how many datagrams were skipped because they are neither a frame
	// nor a chunk, or make a frame that cannot be decompressed.
	Bad uint64
	// Duplicates is how many chunks came a second time.
	Duplicates uint64
	// Expired is how many frames were given up because a chunk was missing
	// after [ChunkTimeout].
	Expired uint64
	// Evicted is how many frames were given up to keep memory bounded.
	Evicted uint64
}

// A PacketReader puts frames together from datagrams, as a GELF UDP input does:
// plain or compressed, whole or in chunks. Next is for one goroutine at a time,
// Stats for any.
type PacketReader struct {
	conn    net.PacketConn
	now     func() time.Time
	buf     []byte
	pending map[[8]byte]*partial
	order   *list.List // of *partial, the oldest in front
	bytes   int        // in the chunks of pending

	mu    sync.Mutex
	stats PacketStats
}

// A partial is a frame that waits for chunks.
type partial struct {
	id      [8]byte
	since   time.Time
	chunks  [][]byte
	missing int
	bytes   int
	place   *list.Element
}

// NewPacketReader returns a PacketReader of the datagrams that arrive at conn.
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

// Next returns the next frame, decompressed, and the address that its last
// datagram came from. The frame is valid until the next call. What makes no
// frame is skipped and counted; an error is the connection's.
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

// datagram returns the frame that p completes, nil if there is none yet.
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

// chunk keeps the chunk p and returns the frame if that was the last one. It
// reports whether p is a chunk that can be one.
//
// The id alone tells which chunks belong together, whoever sent them, and the
// first chunk tells how many there are (graylog-server: GelfChunkAggregator).
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
		f.place = r.order.PushBack(f)
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
	r.order.Remove(f.place)
	r.bytes -= f.bytes
}

// expire gives up the frames whose first chunk is too long ago.
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

// evict gives up the oldest frames until the rest is within bounds.
func (r *PacketReader) evict() {
	for len(r.pending) > maxPending || r.bytes > maxPendingBytes {
		r.forget(r.order.Front().Value.(*partial))
		r.count(func(s *PacketStats) { s.Evicted++ })
	}
}
