package peer

import (
	"io"

	"github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func discardPhuslu(k Kind) (Log, func()) {
	logger := log.Logger{Level: log.InfoLevel, Writer: log.IOWriter{Writer: io.Discard}}
	switch k {
	case Source:
		logger.Caller = 1
	case Bound:
		logger.Context = log.NewContext(nil).Str("experiment", "exp-1").Str("run", "run-2").
			Int("epoch", 3).Str("model", "resnet").Str("dataset", "mnist").Value()
	case Group, Filter, Censor:
		return nil, nil
	}
	return phusluLog(&logger), func() {}
}

func dialPhuslu(addr string, _ bool) (Log, func() error, error) {
	w, stop, err := buffered(addr)
	if err != nil {
		return nil, nil, err
	}
	return phusluLog(&log.Logger{Level: log.InfoLevel, Writer: log.IOWriter{Writer: w}}), stop, nil
}

func phusluLog(logger *log.Logger) Log {
	return func(party string, round int) {
		logger.Info().Str("party", party).Int("round", round).Float64("loss", loss).
			Bool("converged", false).Dur("took", took).Msg(message)
	}
}

func discardZerolog(k Kind) (Log, func()) {
	logger := zerolog.New(io.Discard).With().Timestamp()
	switch k {
	case Source:
		logger = logger.Caller()
	case Bound:
		logger = logger.Str("experiment", "exp-1").Str("run", "run-2").
			Int("epoch", 3).Str("model", "resnet").Str("dataset", "mnist")
	case Group, Filter, Censor:
		return nil, nil
	}
	return zerologLog(logger.Logger()), func() {}
}

func dialZerolog(addr string, _ bool) (Log, func() error, error) {
	w, stop, err := buffered(addr)
	if err != nil {
		return nil, nil, err
	}
	return zerologLog(zerolog.New(w).With().Timestamp().Logger()), stop, nil
}

func zerologLog(logger zerolog.Logger) Log {
	return func(party string, round int) {
		logger.Info().Str("party", party).Int("round", round).Float64("loss", loss).
			Bool("converged", false).Dur("took", took).Msg(message)
	}
}

func newZap(w zapcore.WriteSyncer, options ...zap.Option) *zap.Logger {
	cfg := zapcore.EncoderConfig{
		MessageKey:     "short_message",
		TimeKey:        "timestamp",
		LevelKey:       "level",
		CallerKey:      "_file",
		LineEnding:     "\x00",
		EncodeTime:     zapcore.EpochTimeEncoder,
		EncodeDuration: zapcore.SecondsDurationEncoder,
		EncodeCaller:   zapcore.ShortCallerEncoder,
		EncodeLevel: func(_ zapcore.Level, enc zapcore.PrimitiveArrayEncoder) {
			enc.AppendInt(6) // GELF's number of Info, the only level of the benchmark
		},
	}
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(cfg), w, zap.InfoLevel), options...)
	return logger.With(zap.String("version", "1.1"), zap.String("host", "node-a"))
}

func discardZap(k Kind) (Log, func()) {
	w := zapcore.AddSync(io.Discard)
	switch k {
	case Source:
		return zapLog(newZap(w, zap.AddCaller())), func() {}
	case Bound:
		return zapLog(newZap(w).With(zap.String("_experiment", "exp-1"), zap.String("_run", "run-2"),
			zap.Int("_epoch", 3), zap.String("_model", "resnet"), zap.String("_dataset", "mnist"))), func() {}
	case Group, Filter, Censor:
		return nil, nil
	}
	return zapLog(newZap(w)), func() {}
}

func dialZap(addr string, _ bool) (Log, func() error, error) {
	w, stop, err := buffered(addr)
	if err != nil {
		return nil, nil, err
	}
	return zapLog(newZap(w)), stop, nil
}

func zapLog(logger *zap.Logger) Log {
	return func(party string, round int) {
		logger.Info(message,
			zap.String("_party", party),
			zap.Int("_round", round),
			zap.Float64("_loss", loss),
			zap.Bool("_converged", false),
			zap.Duration("_took", took),
		)
	}
}
