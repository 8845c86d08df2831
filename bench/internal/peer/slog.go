package peer

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/Graylog2/go-gelf/gelf"
	sloggraylog "github.com/samber/slog-graylog/v2"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/handler"
)

func discardSynlogger(k Kind) (Log, func()) {
	cfg := handler.Config{
		Logger:         "TTP_bench",
		Host:           "node-a",
		AddEvent:       true,
		AddLevelName:   true,
		AddLevelNumber: true,
		Delivery:       delivery.Config{Dial: dialDiscard},
	}
	switch k {
	case Source:
		cfg.AddSource = true
	case Filter:
		cfg.Filters = []handler.Filter{
			func(_ context.Context, r slog.Record) (slog.Record, bool) { return r, r.Message != "" },
		}
	case Censor:
		cfg.Censor = []string{"password", "authorization", "iban", "db.user", "*_token", "secret*"}
		cfg.CensorValues = []censor.Pattern{censor.Bearer, censor.Email, censor.IBAN}
	}
	h, err := handler.New(cfg)
	if err != nil {
		panic(err) // the configuration is constant
	}
	return slogLog(withKind(h, k)), func() { h.Close() }
}

func dialSynlogger(addr string, block bool) (Log, func() error, error) {
	cfg := handler.Config{Server: "tcp://" + addr}
	cfg.Delivery.OnError = func(error) {}
	if block {
		cfg.Delivery.Overflow = delivery.OverflowBlock
		cfg.Delivery.BlockTimeout = time.Minute
	}
	h, err := handler.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	return slogLog(h), h.Close, nil
}

func discardJSON(k Kind) (Log, func()) {
	if k == Filter || k == Censor {
		return nil, nil
	}
	h := slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{AddSource: k == Source})
	return slogLog(withKind(h, k)), func() {}
}

func dialJSON(addr string, _ bool) (Log, func() error, error) {
	w, stop, err := buffered(addr)
	if err != nil {
		return nil, nil, err
	}
	return slogLog(slog.NewJSONHandler(w, nil)), stop, nil
}

func dialSlogGraylog(addr string, _ bool) (Log, func() error, error) {
	w, err := gelf.NewWriter(addr)
	if err != nil {
		return nil, nil, err
	}
	h := sloggraylog.Option{Level: slog.LevelInfo, Writer: w}.NewGraylogHandler()
	return slogLog(h), w.Close, nil
}
