// Package gelftest provides a GELF server for tests, like net/http/httptest does
// for HTTP.
//
// A [Server] receives GELF over TCP and UDP on a port of the loopback interface
// and keeps every frame. [Server.Expect] waits for a record with a message and
// fields, and returns it as a [Record]: what Graylog would store, what Graylog
// would drop or change, and the frame.
//
//	func TestGreeting(t *testing.T) {
//		srv := gelftest.NewServer(t)
//		greet(srv.URL(), "World")
//		got := srv.Expect(t, "Hello World!", "owner", "me", "attempt", 1)
//		for _, f := range got.Findings {
//			t.Errorf("Graylog changes the record: %s", f)
//		}
//	}
//
// [Expect] does the same with a handler that keeps its records in memory. If no
// record matches, both end the test and print the nearest record and how it
// differs. [Server.Wait] waits for a number of records instead.
//
// # Failures
//
// The server can fail like servers and networks do:
//
//   - [Server.Stop] closes the connections and refuses new ones, until
//     [Server.Start] opens the same port again.
//   - [Server.Reset] resets the connections and keeps listening.
//   - [Server.HalfClose] closes the server's direction of each connection.
//   - [Server.Stall] accepts connections but reads nothing, until
//     [Server.Resume].
//
// [Server.Conns] and [Server.WaitConns] show when a client has reconnected.
// [NewTLSServer] returns a server that does all of this over TLS. Like Graylog,
// the server closes a connection on which a frame is empty, a single byte or too
// long, and adds the reason to [Server.Errors].
//
// # Goroutines and memory
//
// The methods of a server are safe for concurrent use, except that NewServer,
// Start, Expect and the Wait methods fail the test on timeout and so must be
// called from the test goroutine. The server is stopped when its test ends.
//
// Frames are decoded on demand, not on arrival, so a server keeps up with any
// sender. [Server.All] decodes one record at a time; [Server.Records] keeps all
// decoded records.
package gelftest
