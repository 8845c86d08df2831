package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// A Server answers health checks.
type Server struct {
	listener net.Listener
	server   http.Server
	ended    chan struct{}
}

// Listen starts a server at an address. It calls check for each request.
func Listen(addr string, check func() (Delivery, error)) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		err = fmt.Errorf("cannot answer health checks: %w", err)
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w\n%s", err, "Another program uses the port. Choose another port with --health or "+
				EnvAddress+", here and for the health check.")
		}
		return nil, err
	}
	s := &Server{listener: l, ended: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, r *http.Request) { answer(w, r, check) })
	s.server = http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	s.server.SetKeepAlivesEnabled(false)
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(l) // until Close
	}()
	return s, nil
}

// URL returns the address of the health check.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + Path }

// Close stops the server.
func (s *Server) Close() {
	s.server.Close()
	<-s.ended
}

// answer answers with the result of a check, and with the status 503 if the process does
// not work. It rejects requests for host names: a web page could read the answer through
// a name that resolves to this machine.
func answer(w http.ResponseWriter, r *http.Request, check func() (Delivery, error)) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if host != "localhost" && net.ParseIP(host) == nil {
		http.Error(w, "use an IP address or localhost", http.StatusForbidden)
		return
	}
	d, err := check()
	report, status := Report{Status: statusOK, Delivery: &d}, http.StatusOK
	if err != nil {
		report.Status, report.Error, status = "", err.Error(), http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report) // the client may have gone
}
