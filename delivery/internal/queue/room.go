package queue

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A room is the memory of a chunk. While it is open, many goroutines put frames into it
// without a lock: each reserves its part with one atomic addition and copies the frame
// there. Once it is closed, no frame is added, and await waits until all are copied.
//
// A goroutine may still use a room that the queue has closed and opened again for later
// frames: its frame is then simply one of these.
type room struct {
	buf []byte

	_ [64]byte // The counters share a cache line with nothing else.
	// taken counts what was reserved: the frames in the higher bits, the bytes in the
	// lower ones. The first call that exceeds the memory closes the room.
	taken atomic.Uint64
	// closed is what was reserved before that call, with the bit isClosed.
	closed atomic.Uint64
	copied atomic.Int64 // bytes
	_      [40]byte
}

const (
	byteBits = 40
	byteMask = 1<<byteBits - 1
	closing  = 1 << (byteBits - 1) // more bytes than any memory has
	isClosed = 1 << 63
)

// counts returns the frames and bytes of a value of taken or closed.
func counts(v uint64) (frames, size int) {
	return int(v &^ isClosed >> byteBits), int(v & byteMask)
}

// open opens the room, whose first size bytes contain frames. No frame may be in the
// process of being copied.
func (r *room) open(frames, size int) {
	r.copied.Store(int64(size))
	r.closed.Store(0)
	r.taken.Store(uint64(frames)<<byteBits | uint64(size))
}

// put adds a frame and returns its offset, or returns false if the room is closed or
// too small.
func (r *room) put(frame []byte) (begin int, ok bool) {
	const one = 1 << byteBits
	n := uint64(len(frame))
	taken := r.taken.Add(one + n)
	end := taken & byteMask
	switch size := uint64(len(r.buf)); {
	case end <= size:
		copy(r.buf[end-n:end], frame)
		r.copied.Add(int64(n))
		return int(end - n), true
	case end-n <= size: // the first call that does not fit
		r.closed.Store(taken - one - n | isClosed)
	}
	return 0, false
}

// used returns the number of frames and bytes in the room.
func (r *room) used() (frames, size int) {
	taken := r.taken.Load()
	if taken&byteMask > uint64(len(r.buf)) {
		taken = r.whenClosed()
	}
	return counts(taken)
}

// close closes the room and returns the number of frames and bytes in it. It must be
// open, or closed by put.
func (r *room) close() (frames, size int) {
	taken := r.taken.Add(closing) - closing
	if taken&byteMask > uint64(len(r.buf)) {
		taken = r.whenClosed()
	}
	return counts(taken)
}

// whenClosed returns closed, which a call of put is about to set.
func (r *room) whenClosed() uint64 {
	for spins := 0; ; spins++ {
		if v := r.closed.Load(); v != 0 {
			return v
		}
		pause(spins)
	}
}

// await waits until size bytes are copied.
func (r *room) await(size int) {
	for spins := 0; r.copied.Load() < int64(size); spins++ {
		pause(spins)
	}
}

// pause lets other goroutines run. Copying a frame takes less than a microsecond, unless
// the goroutine that does it is suspended.
func pause(spins int) {
	if spins < 100 {
		runtime.Gosched()
		return
	}
	time.Sleep(20 * time.Microsecond)
}
