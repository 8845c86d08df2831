package sysmetric_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

func Example() {
	h := role.Sysmetric(role.Config{Name: "hospital-1", Variant: role.Test}) // or Server: "graylog.example"
	defer h.Close()
	sys := sysmetric.New(h)

	ctx := context.Background()
	tracker, err := sys.Track(ctx, sysmetric.Target{Path: "/srv/train.go", Class: "Trainer", Function: "Fit"},
		time.Second, slog.String("experiment", "exp-1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	slog.New(sys).Warn("The host is busy") // has the hardware fields, too
	if err := tracker.Terminate(ctx); err != nil {
		fmt.Println(err)
	}

	for _, m := range h.Records() {
		if m.Fields["memory_total"] == nil {
			fmt.Println("no hardware in", m.Message)
		}
	}
	last := h.Records()[len(h.Records())-1]
	fmt.Println(last.Message, last.Fields["ID_class"], last.Fields["experiment"])
	// Output:
	// Tracking terminated with exit code 0 Trainer exp-1
}
