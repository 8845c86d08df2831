package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
)

// A client delivers frames in the background. Close waits until they are delivered.
func Example() {
	client, err := delivery.New("tls://graylog.example:12201", delivery.Config{
		SpoolDir: "/var/spool/my-program",
		TLS:      delivery.TLS{CAFile: "/etc/my-program/ca.pem"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	frame := []byte(`{"version":"1.1","host":"node-a","short_message":"Hello World!"}` + "\x00")
	if err := client.Send(frame, false); err != nil {
		log.Print(err) // the queue is full, and the frame is counted as dropped
	}
}

// NewWriter writes frames as lines of JSON.
func ExampleNewWriter() {
	client := delivery.NewWriter(os.Stdout, delivery.Config{})
	client.Send([]byte(`{"version":"1.1","host":"node-a","short_message":"Hello World!"}`+"\x00"), false)
	fmt.Println(client.Stats().Sent)
	// Output:
	// {"version":"1.1","host":"node-a","short_message":"Hello World!"}
	// 1
}

// Dial connects through a proxy, for example with golang.org/x/net/proxy.
func ExampleConfig_dial() {
	proxy := func(ctx context.Context, network, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, "proxy.example:1080") // and ask it for address
	}
	client, err := delivery.New("tcp://graylog.example:12201", delivery.Config{Dial: proxy})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

// OnError receives the reasons for failures.
func ExampleConfig_onError() {
	failed := make(chan error, 1)
	client, err := delivery.New("tcp://127.0.0.1:1", delivery.Config{
		OnError: func(err error) {
			select {
			case failed <- err:
			default:
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	client.Send([]byte(`{"version":"1.1","host":"node-a","short_message":"Hello World!"}`+"\x00"), false)
	fmt.Println(errors.Is(<-failed, delivery.ErrRefused))

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	var undelivered *delivery.UndeliveredError
	if err := client.Shutdown(ctx); errors.As(err, &undelivered) {
		fmt.Println(undelivered.Queued, "frame is not delivered")
	}
	// Output:
	// true
	// 1 frame is not delivered
}

// ParseServer completes an address.
func ExampleParseServer() {
	server, err := delivery.ParseServer("graylog.example", 9300)
	fmt.Println(server, err)
	_, err = delivery.ParseServer("http://graylog.example", 9300)
	fmt.Println(err)
	// Output:
	// tcp://graylog.example:9300 <nil>
	// delivery: server "http://graylog.example": unknown scheme "http"; it should look like tcp://graylog.example:9300
}
