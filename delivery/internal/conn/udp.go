package conn

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"
)

// Limits of GELF over UDP. A message is sent in at most maxChunks datagrams, see
// "Chunking" in Graylog's GELF documentation. Datagrams of chunkBytes fit into the MTU
// of common networks.
const (
	maxChunks   = 128
	chunkBytes  = 1420
	chunkHeader = 12

	MaxDatagrams = maxChunks * (chunkBytes - chunkHeader)
)

// A datagrams link sends frames over UDP. Nothing shows whether they arrive.
type datagrams struct {
	conn     net.Conn
	compress compressor // nil for uncompressed frames
	shorten  func(frame []byte, limit int) []byte
	buf      bytes.Buffer
	chunk    []byte
	written  int
	closed   chan struct{} // never
}

// A Compression is how frames are compressed. The zero value is gzip.
type Compression int

const (
	gzipped Compression = iota
	zlibbed
)

// A compressor is a writer of [compress/gzip] or [compress/zlib].
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

// dialUDP returns a dialer for UDP. It looks up the host's name each time.
func dialUDP(addr Address, cfg *Config) Dialer {
	return func(ctx context.Context) (Link, error) {
		conn, err := dialDatagrams(ctx, addr, cfg)
		if err != nil {
			return nil, err
		}
		l := &datagrams{conn: conn, shorten: cfg.Shorten, closed: make(chan struct{})}
		switch cfg.Compress {
		case gzipped:
			l.compress, err = gzip.NewWriterLevel(nil, flate.BestSpeed)
		case zlibbed:
			l.compress, err = zlib.NewWriterLevel(nil, flate.BestSpeed)
		}
		return l, err
	}
}

// dialDatagrams connects to the first address of the host to which this machine has a
// route.
func dialDatagrams(ctx context.Context, addr Address, cfg *Config) (net.Conn, error) {
	if cfg.Dial != nil {
		return cfg.Dial(ctx, "udp", addr.hostPort())
	}
	hosts := []string{addr.host}
	if _, err := netip.ParseAddr(addr.host); err != nil {
		if hosts, err = net.DefaultResolver.LookupHost(ctx, addr.host); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, host := range hosts {
		conn, err := new(net.Dialer).DialContext(ctx, "udp", net.JoinHostPort(host, addr.port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Write sends the first frame. If it does not fit into maxChunks, it is shortened and
// sent uncompressed.
func (d *datagrams) Write(_ context.Context, frames []byte) (int, error) {
	n := bytes.IndexByte(frames, 0) + 1
	frame := frames[:n-1]
	message, err := d.compressed(frame)
	if err == nil && len(message) > MaxDatagrams {
		if message = frame; len(message) > MaxDatagrams {
			message = d.shorten(frame, MaxDatagrams)
		}
	}
	if err == nil {
		err = d.send(message)
	}
	if err != nil {
		return 0, err
	}
	d.written += n
	return n, nil
}

func (d *datagrams) compressed(frame []byte) ([]byte, error) {
	if d.compress == nil {
		return frame, nil
	}
	d.buf.Reset()
	d.compress.Reset(&d.buf)
	_, err := d.compress.Write(frame)
	err = errors.Join(err, d.compress.Close())
	return d.buf.Bytes(), err
}

// send sends a message in one datagram, or in chunks. The header of a chunk is the magic
// number 0x1e 0x0f, the message's id of 8 bytes, the number of the chunk and the number
// of chunks.
func (d *datagrams) send(message []byte) error {
	if len(message) <= chunkBytes {
		_, err := d.conn.Write(message)
		return err
	}
	const size = chunkBytes - chunkHeader
	count := (len(message) + size - 1) / size
	if count > maxChunks {
		return fmt.Errorf("a frame of %d bytes does not fit into %d datagrams", len(message), maxChunks)
	}
	id := rand.Uint64()
	for i := range count {
		d.chunk = append(d.chunk[:0], 0x1e, 0x0f)
		d.chunk = binary.BigEndian.AppendUint64(d.chunk, id)
		d.chunk = append(d.chunk, byte(i), byte(count))
		d.chunk = append(d.chunk, message[i*size:min((i+1)*size, len(message))]...)
		if _, err := d.conn.Write(d.chunk); err != nil {
			return err
		}
	}
	return nil
}

func (d *datagrams) Reached() int                { return d.written }
func (d *datagrams) Gone() <-chan struct{}       { return d.closed }
func (d *datagrams) Cause() error                { return nil }
func (d *datagrams) TrialTime() time.Duration    { return 0 }
func (d *datagrams) Finish(context.Context) bool { return false }
func (d *datagrams) Close()                      { d.conn.Close() }
