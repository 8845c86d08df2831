package handler

import (
	"fmt"
	"log/slog"
	"time"
)

// recordLosses logs that records were lost, so that those who look at Graylog
// see it where they look. Neither a full queue nor Close keeps the record out,
// unless there is no memory at all.
func (c *core) recordLosses(q *queue, d Dropped) error {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("%d records dropped", d.Total()), 0)
	h := Handler{core: c}
	e := h.encode(&r, func(e *encoder) {
		e.member("dropped_queue_full", slog.Uint64Value(d.QueueFull))
		e.member("dropped_oldest", slog.Uint64Value(d.Oldest))
	})
	defer e.free()
	return q.putOwn(e.buf)
}
