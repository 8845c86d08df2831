package gelf

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// inflate decompresses a frame if its first two bytes are those of gzip or zlib
// (graylog-server: GELFMessage.determineType). Otherwise it returns the frame.
func inflate(frame []byte) ([]byte, error) {
	if len(frame) < 2 {
		return nil, fmt.Errorf("gelf: the frame has %d bytes, fewer than two", len(frame))
	}
	switch frame[0] {
	case 0x78:
		if (int(frame[0])<<8|int(frame[1]))%31 == 0 {
			return unzlib(frame)
		}
	case 0x1F:
		if frame[1] == 0x8B {
			return gunzip(frame)
		}
	case 0x1E:
		if frame[1] == 0x0F {
			return nil, errors.New("gelf: a chunk instead of a whole frame")
		}
	default:
		return frame, nil
	}
	return nil, fmt.Errorf("gelf: the frame begins with % x, which is neither JSON nor gzip nor zlib", frame[:2])
}

func unzlib(frame []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(frame))
	if err == nil {
		frame, err = limited(r)
	}
	if err != nil {
		return nil, fmt.Errorf("gelf: zlib frame: %w", err)
	}
	return frame, nil
}

// gunzip reads all members of a gzip file and ignores what follows them, like Java.
func gunzip(frame []byte) ([]byte, error) {
	rest := bytes.NewReader(frame)
	r, err := gzip.NewReader(rest)
	var all []byte
	for err == nil && len(all) < MaxDecompressed {
		r.Multistream(false)
		var part []byte
		if part, err = io.ReadAll(io.LimitReader(r, int64(MaxDecompressed-len(all)))); err != nil {
			break
		}
		all = append(all, part...)
		if r.Reset(rest) != nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("gelf: gzip frame: %w", err)
	}
	return all, nil
}

// limited reads at most MaxDecompressed bytes. A longer frame is truncated, and then
// rejected because it is not valid JSON.
func limited(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, MaxDecompressed))
}
