package role

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
)

// A Handler is the [slog.Handler] of one party. Its methods may be called from
// several goroutines at once; those that it has from [handler.Handler] flush
// and close it, and tell what became of its records.
type Handler struct {
	*handler.Handler
	memory *memory // of the variant Test, else nil
}

// Sysmetric returns the handler for the metrics of a party's host.
func Sysmetric(cfg Config) *Handler { return open("Sysmetric", cfg) }

// Director returns the handler of a director.
func Director(cfg Config) *Handler { return open("Director", cfg) }

// TTP returns the handler of a trusted third party.
func TTP(cfg Config) *Handler { return open("TTP", cfg) }

// Worker returns the handler of a worker.
func Worker(cfg Config) *Handler { return open("Worker", cfg) }

// New returns the handler of a party with this role. The error says what is
// wrong with the configuration and what to do; it is for those who would rather
// stop than have their records on standard error.
func New(r Role, cfg Config) (*Handler, error) {
	if err := cfg.check(r); err != nil {
		return nil, err
	}
	opts := cfg.options(r)
	var kept *memory
	switch cfg.Variant {
	case Basic:
		opts.Writer = cmp.Or[io.Writer](cfg.Writer, os.Stderr)
	case Test:
		kept = newMemory(cfg.Queue)
		opts.Writer = kept
	default:
		addr, err := handler.ParseAddr(cfg.Server, r.Port)
		if err != nil {
			return nil, err
		}
		opts.Addr = addr
	}
	h, err := handler.New(opts)
	if err != nil {
		return nil, err
	}
	return &Handler{h, kept}, nil
}

// open is New for those who cannot do anything about an error.
func open(name string, cfg Config) *Handler {
	r, err := Lookup(name)
	if err == nil {
		var h *Handler
		if h, err = New(r, cfg); err == nil {
			return h
		}
	}
	fmt.Fprintf(os.Stderr, "synlogger: %v\nsynlogger: the records of %s go to standard error\n", err, r.Prefix+cfg.name())
	return &Handler{Handler: handler.Fallback(cfg.options(r), err)}
}

// Records returns the records that a handler of the variant Test has kept, as
// Graylog would store them, oldest first; the newest of them if there were more
// than memory allows (Queue, 8 MiB by default). Other variants keep none.
func (h *Handler) Records() []gelf.Message {
	if h.memory == nil {
		return nil
	}
	return h.memory.messages()
}

var _ slog.Handler = (*Handler)(nil)
