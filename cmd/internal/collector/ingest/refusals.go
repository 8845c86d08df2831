package ingest

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Bounds of what is kept about refused frames.
const (
	keepRefused  = 100
	keepReasons  = 100 // further reasons are counted together
	snippetBytes = 400
)

// A Refused is a frame of which Graylog would store nothing.
type Refused struct {
	Time       time.Time `json:"time"`
	Reason     string    `json:"reason"`
	Input      string    `json:"input"`
	RemoteIP   string    `json:"remote_ip"`
	RemotePort int       `json:"remote_port"`
	Bytes      int       `json:"bytes"`
	Snippet    string    `json:"snippet"` // the start of the frame, in printable characters
}

// Refusals counts refused frames by reason and keeps the newest. The zero Refusals is
// ready to use.
type Refusals struct {
	mu      sync.Mutex
	reasons map[string]int64
	newest  []Refused // a ring; the oldest is at next
	next    int
}

// add counts a frame.
func (rs *Refusals) add(r Refused) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.reasons == nil {
		rs.reasons = make(map[string]int64)
	}
	reason := r.Reason
	if _, known := rs.reasons[reason]; !known && len(rs.reasons) >= keepReasons {
		reason = "other reasons"
	}
	rs.reasons[reason]++
	if len(rs.newest) < keepRefused {
		rs.newest = append(rs.newest, r)
		return
	}
	rs.newest[rs.next] = r
	rs.next = (rs.next + 1) % keepRefused
}

// Read returns the number of frames by reason, and the newest frames, newest first.
func (rs *Refusals) Read() (reasons map[string]int64, newest []Refused) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	reasons = make(map[string]int64, len(rs.reasons))
	maps.Copy(reasons, rs.reasons)
	newest = append(slices.Clone(rs.newest[rs.next:]), rs.newest[:rs.next]...)
	slices.Reverse(newest)
	return reasons, newest
}

// snippet returns the start of a frame as valid text without control characters.
func snippet(frame []byte) string {
	cut := len(frame) > snippetBytes
	if cut {
		frame = frame[:snippetBytes]
	}
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '·'
		}
		return r
	}, string(frame))
	if cut {
		text += "…"
	}
	return text
}
