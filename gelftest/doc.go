// Package gelftest is a GELF server inside a test, as net/http/httptest is for
// HTTP.
//
// A [Server] takes GELF over TCP and UDP on a port of the loopback interface
// and keeps every frame. [Server.Wait] waits for a number of them and returns
// each as a [Record]: what Graylog would store of it, what Graylog would drop
// or change, and the frame itself.
//
//	func TestGreeting(t *testing.T) {
//		srv := gelftest.NewServer(t)
//		greet(srv.URL(), "World")
//		got := srv.Wait(1)[0]
//		if got.Message.Message != "Hello World!" || got.Text("owner") != "me" {
//			t.Errorf("stored %+v", got.Message)
//		}
//		for _, f := range got.Findings {
//			t.Errorf("lost on the way: %s", f)
//		}
//	}
//
// The server also fails on demand, the way servers and networks do:
//
//   - [Server.Stop] and [Server.Start] are an outage: connections are cut,
//     new ones refused, and the same port comes back.
//   - [Server.Reset] resets the connections and goes on listening.
//   - [Server.HalfClose] ends the server's direction of each connection.
//   - [Server.Stall] accepts and reads nothing, until [Server.Resume].
//
// [Server.Conns] and [Server.WaitConns] tell when a client has come back.
// [NewTLSServer] does all of it under TLS. As Graylog does, the server closes a
// connection on which a frame is empty, a single byte or too long; the reason
// is one of [Server.Errors].
//
// A server is closed when its test ends. Everything about it may be used by
// several goroutines at once, except that what waits ends the test when it
// waits in vain, and so belongs into the test's own goroutine.
//
// Frames are decoded when a test asks for them, not on arrival, so that a
// server keeps up with any sender. Of a million records, [Server.All] decodes
// one at a time; [Server.Records] keeps them all.
package gelftest
