package stdio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/stdio"
)

// tool returns a tool named like the test wants it that does what handle does.
func tool(name string, handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return mcpserver.ServerTool{
		Tool:    mcp.Tool{Name: name, InputSchema: mcp.ToolInputSchema{Type: "object"}},
		Handler: handle,
	}
}

var (
	echo = tool("echo", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("ok"), nil
	})
	wait = tool("wait", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return mcp.NewToolResultText("waited"), nil
	})
	fail = tool("fail", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		panic("secret")
	})
)

func newServer(t *testing.T, tools ...mcpserver.ServerTool) *mcpserver.MCPServer {
	t.Helper()
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Tools: tools, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client is the other end of one Serve.
type client struct {
	t     *testing.T
	in    *io.PipeWriter
	out   *bufio.Scanner
	stop  context.CancelFunc
	ended <-chan error
}

// connect serves tools to a client.
func connect(t *testing.T, tools []mcpserver.ServerTool, opts ...stdio.Option) *client {
	t.Helper()
	return serve(t, newServer(t, tools...), opts...)
}

// serve serves s to a client until the test ends.
func serve(t *testing.T, s *mcpserver.MCPServer, opts ...stdio.Option) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	inReader, inWriter := io.Pipe()
	outReader, outWriter := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- stdio.Serve(ctx, s, inReader, outWriter, opts...)
		outWriter.Close()
	}()
	t.Cleanup(func() {
		cancel()
		inWriter.Close()
		outReader.Close()
	})
	return &client{t: t, in: inWriter, out: bufio.NewScanner(outReader), stop: cancel, ended: ended}
}

func (c *client) send(lines ...string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, strings.Join(lines, "\n")+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

// reply is a line of the server, decoded.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Token    json.RawMessage `json:"progressToken"`
		Progress int             `json:"progress"`
	} `json:"params"`
	Result *struct {
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
		IsError bool `json:"isError"`
	} `json:"result"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func (r reply) code() int {
	if r.Error == nil {
		return 0
	}
	return r.Error.Code
}

// text is what a person would read of r.
func (r reply) text() string {
	switch {
	case r.Error != nil:
		return r.Error.Message
	case r.Result != nil && len(r.Result.Content) == 1:
		return r.Result.Content[0].Text
	default:
		return ""
	}
}

// next returns the server's next line; false at its end.
func (c *client) next() (reply, bool) {
	c.t.Helper()
	if !c.out.Scan() {
		return reply{}, false
	}
	var r reply
	if err := json.Unmarshal(c.out.Bytes(), &r); err != nil {
		c.t.Fatalf("got the line %q, want JSON: %v", c.out.Text(), err)
	}
	return r, true
}

// lines are the server's lines until it ends.
func (c *client) lines() iter.Seq[reply] {
	return func(yield func(reply) bool) {
		for r, ok := c.next(); ok && yield(r); r, ok = c.next() {
		}
	}
}

// rest closes the input and returns what the server still writes.
func (c *client) rest() []reply {
	c.t.Helper()
	c.in.Close()
	all := slices.Collect(c.lines())
	if err := <-c.ended; err != nil {
		c.t.Errorf("got %v at the end of input, want nil", err)
	}
	return all
}

func call(id, tool string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `","_meta":{"progressToken":` + id + `}}}`
}

func ping(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}` }

func cancel(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`
}
