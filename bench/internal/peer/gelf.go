package peer

import (
	"time"

	gelf1 "github.com/Graylog2/go-gelf/gelf"
	gelf2 "gopkg.in/Graylog2/go-gelf.v2/gelf"
)

// extra returns the fields of the record as go-gelf expects them.
func extra(party string, round int) map[string]any {
	return map[string]any{
		"_party":     party,
		"_round":     round,
		"_loss":      loss,
		"_converged": false,
		"_took":      took.Seconds(),
	}
}

func seconds() float64 { return float64(time.Now().UnixNano()) / 1e9 }

func dialGelf1(addr string, _ bool) (Log, func() error, error) {
	w, err := gelf1.NewWriter(addr)
	if err != nil {
		return nil, nil, err
	}
	return func(party string, round int) {
		w.WriteMessage(&gelf1.Message{
			Version:  "1.1",
			Host:     "node-a",
			Short:    message,
			TimeUnix: seconds(),
			Level:    gelf1.LOG_INFO,
			Extra:    extra(party, round),
		})
	}, w.Close, nil
}

func dialGelf2(addr string, _ bool) (Log, func() error, error) {
	w, err := gelf2.NewTCPWriter(addr)
	if err != nil {
		return nil, nil, err
	}
	return func(party string, round int) {
		w.WriteMessage(&gelf2.Message{
			Version:  "1.1",
			Host:     "node-a",
			Short:    message,
			TimeUnix: seconds(),
			Level:    gelf2.LOG_INFO,
			Extra:    extra(party, round),
		})
	}, w.Close, nil
}
