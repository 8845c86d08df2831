package handler_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
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

func ExampleNew() {
	h, err := handler.New(handler.Config{
		Host:        "node-a",
		Logger:      "TTP_hospital-1",
		Censor:      []string{"password"},
		Writer:      folded{}, // instead of Server: "graylog.example:9300"
		ReplaceAttr: noTime,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	log := slog.New(h).With("experiment", "e1")
	log.Info("Hello World!", "round", 7, "loss", 1.0, slog.Group("db", "user", "me", "password", "hunter2"))
	// Output:
	// {"version":"1.1","host":"node-a","_logger":"TTP_hospital-1","short_message":"Hello World!",
	// "level":6,"_seq":1,"_experiment":"e1","_round":7,"_loss":1.0,"_db_user":"me",
	// "_db_password":"*CENSORED*"}
}

func ExampleHandler_Flush() {
	h, err := handler.New(handler.Config{
		Server:   "127.0.0.1:1", // a closed port
		Delivery: delivery.Config{OnError: func(error) {}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	slog.New(h).Info("the last word")

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := h.Flush(ctx); err != nil {
		fmt.Println("queued records:", h.Stats().Queued)
	}
	if err := h.Shutdown(ctx); err != nil {
		fmt.Println("lost records:", h.Stats().Dropped.Closed)
	}
	// Output:
	// queued records: 1
	// lost records: 1
}

// A span stands in for the span of a tracing library. With OpenTelemetry, use the TraceID and
// SpanID of trace.SpanContextFromContext(ctx).
type span struct{ trace, id string }

type spanKey struct{}

func spanAttrs(ctx context.Context) []slog.Attr {
	s, ok := ctx.Value(spanKey{}).(span)
	if !ok {
		return nil
	}
	return []slog.Attr{slog.String("trace_id", s.trace), slog.String("span_id", s.id)}
}

func ExampleConfig_attrFromContext() {
	h, err := handler.New(handler.Config{
		AttrFromContext: []handler.ContextFunc{spanAttrs},
		Writer:          printFields{"trace_id", "span_id", "round_n"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.WithValue(context.Background(), spanKey{}, span{
		"4bf92f3577b34da6a3ce929d0e0e4736",
		"00f067aa0ba902b7",
	})
	slog.New(h).WithGroup("round").InfoContext(ctx, "round finished", "n", 7)
	// Output:
	// trace_id = 4bf92f3577b34da6a3ce929d0e0e4736
	// span_id = 00f067aa0ba902b7
	// round_n = 7
}

// printFields is a writer that prints some of the stored fields of a frame.
type printFields []string

func (names printFields) Write(frame []byte) (int, error) {
	m, _, err := gelf.Decode(frame)
	for _, name := range names {
		fmt.Println(name, "=", m.Text(name))
	}
	return len(frame), err
}
