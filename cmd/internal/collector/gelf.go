package collector

import (
	"fmt"
	"strconv"
)

// appendGELF appends a record as a frame of GELF 1.1 that has what is stored of
// it: sent again, it is stored as it is now.
func appendGELF(dst []byte, r *row) []byte {
	dst = append(dst, `{"version":"1.1","host":`...)
	dst = appendString(dst, r.source)
	dst = append(dst, `,"short_message":`...)
	dst = appendString(dst, r.message)
	if r.fullMessage != "" {
		dst = append(dst, `,"full_message":`...)
		dst = appendString(dst, r.fullMessage)
	}
	dst = append(dst, `,"timestamp":`...)
	dst = strconv.AppendFloat(dst, float64(r.timestamp)/1000, 'f', 3, 64) // exact, for 200,000 years
	if r.level >= 0 {
		dst = fmt.Appendf(dst, `,"level":%d`, r.level)
	}
	eachField(r.fields, func(name string, v value) bool {
		dst = append(dst, ',')
		dst = appendString(dst, "_"+name)
		dst = append(dst, ':')
		switch v.kind {
		case 's':
			dst = appendString(dst, v.s)
		case 'i':
			dst = strconv.AppendInt(dst, v.i, 10)
		default:
			dst = appendFloat(dst, v.f)
		}
		return true
	})
	return append(dst, '}')
}
