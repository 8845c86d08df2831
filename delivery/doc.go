// Package delivery sends GELF frames to a server and accounts for each of them.
//
// A [Client] queues frames in memory and sends them in the background, over TCP, TLS
// or UDP. It does not interpret the frames. Package handler uses it to deliver log
// records.
//
//	c, err := delivery.New("tls://graylog.example:12201", delivery.Config{SpoolDir: "spool"})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	err = c.Send([]byte(`{"version":"1.1","host":"a","short_message":"Hello"}`+"\x00"), false)
//
// # Guarantees
//
// Each frame is sent, queued or dropped, and [Client.Stats] counts all three:
//
//	Accepted = Sent + Queued + Dropped.Total()
//
// Over TCP, a frame is kept until the server's kernel has acknowledged it. When a
// connection breaks, the client connects again and sends the unacknowledged frames
// in their order. If the server crashes, it loses frames that its kernel has
// acknowledged but the process has not read. Set RedeliverBytes to send them again.
//
// A new connection must stay open for at least 100 ms after the first bytes before
// its frames count as sent. This detects a server that closes each connection, such as
// a TLS input that receives plain text.
//
// Acknowledgments come from the kernel (TCP_INFO), and only Linux supports this. On
// other systems, a frame counts as sent when the local kernel has accepted it, and
// RedeliverBytes defaults to 256 KiB. UDP has no acknowledgments.
//
// # Connections
//
// The client connects when there is something to send, and resolves the name of the
// server for each attempt. It tries all addresses of the name. After a failed attempt
// it pauses for a random time, below a limit that doubles from MinBackoff to
// MaxBackoff. It closes a connection that is idle for IdleTimeout, or on which frames
// are not acknowledged for DeadAfter. Certificates are read from their files for
// each connection.
//
// # Overflow
//
// The queue has QueueBytes of memory. If it is full, [Overflow] selects what is
// dropped, or whether Send waits. The last quarter of the queue is reserved for urgent
// frames, which are warnings and errors in package handler.
//
// # Spool
//
// With a SpoolDir, frames are written to disk if they do not fit into memory, have
// waited for half of SpoolInterval, or are not sent when the client is closed. They
// are sent first after a restart. A process that is killed loses only frames that are
// younger than SpoolInterval.
//
// # Ending
//
// [Client.Flush] waits until the queued frames are sent. [Client.Shutdown] and
// [Client.Close] also close the client. All three return an [*UndeliveredError] if
// frames were not sent. [Client.Err] returns why frames are not being sent at
// present, and Config.OnError is called with each error.
//
// docs/DELIVERY.md describes what happens under each fault, with the test for it.
package delivery
