package handler

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	gelfudp "github.com/Graylog2/go-gelf/gelf"
)

// Compress is how frames are compressed for UDP.
type Compress int

const (
	Gzip Compress = iota
	Zlib
	Uncompressed
)

// maxDatagrams is the most bytes that one frame may have, as it is sent: 128
// chunks with what go-gelf puts into each.
const maxDatagrams = 128*(gelfudp.ChunkSize-12) - 1

// A datagrams link sends frames over UDP. Nobody says whether they arrive.
type datagrams struct {
	writer  *gelfudp.Writer
	written int
	closed  chan struct{} // never
}

// dialUDP returns a dialer for UDP. The name of the host is looked up each time.
func dialUDP(addr address, d *Delivery) dialer {
	return func(ctx context.Context) (link, error) {
		w, err := newDatagramWriter(ctx, addr)
		if err != nil {
			return nil, err
		}
		w.CompressionLevel = flate.BestSpeed
		switch d.Compress {
		case Gzip:
			w.CompressionType = gelfudp.CompressGzip
		case Zlib:
			w.CompressionType = gelfudp.CompressZlib
		case Uncompressed:
			w.CompressionType = gelfudp.CompressNone
		}
		return &datagrams{writer: w, closed: make(chan struct{})}, nil
	}
}

// newDatagramWriter returns a writer to the first address of the host that this
// machine has a route to. The writer itself would look up the name without regard
// to the context.
func newDatagramWriter(ctx context.Context, addr address) (*gelfudp.Writer, error) {
	hosts := []string{addr.host}
	if _, err := netip.ParseAddr(addr.host); err != nil {
		if hosts, err = net.DefaultResolver.LookupHost(ctx, addr.host); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, host := range hosts {
		w, err := gelfudp.NewWriter(net.JoinHostPort(host, addr.port))
		if err == nil {
			return w, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// write sends the first frame, which is whole. One that does not fit into 128
// chunks is shortened to what does, and goes uncompressed.
func (d *datagrams) write(_ context.Context, frames []byte) (int, error) {
	n := bytes.IndexByte(frames, 0) + 1
	frame := frames[:n-1]
	compression := d.writer.CompressionType
	err := d.send(frame)
	// The JSON of go-gelf may be six times as long: it has \u003c for "<".
	for limit := maxDatagrams; tooLarge(err) && limit > maxDatagrams/16; limit /= 2 {
		d.writer.CompressionType = gelfudp.CompressNone
		err = d.send(fitDatagrams(frame, limit))
	}
	d.writer.CompressionType = compression
	if err != nil {
		return 0, err
	}
	d.written += n
	return n, nil
}

func (d *datagrams) send(frame []byte) error {
	m, err := messageOf(frame)
	if err != nil {
		return err
	}
	return d.writer.WriteMessage(m)
}

// tooLarge reports whether a frame needs more chunks than there may be. The error of
// go-gelf has no type.
func tooLarge(err error) bool { return err != nil && strings.Contains(err.Error(), "msg too large") }

// fitDatagrams shortens a frame to at most limit bytes.
func fitDatagrams(frame []byte, limit int) []byte {
	short, cut := shorten(frame[:len(frame)-1], attrsBegin(frame), nil, limit-len("}"))
	if len(cut) > 0 {
		short = appendString(append(short, `,"_truncated":`...), string(cut))
	}
	return append(bytes.Clone(short), '}')
}

func (d *datagrams) reached() int          { return d.written }
func (d *datagrams) gone() <-chan struct{} { return d.closed }
func (d *datagrams) cause() error          { return nil }
func (d *datagrams) close()                { d.writer.Close() }

// messageOf returns a frame of ours in the form that go-gelf sends. The fields
// that the form does not name stand in it as they are.
func messageOf(frame []byte) (*gelfudp.Message, error) {
	m := &gelfudp.Message{Version: "1.1"}
	extra := []byte{'{'}
	for _, s := range spansOf(frame[:len(frame)-1]) {
		member := frame[s.begin+1 : s.end]
		name, value, _ := bytes.Cut(member, []byte(`":`))
		var err error
		switch string(name) {
		case `"version`:
		case `"host`:
			err = json.Unmarshal(value, &m.Host)
		case `"short_message`:
			err = json.Unmarshal(value, &m.Short)
		case `"full_message`:
			err = json.Unmarshal(value, &m.Full)
		case `"timestamp`:
			m.TimeUnix, err = strconv.ParseFloat(string(value), 64)
		case `"level`:
			err = json.Unmarshal(value, &m.Level)
		default:
			if len(extra) > 1 {
				extra = append(extra, ',')
			}
			extra = append(extra, member...)
		}
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
	}
	m.RawExtra = append(extra, '}')
	return m, nil
}

// attrsBegin returns where in a frame of ours its attributes begin.
func attrsBegin(frame []byte) int {
	return max(bytes.Index(frame, []byte(`,"_seq":`)), 0) + 1
}
