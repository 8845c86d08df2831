package doctor

import (
	"errors"
	"fmt"
	"io"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A Status is the outcome of a step.
type Status string

// The statuses of a step.
const (
	StatusOK      Status = "ok"
	StatusNote    Status = "note"    // worth knowing, but records still arrive
	StatusUnknown Status = "unknown" // the outcome could not be confirmed
	StatusFailed  Status = "failed"
)

// A Step is one check and its outcome.
type Step struct {
	Name   string `json:"step"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"`
}

// Print writes the step for people: one line, and a second one for the advice.
func (s Step) Print(w io.Writer) {
	fmt.Fprintf(w, "%-7s %-14s %s\n", s.Status, s.Name, s.Found)
	if s.Advice != "" {
		fmt.Fprintf(w, "%22s > %s\n", "", s.Advice)
	}
}

// A Report contains the steps of one run. Its JSON is what the command doctor
// prints with --json.
type Report struct {
	Server string `json:"server"`       // scheme://host:port
	Role   string `json:"role"`         // its name
	Probe  string `json:"doctor_probe"` // the probe's field of this name
	Steps  []Step `json:"steps"`
}

// ErrUnknown is wrapped by the error of a report without failed steps whose
// outcome could not be confirmed.
var ErrUnknown = errors.New("not confirmed")

// Err returns an error unless the status of each step is ok or note.
func (r Report) Err() error {
	count := map[Status]int{}
	for _, s := range r.Steps {
		count[s.Status]++
	}
	switch failed, unknown := count[StatusFailed], count[StatusUnknown]; {
	case failed > 0:
		return fmt.Errorf("%d of %d steps failed", failed, len(r.Steps))
	case unknown > 0:
		return fmt.Errorf("no step failed, but %d of %d were %w", unknown, len(r.Steps), ErrUnknown)
	}
	return nil
}

func (d *Doctor) ok(name, format string, args ...any) {
	d.add(Step{name, StatusOK, fmt.Sprintf(format, args...), ""})
}

func (d *Doctor) note(name, found, advice string) { d.add(Step{name, StatusNote, found, advice}) }

func (d *Doctor) fail(name, found, advice string) { d.add(Step{name, StatusFailed, found, advice}) }

func (d *Doctor) unknown(name, found, advice string) {
	d.add(Step{name, StatusUnknown, found, advice})
}

// unconfirmed reports a datagram that was sent and not confirmed. The step is a
// note if the probe is looked up later.
func (d *Doctor) unconfirmed(name, found string) {
	if d.looksUp {
		d.note(name, found, "The next steps look the probe up.")
		return
	}
	d.unknown(name, found, "Give --url to look the probe up, or use tcp://.")
}

// add keeps a step and passes it to OnStep.
func (d *Doctor) add(s Step) {
	s.Found, s.Advice = graylog.Printable(s.Found), graylog.Printable(s.Advice)
	d.report.Steps = append(d.report.Steps, s)
	if d.opts.OnStep != nil {
		d.opts.OnStep(s)
	}
}
