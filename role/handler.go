package role

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
)

// A Handler is the [slog.Handler] of one party. Its methods are safe for concurrent use.
// The methods of [handler.Handler] flush and close it, and count its records.
type Handler struct {
	*handler.Handler
	memory *handler.Memory // of VariantTest, else nil
}

// Sysmetric returns the handler for the metrics of a party's host.
func Sysmetric(cfg Config) *Handler { return open("Sysmetric", cfg) }

// Director returns the handler of a director.
func Director(cfg Config) *Handler { return open("Director", cfg) }

// TTP returns the handler of a trusted third party.
func TTP(cfg Config) *Handler { return open("TTP", cfg) }

// Worker returns the handler of a worker.
func Worker(cfg Config) *Handler { return open("Worker", cfg) }

// New returns the handler of a party with this role. The error names each invalid value
// and what to do about it.
func New(r Role, cfg Config) (*Handler, error) {
	if err := cfg.check(r); err != nil {
		return nil, err
	}
	hc := cfg.handlerConfig(r)
	var kept *handler.Memory
	switch cfg.Variant {
	case VariantBasic:
		hc.Writer = cmp.Or[io.Writer](cfg.Writer, os.Stderr)
	case VariantTest:
		kept = handler.NewMemory(cfg.Delivery.QueueBytes)
		hc.Writer = kept
	default:
		server, err := delivery.ParseServer(cfg.Server, r.Port)
		if err != nil {
			return nil, err
		}
		hc.Server = server
	}
	h, err := handler.New(hc)
	if err != nil {
		return nil, err
	}
	return &Handler{h, kept}, nil
}

// open is New, with a handler that writes to standard error if the configuration is
// invalid.
func open(name string, cfg Config) *Handler {
	r, err := Lookup(name)
	if err == nil {
		var h *Handler
		if h, err = New(r, cfg); err == nil {
			return h
		}
	}
	fmt.Fprintf(
		os.Stderr,
		"synlogger: %v\nsynlogger: the records of %s go to standard error\n",
		err,
		r.Prefix+cfg.name(),
	)
	return &Handler{Handler: handler.Fallback(cfg.handlerConfig(r), err)}
}

// Records returns the records of a handler of VariantTest as Graylog would store
// them, oldest first. It keeps the newest ones that fit into Delivery.QueueBytes (8 MiB by
// default). With other variants it returns nil.
func (h *Handler) Records() []gelf.Message {
	if h.memory == nil {
		return nil
	}
	return h.memory.Records()
}

var _ slog.Handler = (*Handler)(nil)
