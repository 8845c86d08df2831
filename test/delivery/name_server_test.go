package delivery

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
	"testing"
)

// A nameServer answers every question for an IPv4 address with the same addresses.
type nameServer struct {
	conn net.PacketConn
	mu   sync.Mutex
	ips  []net.IP
}

// newNameServer starts a name server with these addresses and makes the process use it
// until the end of the test. The test must not be parallel.
func newNameServer(t *testing.T, ips ...string) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameServer{conn: conn}
	n.set(ips...)
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	var serving sync.WaitGroup
	serving.Go(n.serve)
	t.Cleanup(func() {
		net.DefaultResolver = was
		conn.Close()
		serving.Wait()
	})
	return n
}

// set replaces the addresses.
func (n *nameServer) set(ips ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ips = nil
	for _, ip := range ips {
		n.ips = append(n.ips, net.ParseIP(ip).To4())
	}
}

func (n *nameServer) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		n.conn.WriteTo(n.answer(buf[:size]), from)
	}
}

// answer returns a reply in the format of RFC 1035, section 4.1.
func (n *nameServer) answer(query []byte) []byte {
	const header = 12
	end := header
	for query[end] != 0 { // labels of the name
		end += int(query[end]) + 1
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	end += 5
	reply := append([]byte(nil), query[:end]...)
	reply[2], reply[3] = 0x84, 0             // an authoritative answer
	clear(reply[6:header])                   // no other sections
	binary.BigEndian.PutUint16(reply[4:], 1) // one question
	const typeA, pointer = 1, 0xc000 | header
	if kind != typeA {
		return reply
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	binary.BigEndian.PutUint16(reply[6:], uint16(len(n.ips)))
	for _, ip := range n.ips {
		reply = binary.BigEndian.AppendUint16(reply, pointer)
		reply = binary.BigEndian.AppendUint32(reply, typeA<<16|1)
		reply = binary.BigEndian.AppendUint32(reply, 0) // time to live
		reply = binary.BigEndian.AppendUint16(reply, uint16(len(ip)))
		reply = append(reply, ip...)
	}
	return reply
}
