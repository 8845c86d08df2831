package role_test

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/aimakerspace/synlogger/role"
)

// noTime removes the time of the records, so the examples have a constant output.
func noTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// folded is a writer that prints a frame in lines of at most 100 bytes, to fit this page.
type folded struct{}

func (folded) Write(frame []byte) (int, error) {
	length := 0
	for _, member := range strings.SplitAfter(string(frame), ",") {
		if length += len(member); length > 100 {
			fmt.Println()
			length = len(member)
		}
		fmt.Print(member)
	}
	return len(frame), nil
}

func ExampleTTP() {
	h := role.TTP(role.Config{
		Variant:     role.VariantBasic, // instead of Server: "graylog.example"
		Writer:      folded{},
		Name:        "hospital-1",
		Host:        "node-a",
		ReplaceAttr: noTime,
	})
	defer h.Close()
	log := slog.New(h)
	log.Info("Hello World!", "owner", "me")
	log.Warn("Round is late", slog.Group("round", "n", 7, "done", false))
	// Output:
	// {"version":"1.1","host":"node-a","_logger":"TTP_hospital-1","short_message":"Hello World!",
	// "level":6,"_level_name":"INFO","_level_number":20,"_seq":1,"_event":"Hello World!","_owner":"me"}
	// {"version":"1.1","host":"node-a","_logger":"TTP_hospital-1","short_message":"Round is late",
	// "level":4,"_level_name":"WARNING","_level_number":30,"_seq":2,"_event":"Round is late","_round_n":7,
	// "_round_done":"false"}
}

func ExampleAddAttrs() {
	h := role.Worker(role.Config{
		Variant:     role.VariantBasic,
		Writer:      folded{},
		Name:        "hospital-2",
		Host:        "node-b",
		Filters:     []role.Filter{role.AddAttrs(slog.String("project", "p1"), slog.String("token", "t0"))},
		Censor:      []string{"token"}, // covers the attributes of filters too
		ReplaceAttr: noTime,
	})
	defer h.Close()
	slog.New(h).Info("Training started", "epochs", 3)
	// Output:
	// {"version":"1.1","host":"node-b","_logger":"WKR_hospital-2","short_message":"Training started",
	// "level":6,"_level_name":"INFO","_level_number":20,"_seq":1,"_event":"Training started","_epochs":3,
	// "_project":"p1","_token":"*CENSORED*"}
}
