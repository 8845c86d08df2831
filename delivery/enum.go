package delivery

import (
	"fmt"
	"strings"
)

// Overflow selects what happens to a frame that does not fit into the queue.
type Overflow int

const (
	// DropNewest drops the frame.
	OverflowDropNewest Overflow = iota
	// DropOldest drops the oldest frames that are not urgent to make room. If all
	// are urgent, the oldest make room for an urgent frame, and another frame is
	// dropped.
	OverflowDropOldest
	// Block makes Send wait for room, for at most BlockTimeout, and then
	// drops the frame. The cancellation of a context does not end the wait.
	OverflowBlock
	// Spool relies on SpoolDir, which must be set, to make room in time. It
	// drops the frame if the disk is too slow or full. With a SpoolDir
	// OverflowDropNewest does the same.
	OverflowSpool
)

// Compress selects how frames are compressed for UDP.
type Compress int

const (
	CompressGzip Compress = iota
	CompressZlib
	CompressNone
)

// The names of enumerators in flags, environment variables and JSON.
var (
	overflowNames = []string{
		OverflowDropNewest: "newest",
		OverflowDropOldest: "oldest",
		OverflowBlock:      "block",
		OverflowSpool:      "spool",
	}
	compressNames = []string{CompressGzip: "gzip", CompressZlib: "zlib", CompressNone: "none"}
)

// String returns the name that UnmarshalText accepts.
func (o Overflow) String() string { return enumName(overflowNames, int(o)) }

// MarshalText implements [encoding.TextMarshaler].
func (o Overflow) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts newest, oldest (the
// frames that are dropped), block and spool, in any case.
func (o *Overflow) UnmarshalText(text []byte) error {
	n, err := parseEnum(overflowNames, text)
	if err == nil {
		*o = Overflow(n)
	}
	return err
}

// String returns the name that UnmarshalText accepts.
func (c Compress) String() string { return enumName(compressNames, int(c)) }

// MarshalText implements [encoding.TextMarshaler].
func (c Compress) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts gzip, zlib and none,
// in any case.
func (c *Compress) UnmarshalText(text []byte) error {
	n, err := parseEnum(compressNames, text)
	if err == nil {
		*c = Compress(n)
	}
	return err
}

func enumName(names []string, n int) string {
	if n < 0 || n >= len(names) {
		return fmt.Sprintf("invalid(%d)", n)
	}
	return names[n]
}

func parseEnum(names []string, text []byte) (int, error) {
	for n, name := range names {
		if strings.EqualFold(name, string(text)) {
			return n, nil
		}
	}
	last := len(names) - 1
	return 0, fmt.Errorf("use %s or %s, not %q", strings.Join(names[:last], ", "), names[last], text)
}
