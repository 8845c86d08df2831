package delivery

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestConnectionErrors checks that callers can tell the reasons of a failed connection
// apart, in the error that OnError is called with and in the one that Err returns.
func TestConnectionErrors(t *testing.T) {
	plain, secure := gelftest.NewServer(t), gelftest.NewTLSServer(t)
	closed := gelftest.NewServer(t)
	closed.Stop()
	missing := filepath.Join(t.TempDir(), "ca.pem")
	for _, tc := range []struct {
		name   string
		server string
		tls    TLS
		want   error
		others []error
	}{
		{
			name:   "refused",
			server: closed.URL(),
			want:   ErrRefused,
			others: []error{ErrTLS, ErrNotAccepted},
		},
		{
			name:   "unknown authority",
			server: secure.URL(),
			want:   ErrTLS,
			others: []error{ErrRefused, ErrNotAccepted},
		},
		{
			name:   "missing CA file",
			server: secure.URL(),
			tls:    TLS{CAFile: missing},
			want:   ErrTLS,
			others: []error{ErrRefused, ErrNotAccepted},
		},
		{
			name:   "TLS to a plain server",
			server: strings.Replace(plain.URL(), "tcp://", "tls://", 1),
			want:   ErrTLS,
			others: []error{ErrRefused},
		},
		{
			name:   "plain TCP to a TLS server",
			server: strings.Replace(secure.URL(), "tls://", "tcp://", 1),
			want:   ErrNotAccepted,
			others: []error{ErrRefused, ErrTLS},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var seen reports
			h, err := open(testConfig{Server: tc.server, Delivery: Config{
				TLS:          tc.tls,
				OnError:      seen.add,
				DialTimeout:  gelftest.WaitTimeout / 10,
				MinBackoff:   time.Millisecond,
				MaxBackoff:   10 * time.Millisecond,
				WriteTimeout: gelftest.WaitTimeout,
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { h.Shutdown(ended()) })
			h.Handle(t.Context(), record("m"))
			until(t, "the error is reported", func() bool {
				return errors.Is(h.Err(), tc.want) && len(seen.of(h)) > 0
			})
			for _, err := range []error{h.Err(), seen.of(h)[0]} {
				var failed *ConnectionError
				if !errors.As(err, &failed) || failed.Server != tc.server || failed.Err == nil {
					t.Errorf("%v is not a ConnectionError of %s", err, tc.server)
				}
				for _, other := range tc.others {
					if errors.Is(err, other) {
						t.Errorf("%v is %v too", err, other)
					}
				}
			}
			var undelivered *UndeliveredError
			if err := h.Shutdown(ended()); !errors.As(err, &undelivered) || !errors.Is(err, tc.want) {
				t.Errorf("Shutdown returns %v", err)
			}
		})
	}
}

// TestSpoolErrors checks that callers can tell the failures of a spool apart.
func TestSpoolErrors(t *testing.T) {
	spooled := func(t *testing.T, dir string, size int64) (*testHandler, *reports) {
		t.Helper()
		seen := new(reports)
		h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: Config{
			SpoolDir:      dir,
			SpoolBytes:    size,
			SpoolInterval: 10 * time.Millisecond,
			OnError:       seen.add,
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Shutdown(ended()) })
		return h, seen
	}
	reported := func(t *testing.T, h *testHandler, seen *reports, want error) {
		t.Helper()
		until(t, want.Error(), func() bool {
			for _, err := range seen.of(h) {
				if errors.Is(err, want) {
					return true
				}
			}
			return false
		})
	}
	t.Run("locked", func(t *testing.T) {
		dir := t.TempDir()
		first, _ := spooled(t, dir, 0)
		first.Handle(t.Context(), record("m"))
		until(t, "the spool is used", func() bool { return first.Stats().Spooled == 1 })
		second, seen := spooled(t, dir, 0)
		reported(t, second, seen, ErrSpoolLocked)
		if !errors.Is(second.Err(), ErrSpoolLocked) {
			t.Errorf("Err returns %v", second.Err())
		}
	})
	t.Run("full", func(t *testing.T) {
		h, seen := spooled(t, t.TempDir(), 4096)
		until(t, "the spool is full", func() bool {
			h.Handle(t.Context(), record(strings.Repeat("x", 1000)))
			return errors.Is(h.Err(), ErrSpoolFull)
		})
		reported(t, h, seen, ErrSpoolFull)
	})
	t.Run("unsafe", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		h, seen := spooled(t, dir, 0)
		reported(t, h, seen, ErrSpoolUnsafe)
	})
	t.Run("damaged", func(t *testing.T) {
		dir := t.TempDir()
		h, _ := spooled(t, dir, 0)
		for range 100 {
			h.Handle(t.Context(), record("m"))
		}
		h.Shutdown(ended())
		segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
		if err != nil || len(segments) == 0 {
			t.Fatalf("%d segments, %v", len(segments), err)
		}
		data, err := os.ReadFile(segments[0])
		if err != nil {
			t.Fatal(err)
		}
		for i := len(data) / 2; i < len(data)/2+64; i++ {
			data[i] ^= 0xFF
		}
		if err := os.WriteFile(segments[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
		next, seen := spooled(t, dir, 0)
		reported(t, next, seen, ErrSpoolDamaged)
	})
}

// TestTooLarge checks that a frame which UDP cannot carry is counted and refused if it
// cannot be shortened.
func TestTooLarge(t *testing.T) {
	srv := gelftest.NewServer(t)
	c, err := New("udp://"+srv.Addr(), Config{OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	frame := append([]byte(`{"version":"1.1","host":"h","short_message":"`), make([]byte, 200_000)...)
	if err := c.Send(append(frame, `"}`+"\x00"...), false); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Send returns %v", err)
	}
	if err := c.Send([]byte(`{"version":"1.1","host":"h","short_message":"m"}`+"\x00"), false); err != nil {
		t.Error(err)
	}
	srv.WaitLen(1)
	until(t, "the frame is sent", func() bool { return c.Stats().Sent == 1 })
	s := c.Stats()
	if balanced(t, s); s.Accepted != 2 || s.Dropped.Failed != 1 {
		t.Errorf("counted %+v", s)
	}
}

// TestEnumerators checks that enumerators are read in any case, and written so that they
// can be read.
func TestEnumerators(t *testing.T) {
	for text, want := range map[string]Overflow{
		"newest": OverflowDropNewest,
		"Oldest": OverflowDropOldest,
		"BLOCK":  OverflowBlock,
		"spool":  OverflowSpool,
	} {
		var o Overflow
		if err := o.UnmarshalText([]byte(text)); err != nil || o != want {
			t.Errorf("%s is %v, %v", text, o, err)
		}
		if written, err := o.MarshalText(); err != nil || string(written) != strings.ToLower(text) {
			t.Errorf("%v is written as %s, %v", o, written, err)
		}
	}
	for text, want := range map[string]Compress{"gzip": CompressGzip, "ZLIB": CompressZlib, "none": CompressNone} {
		var c Compress
		if err := c.UnmarshalText([]byte(text)); err != nil || c != want {
			t.Errorf("%s is %v, %v", text, c, err)
		}
		if written, err := c.MarshalText(); err != nil || string(written) != strings.ToLower(text) {
			t.Errorf("%v is written as %s, %v", c, written, err)
		}
	}
	o := OverflowBlock
	if err := o.UnmarshalText([]byte("drop")); err == nil || o != OverflowBlock ||
		err.Error() != `use newest, oldest, block or spool, not "drop"` {
		t.Errorf("a wrong text: %v, %v", o, err)
	}
	if got := Overflow(7).String(); got != "invalid(7)" {
		t.Errorf("an invalid value is written as %s", got)
	}
}

// TestDial checks that the caller's function makes the connections.
func TestDial(t *testing.T) {
	srv := gelftest.NewServer(t)
	var asked string
	c, err := New("tcp://graylog.example:12201", Config{
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			asked = network + " " + address
			return new(net.Dialer).DialContext(ctx, "tcp", srv.Addr())
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Send(
		[]byte(`{"version":"1.1","host":"h","short_message":"through a proxy"}`+"\x00"),
		false,
	); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if r := srv.Wait(1)[0]; r.Message.Message != "through a proxy" || asked != "tcp graylog.example:12201" {
		t.Errorf("received %s after a call with %s", r.Frame, asked)
	}
}
