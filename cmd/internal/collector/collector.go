package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/web"
)

// A Collector receives GELF, stores what Graylog would store of it, and shows it. Its
// methods are safe for concurrent use.
type Collector struct {
	cfg     Config
	started time.Time

	inputs []*ingest.Listener
	page   *web.Port // nil if Config.Page is PageOff
	site   http.Handler

	store    *store.Store
	queue    *ingest.Queue
	refusals ingest.Refusals
	counters counters
	clears   chan chan cleared // requests to the writer
	used     atomic.Bool       // Run or Close was called
	fails    errorLimiter
}

// New opens the store and binds all ports. Records that arrive before Run is called
// wait in the kernel.
//
// The error is a [*ListenError] if a port cannot be bound. It wraps
// [storedir.ErrLocked] if another collector uses the directory, and [index.ErrDamaged]
// if the database is damaged.
func New(cfg Config) (_ *Collector, err error) {
	cfg = cfg.withDefaults()
	c := &Collector{
		cfg:     cfg,
		started: time.Now(),
		queue:   ingest.NewQueue(),
		clears:  make(chan chan cleared),
		fails:   errorLimiter{report: cfg.OnError},
	}
	defer func() {
		if err != nil {
			c.release()
		}
	}()
	if err := web.CheckToken(cfg.Token); err != nil {
		return nil, err
	}
	for _, in := range cfg.Inputs {
		bound, err := ingest.Listen(in)
		if err != nil {
			return nil, err
		}
		c.inputs = append(c.inputs, bound)
	}
	if cfg.Page != PageOff {
		if c.page, err = web.Listen(cfg.Page, cfg.Token, cfg.NoToken); err != nil {
			return nil, &ingest.ListenError{Title: "page", Network: "tcp", Addr: cfg.Page, Err: err}
		}
	}
	if c.store, err = store.Open(cfg.Dir, record.StreamNames(), cfg.OnError); err != nil {
		return nil, err
	}
	c.site = web.New(api.New(c.store, c), c)
	return c, nil
}

// Close closes the ports and the store of a collector that does not run. During and
// after Run it does nothing.
func (c *Collector) Close() error {
	if c.used.Swap(true) {
		return nil
	}
	return c.release()
}

func (c *Collector) release() error {
	for _, in := range c.inputs {
		in.Close()
	}
	if c.page != nil {
		c.page.Close()
	}
	if c.store != nil {
		return c.store.Close()
	}
	return nil
}

// Run serves until ctx ends. Then it stops accepting connections, reads what has
// arrived, stores it, and closes everything. It reads a connection until it is silent
// for 100 ms. If the sender keeps sending, reading ends after one second of waiting,
// 32 MiB or 10 s.
//
// Run returns nil after a clean end. Otherwise the error says how many records were
// lost, or wraps [index.ErrDamaged]. A Collector runs only once.
func (c *Collector) Run(ctx context.Context) error {
	if c.used.Swap(true) {
		return errors.New("collector: Run or Close was called before")
	}
	var receivers, writer, pages sync.WaitGroup
	w := &writerLoop{c: c, giveUp: make(chan struct{})}
	writer.Go(w.run)
	for _, in := range c.inputs {
		receivers.Go(func() { in.Serve(ingest.Sink{Queue: c.queue, Refusals: &c.refusals, Report: c.fails.Report}) })
	}
	requests, endRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer endRequests()
	if !c.store.Created {
		pages.Go(func() { _ = c.store.Verify(requests) }) // Err and OnError report what it finds
	}
	if c.page != nil {
		pages.Go(func() { c.page.Serve(requests, c, c.fails.Report) })
	}

	<-ctx.Done()

	// The inputs stop first, then the writer, then the pages, so that a test that
	// waits for a record still gets its answer.
	stuck := time.AfterFunc(lastWrites, func() { close(w.giveUp) })
	defer stuck.Stop()
	for _, in := range c.inputs {
		in.Drain()
	}
	receivers.Wait()
	c.queue.Close()
	writer.Wait()
	endRequests()
	pages.Wait()

	err := errors.Join(c.store.Damage(), c.store.Close())
	if n := c.counters.lost.Load(); n > 0 {
		err = errors.Join(fmt.Errorf("collector: %d records could not be stored", n), err)
	}
	return err
}

// lastWrites is how long Run retries at the end if the store cannot be written, for
// example because the disk is full. A store that is only slow has no limit.
const lastWrites = 5 * time.Second

// Err returns what is wrong now, nil if nothing is wrong: the store cannot be written,
// an input does not run, or the database is damaged, for which the error wraps
// [index.ErrDamaged]. /healthz reports the same.
func (c *Collector) Err() error {
	errs := []error{c.counters.storeError(), c.store.Damage()}
	for _, in := range c.inputs {
		if !in.IsRunning() {
			errs = append(errs, fmt.Errorf("collector: %s is not running", in.Title))
		}
	}
	return errors.Join(errs...)
}

// Inputs returns the inputs with their bound addresses.
func (c *Collector) Inputs() []ingest.Input {
	var bound []ingest.Input
	for _, in := range c.inputs {
		bound = append(bound, in.Input)
	}
	return bound
}

// PageURL returns the address of the page, "" if Config.Page is PageOff.
func (c *Collector) PageURL() string {
	if c.page == nil {
		return ""
	}
	return c.page.URL()
}

// EntryURL returns the address of the page with the token, which gives a browser
// access. Without a token it is PageURL.
func (c *Collector) EntryURL() string {
	if c.page == nil {
		return ""
	}
	return c.page.EntryURL()
}

// ServeHTTP serves the pages and the REST API, for use in another server. Under a path
// prefix, strip the prefix and let the path end in a slash. Unlike the collector's own
// port, it accepts requests for any host name: the other server must decide which
// requests to accept.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.site.ServeHTTP(w, r) }
