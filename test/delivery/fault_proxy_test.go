package delivery

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// A proxy is between the handler and a server, like a load balancer or a bad network.
type proxy struct {
	t testing.TB
	*toxiproxy.Proxy
	mu sync.Mutex // held by cut and heal
}

// newProxy returns a proxy that listens on an address, such as "127.0.0.1:0" for any
// free port.
func newProxy(t testing.TB, listen string, s *gelftest.Server) *proxy {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &proxy{t: t, Proxy: toxiproxy.NewProxy(server, t.Name(), listen, s.Addr())}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func (p *proxy) url() string { return "tcp://" + p.Listen }

// toxic adds a fault to the direction from the handler to the server.
func (p *proxy) toxic(kind, attributes string) {
	p.t.Helper()
	json := fmt.Sprintf(`{"type":%q,"stream":"upstream","attributes":{%s}}`, kind, attributes)
	if _, err := p.Toxics.AddToxicJson(strings.NewReader(json)); err != nil {
		p.t.Fatal(err)
	}
}

// cut closes all connections, discards the data in transit, and listens again.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Stop()
	var err error
	for range 100 {
		if err = p.Start(); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Errorf("the proxy does not start again: %v", err)
}

// every calls f repeatedly until the returned function is called.
func every(pause time.Duration, f func()) (stop func()) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-time.After(pause):
				f()
			case <-quit:
				return
			}
		}
	})
	return func() { close(quit); wg.Wait() }
}

// TestFaultSlowLink checks a link with 1 Mbit/s and 200 ms latency that is cut every
// second. At most the records that the proxy had accepted are lost, or none if these
// are redelivered.
func TestFaultSlowLink(t *testing.T) {
	for name, redeliver := range map[string]int{"acknowledged": 0, "Redeliver": 48 << 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rate = 100
			s := gelftest.NewServer(t)
			p := newProxy(t, "127.0.0.1:0", s)
			p.toxic("bandwidth", `"rate":125`)
			p.toxic("latency", `"latency":200`)
			l := newLoad(t, handler.Config{
				Server:   p.url(),
				Delivery: delivery.Config{RedeliverBytes: redeliver, MaxBackoff: 100 * time.Millisecond},
			})
			cuts := 0
			stop := every(time.Second, func() { p.cut(); cuts++ })
			l.pace(rate, 4500*time.Millisecond)
			stop()
			led := l.account(t, s)
			inOrder(t, led)
			if led.dropped != 0 {
				t.Errorf("%d records dropped, want 0", led.dropped)
			}
			if cuts < 2 || led.stats.Connects < 2 {
				t.Errorf("%d cuts, %d connections", cuts, led.stats.Connects)
			}
			// A cut loses the records that are in transit because of the latency,
			// and those of the current batch.
			if most := cuts * rate / 2; led.lost > most || redeliver > 0 && led.lost > 0 {
				t.Errorf("%d records lost with %d cuts", led.lost, cuts)
			}
		})
	}
}

// TestFaultOutageBehindProxy checks that an outage behind a proxy that keeps accepting
// connections loses nothing if RedeliverBytes covers what the proxy accepts.
func TestFaultOutageBehindProxy(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	p := newProxy(t, "127.0.0.1:0", s)
	l := newLoad(t, handler.Config{
		Server:   p.url(),
		Delivery: delivery.Config{QueueBytes: 64 << 20, RedeliverBytes: 16 << 20, MaxBackoff: time.Second},
	})
	time.AfterFunc(time.Second, s.Stop)
	time.AfterFunc(4*time.Second, s.Start)
	l.pace(2000, 5*time.Second)
	nothingLost(t, l.account(t, s))
}

// heal removes all faults.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, toxic := range p.Toxics.GetToxicArray() {
		if w, ok := toxic.(*toxics.ToxicWrapper); ok {
			p.Toxics.RemoveToxic(context.Background(), w.Name)
		}
	}
}
