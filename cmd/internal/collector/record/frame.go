package record

import (
	"fmt"
	"strconv"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// AppendGELF appends a record as a GELF 1.1 frame with everything that is stored of
// it. If the frame is sent again, the same record is stored.
func AppendGELF(dst []byte, r *index.Row) []byte {
	dst = append(dst, `{"version":"1.1","host":`...)
	dst = index.AppendString(dst, r.Source)
	dst = append(dst, `,"short_message":`...)
	dst = index.AppendString(dst, r.Message)
	if r.FullMessage != "" {
		dst = append(dst, `,"full_message":`...)
		dst = index.AppendString(dst, r.FullMessage)
	}
	dst = append(dst, `,"timestamp":`...)
	dst = strconv.AppendFloat(dst, float64(r.Timestamp)/1000, 'f', 3, 64) // exact for 200,000 years
	if r.Level >= 0 {
		dst = fmt.Appendf(dst, `,"level":%d`, r.Level)
	}
	index.EachJSONField(r.Fields, func(name string, v index.Value) bool {
		dst = append(dst, ',')
		dst = index.AppendString(dst, "_"+name)
		dst = append(dst, ':')
		switch v.Kind {
		case index.KindText:
			dst = index.AppendString(dst, v.Str)
		case index.KindInteger:
			dst = strconv.AppendInt(dst, v.Int, 10)
		default:
			dst = index.AppendFloat(dst, v.Float)
		}
		return true
	})
	return append(dst, '}')
}
