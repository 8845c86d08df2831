package gelftest_test

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

func ExampleServer_Expect() {
	t, end := newT() // your test has a *testing.T
	defer end()

	srv := gelftest.NewServer(t)
	h := role.TTP(role.Config{Server: srv.URL(), Name: "hospital-1"})
	defer h.Close()
	slog.New(h).Info("Round finished", "n", 3, "took", 1500*time.Millisecond, "late", false)

	got := srv.Expect(t, "Round finished", "n", 3, "took", 1500*time.Millisecond, "late", false, "error", nil)
	fmt.Println(got.Message.Message, "of", got.Text("logger"), "changed by Graylog:", got.Findings)
	// Output:
	// Round finished of TTP_hospital-1 changed by Graylog: []
}

func ExampleExpect() {
	t, end := newT() // your test has a *testing.T
	defer end()

	var memory handler.Memory // role.Handler keeps records in memory with Variant: role.VariantTest
	h, err := handler.New(handler.Config{Writer: &memory})
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer h.Close()
	go slog.New(h).Warn("Round is late", slog.Group("round", "n", 7))

	got := gelftest.Expect(t, &memory, "Round is late", "round_n", 7)
	fmt.Println("level", got.Level)
	// Output:
	// level 4
}

func ExampleServer_Stop() {
	t, end := newT() // your test has a *testing.T
	defer end()

	srv := gelftest.NewServer(t)
	h := role.TTP(role.Config{Server: srv.URL(), Name: "hospital-1"})
	defer h.Close()
	log := slog.New(h)

	log.Info("before the outage")
	srv.Expect(t, "before the outage")
	srv.Stop()
	log.Info("during the outage")
	srv.Start()
	got := srv.Expect(t, "during the outage")
	fmt.Println("received on another connection:", got.Conn > 1)
	// Output:
	// received on another connection: true
}

func ExampleNewTLSServer() {
	t, end := newT() // your test has a *testing.T
	defer end()

	srv := gelftest.NewTLSServer(t)
	conn, err := tls.Dial("tcp", srv.Addr(), srv.ClientTLS())
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer conn.Close()
	fmt.Fprint(conn, `{"host":"hospital-1","short_message":"Hello World!","_ready":true}`, "\x00")

	got := srv.Expect(t, "Hello World!", "source", "hospital-1")
	fmt.Println(got.Findings[0])
	// Output:
	// _ready dropped: boolean is not stored
}
