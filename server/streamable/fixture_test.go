package streamable_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// memory is a network of one listener: every dial is a net.Pipe, so that a
// synctest bubble sees all of it.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
	addr   net.Addr
}

func newMemory() *memory {
	closed := make(chan struct{})
	return &memory{
		conns:  make(chan net.Conn),
		closed: closed,
		close:  sync.OnceFunc(func() { close(closed) }),
		addr:   &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080},
	}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Addr() net.Addr { return m.addr }

func (m *memory) Close() error {
	m.close()
	return nil
}

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- memoryConn{server, m.addr}:
		return client, nil
	case <-m.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryConn struct {
	net.Conn
	addr net.Addr
}

func (c memoryConn) LocalAddr() net.Addr { return c.addr }
func (c memoryConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000}
}

// site is a running server and the client to reach it.
type site struct {
	*http.Client
	net  *memory
	stop context.CancelFunc
	done chan error
}

// start serves tools until the test ends.
func start(t *testing.T, cfg streamable.Config, tools ...mcpserver.ServerTool) *site {
	t.Helper()
	return serve(t, cfg, newMemory(), newServer(tools...))
}

func newServer(tools ...mcpserver.ServerTool) *mcpserver.MCPServer {
	s := mcpserver.NewMCPServer("test", "1.0.0", mcpserver.WithToolCapabilities(false))
	s.AddTools(append(tools, echo)...)
	return s
}

// newFullServer is newServer with the middleware of package server.
func newFullServer(t *testing.T, tools ...mcpserver.ServerTool) *mcpserver.MCPServer {
	t.Helper()
	s, err := server.New(server.Config{Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler), Tools: tools})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, cfg streamable.Config, network *memory, s *mcpserver.MCPServer) *site {
	t.Helper()
	h, err := streamable.NewHandler(s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return serveHandler(t, cfg, network, h)
}

func serveHandler(t *testing.T, cfg streamable.Config, network *memory, h http.Handler) *site {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &site{net: network, stop: stop, done: make(chan error, 1)}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return network.dial(ctx) }}
	s.Client = &http.Client{Transport: transport}
	go func() { s.done <- streamable.Serve(ctx, network, h, cfg) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		s.done <- <-s.done // for a second look
	})
	return s
}

// tool is a tool without arguments.
func tool(name string, handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return mcpserver.ServerTool{Tool: mcp.NewTool(name), Handler: handle}
}

// echo answers with the caller's key.
var echo = tool("echo", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("key=" + streamable.BearerFromContext(ctx)), nil
})

const url = "http://localhost:8080/mcp"

const (
	pingBody = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	callEcho = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo"}}`
)

// request is a POST of a message as a client of 2025-11-25 sends it, with
// headers on top; an empty value removes one.
func request(t *testing.T, body string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	set(r, "Content-Type", "application/json", "Accept", "application/json, text/event-stream", "MCP-Protocol-Version", "2025-11-25")
	set(r, headers...)
	return r
}

func set(r *http.Request, headers ...string) {
	for i := 0; i < len(headers); i += 2 {
		switch name, value := headers[i], headers[i+1]; {
		case name == "Host":
			r.Host = value
		case value == "":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
}

// answer is a response read to its end.
type answer struct {
	*http.Response
	body string
}

func (s *site) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := s.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(body)}
}
