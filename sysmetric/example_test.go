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
	h := role.Sysmetric(role.Config{Name: "hospital-1", Variant: role.VariantTest}) // or Server: "graylog.example"
	defer h.Close()
	sys := sysmetric.New(h)

	ctx := context.Background()
	tracker, err := sys.Track(ctx, sysmetric.Target{Path: "/srv/train.go", Class: "Trainer", Function: "Fit"},
		time.Second, slog.String("experiment", "exp-1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	slog.New(sys).Warn("The host is busy") // also has the hardware fields
	if err := tracker.Terminate(ctx); err != nil {
		fmt.Println(err)
	}

	for _, m := range h.Records() {
		if m.Fields["memory_total"] == nil {
			fmt.Println("no hardware fields in", m.Message)
		}
	}
	last := h.Records()[len(h.Records())-1]
	fmt.Println(last.Message, last.Fields["ID_class"], last.Fields["experiment"])
	// Output:
	// Tracking terminated with exit code 0 Trainer exp-1
}

func ExampleHandler_Probe() {
	h := role.Sysmetric(role.Config{Name: "hospital-1", Variant: role.VariantTest}) // or Server: "graylog.example"
	defer h.Close()

	target := sysmetric.Target{Class: "Nightly"}
	if err := sysmetric.New(h).Probe(context.Background(), target, 50*time.Millisecond); err != nil {
		fmt.Println(err)
	}
	record := h.Records()[0]
	fmt.Println(record.Message, record.Fields["resolution"])
	// Output:
	// Probed system's hardware usage successfully. 0.05
}
