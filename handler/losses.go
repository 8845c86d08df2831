package handler

import (
	"fmt"
	"log/slog"
	"time"
)

// recordLosses logs that records were lost, so that those who look at Graylog
// see it where they look. Neither a full queue nor Close keeps the record out,
// unless there is no memory at all. ReplaceAttr does not see it: it is the
// handler's own, and the goroutine that sends must not run the host's code.
func (c *core) recordLosses(q *queue, d Dropped) error {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("%d records dropped", d.Total()), 0)
	own := c.format
	own.replace, own.simple = nil, true
	e := newEncoder(&own)
	defer e.free()
	e.begin(&r, c.seq.Add(1))
	e.member("dropped_queue_full", slog.Uint64Value(d.QueueFull))
	e.member("dropped_oldest", slog.Uint64Value(d.Oldest))
	e.end()
	return q.putOwn(e.buf)
}
