package collector

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// Stats are the counters of a [Collector]. Received, Stored, Pruned, Lost and
// Refused count from its start; what the store holds may be older.
type Stats struct {
	Started time.Time `json:"started"`

	Received int64 `json:"received"` // frames: records and refused ones
	Stored   int64 `json:"stored"`   // records
	Queued   int64 `json:"queued"`   // records that wait for the store
	Pruned   int64 `json:"pruned"`   // records deleted to keep within the bounds
	Lost     int64 `json:"lost"`     // records that the store did not take until the end
	Bytes    int64 `json:"bytes"`    // of all frames

	Rate float64 `json:"rate"` // records stored a second, over the last five

	// Refused counts the frames of which Graylog would store nothing, by
	// reason. Newest are the latest of them, newest first.
	Refused map[string]int64 `json:"refused"`
	Newest  []Refused        `json:"newest_refused"`

	Inputs  []InputStats `json:"inputs"`
	Streams []Stream     `json:"streams"`

	Retention Retention `json:"retention"`

	Records    int64      `json:"records"`     // in the store
	Oldest     *time.Time `json:"oldest"`      // when the oldest of them was received, nil for none
	StoreBytes int64      `json:"store_bytes"` // its size on disk
	StoreError string     `json:"store_error"` // why it cannot be written now, "" if it can
	Damage     string     `json:"damage"`      // the first damage of it that was found, "" for none
	Persistent bool       `json:"persistent"`  // it outlives the process
}

// Retention is what bounds the store; the oldest records go first.
type Retention struct {
	MaxRecords int64   `json:"max_records"`
	MaxAge     float64 `json:"max_age_seconds"` // since a record arrived; 0 means no limit
	MaxBytes   int64   `json:"max_bytes"`       // on disk
}

// InputStats are the counters of one input.
type InputStats struct {
	Input
	Running     bool  `json:"running"`
	Records     int64 `json:"records"`
	Refused     int64 `json:"refused"`
	Bytes       int64 `json:"bytes"`
	Skipped     int64 `json:"skipped"`     // datagrams and chunks that made no frame
	Connections int64 `json:"connections"` // TCP, since the start
	Rejected    int64 `json:"rejected"`    // of these, closed at once because too many were open
	Open        int   `json:"open"`        // of these, now
}

// A Refused is a frame of which Graylog would store nothing.
type Refused struct {
	Time       time.Time `json:"time"`
	Reason     string    `json:"reason"`
	Input      string    `json:"input"`
	RemoteIP   string    `json:"remote_ip"`
	RemotePort int       `json:"remote_port"`
	Bytes      int       `json:"bytes"`
	Snippet    string    `json:"snippet"` // how it begins, made printable
}

// Stats returns the counters as they are now.
func (c *Collector) Stats() Stats {
	held := c.store.counts.Load().clone()
	s := Stats{
		Started: c.started.UTC(),
		Stored:  c.tally.stored.Load(),
		Queued:  int64(c.queue.len()),
		Pruned:  c.tally.pruned.Load(),
		Lost:    c.tally.lost.Load(),
		Streams: held.streams,
		Records: held.records(),

		Persistent: !c.store.temporary,
		Retention:  Retention{c.opts.MaxRecords, c.opts.MaxAge.Seconds(), c.opts.MaxBytes},
	}
	if s.Records > 0 {
		oldest := time.UnixMilli(held.oldest).UTC()
		s.Oldest = &oldest
	}
	s.StoreBytes = c.store.bytes()
	if err := c.tally.storeError(); err != nil {
		s.StoreError = err.Error()
	}
	if err := c.store.damaged(); err != nil {
		s.Damage = err.Error()
	}
	for _, in := range c.inputs {
		i := InputStats{
			Input:   in.Input,
			Running: in.running.Load() == 2,
			Records: in.records.Load(), Refused: in.refused.Load(), Bytes: in.bytes.Load(),
			Connections: in.connections.Load(), Rejected: in.rejected.Load(), Open: in.open(),
		}
		d := in.datagrams.Stats()
		i.Skipped = int64(d.Bad + d.Expired + d.Evicted)
		s.Received += i.Records + i.Refused
		s.Bytes += i.Bytes
		s.Inputs = append(s.Inputs, i)
	}
	c.tally.read(&s, time.Now())
	return s
}

// The bounds of what is remembered of refused frames.
const (
	keepRefused  = 100
	keepReasons  = 100 // further ones are counted together
	snippetBytes = 400
)

// A tally counts what becomes of records behind the inputs.
type tally struct {
	stored, pruned, lost atomic.Int64

	mu      sync.Mutex
	err     error // of the last write
	reasons map[string]int64
	refused []Refused // a ring, oldest at next
	next    int
	rate    rate
}

func newTally() *tally { return &tally{reasons: make(map[string]int64)} }

// wrote counts a batch that was stored.
func (t *tally) wrote(n int, pruned int64, now time.Time) {
	t.stored.Add(int64(n))
	t.pruned.Add(pruned)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = nil
	t.rate.add(now, int64(n))
}

// failed remembers why a batch could not be stored.
func (t *tally) failed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = err
}

func (t *tally) storeError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *tally) refuse(r Refused) {
	t.mu.Lock()
	defer t.mu.Unlock()
	reason := r.Reason
	if _, known := t.reasons[reason]; !known && len(t.reasons) >= keepReasons {
		reason = "other reasons"
	}
	t.reasons[reason]++
	if len(t.refused) < keepRefused {
		t.refused = append(t.refused, r)
		return
	}
	t.refused[t.next] = r
	t.next = (t.next + 1) % keepRefused
}

// read copies what the lock guards.
func (t *tally) read(s *Stats, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Refused = maps.Clone(t.reasons)
	s.Newest = append(slices.Clone(t.refused[t.next:]), t.refused[:t.next]...)
	slices.Reverse(s.Newest)
	s.Rate = t.rate.read(now)
}

// rateSeconds is how many full seconds a rate is taken over.
const rateSeconds = 5

// A rate counts events by the second, for the last few seconds.
type rate struct {
	last    int64 // the second of the newest count
	seconds [rateSeconds + 1]int64
}

func (r *rate) add(now time.Time, n int64) {
	r.advance(now.Unix())
	r.seconds[r.last%int64(len(r.seconds))] += n
}

// read returns the events a second over the last full seconds.
func (r *rate) read(now time.Time) float64 {
	r.advance(now.Unix())
	var sum int64
	for i, n := range r.seconds {
		if int64(i) != r.last%int64(len(r.seconds)) {
			sum += n
		}
	}
	return float64(sum) / rateSeconds
}

// advance forgets the seconds that are too old.
func (r *rate) advance(now int64) {
	for from := max(r.last+1, now-rateSeconds); from <= now; from++ {
		r.seconds[from%int64(len(r.seconds))] = 0
	}
	r.last = max(r.last, now)
}

// snippet returns how a frame begins, as valid text without control characters.
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
