package simulator

import (
	"context"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Server is an account on a network in memory: a real http.Server and http.Transport
// with pipes between them instead of sockets. It works inside a synctest bubble if
// [Account.Start] is called there.
type Server struct {
	URL       string          // of the account; it answers to every host
	Transport *http.Transport // reaches the account, and nothing else

	listener *pipeListener
	server   *http.Server
	running  sync.WaitGroup // the accept loop and the handlers

	refuse atomic.Int64 // dials that are left to fail, if positive
	dials  atomic.Int64

	mu     sync.Mutex
	closed bool
}

// Start serves the account in memory until Close.
func (a *Account) Start() *Server {
	s := &Server{
		URL:      "http://" + address().String(),
		listener: &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})},
	}
	s.Transport = &http.Transport{
		DialContext:         s.dial,
		DialTLSContext:      s.dial, // links to files are https
		MaxIdleConnsPerHost: 32, IdleConnTimeout: 90 * time.Second,
	}
	s.server = &http.Server{Handler: s.tracked(a), ReadHeaderTimeout: time.Minute}
	s.running.Go(func() { _ = s.server.Serve(s.listener) })
	return s
}

// tracked lets Close wait for the handlers, and refuses them after it.
func (s *Server) tracked(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		closed := s.closed
		if !closed {
			s.running.Add(1)
		}
		s.mu.Unlock()
		if closed {
			panic(http.ErrAbortHandler)
		}
		defer s.running.Done()
		h.ServeHTTP(w, r)
	})
}

// Client returns an http.Client with the server's transport.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Refuse lets the next n dials fail with ECONNREFUSED. A request on a kept-alive
// connection does not dial; Transport.CloseIdleConnections closes those.
func (s *Server) Refuse(n int) { s.refuse.Store(int64(n)) }

// Dials returns the number of dials, refused ones included.
func (s *Server) Dials() int { return int(s.dials.Load()) }

// Close breaks every connection and waits for the handlers.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	_ = s.server.Close()
	s.Transport.CloseIdleConnections()
	s.running.Wait()
}

func (s *Server) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	s.dials.Add(1)
	if s.refuse.Add(-1) >= 0 {
		return nil, refusedError(network)
	}
	client, server := net.Pipe()
	select {
	case s.listener.conns <- server:
		return client, nil
	case <-s.listener.closed:
		return nil, refusedError(network)
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
}

func refusedError(network string) error {
	return &net.OpError{Op: "dial", Net: network, Addr: address(), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// address returns where the account would listen.
func address() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// A pipeListener accepts the connections of dial.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return address() }
