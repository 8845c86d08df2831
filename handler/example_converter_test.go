package handler_test

import (
	"fmt"
	"log/slog"
	"os"

	sloggraylog "github.com/samber/slog-graylog/v2"

	"github.com/aimakerspace/synlogger/handler"
)

// A converter written for slog-graylog is a Converter without a conversion.
func ExampleConverter() {
	h, err := handler.New(handler.Config{
		Host:        "node-a",
		Writer:      os.Stdout,
		ReplaceAttr: noTime,
		Converter:   sloggraylog.DefaultConverter,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	log := slog.New(h)
	log.Info("Hello World!", slog.Group("db", "user", "me"))
	// Output:
	// {"version":"1.1","host":"node-a","short_message":"Hello World!","level":6,"_seq":1,"_db":"{\"user\":\"me\"}"}
}
