package contentpack

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// digest returns the SHA-256 of the parts of a name as 64 hexadecimal digits.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// uuid derives an id from a name, so the same pack always has the same ids. The
// form is that of RFC 9562, version 8 (custom).
func uuid(parts ...string) string {
	d := digest(parts...)
	return strings.Join([]string{d[:8], d[8:12], "8" + d[13:16], "8" + d[17:20], d[20:32]}, "-")
}

// id24 derives an id in the form of MongoDB's ids. Graylog 7.0.0 requires it for
// streams.
func id24(parts ...string) string { return digest(parts...)[:24] }
