package stdio_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
)

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`
	listen     = `{"jsonrpc":"2.0","id":90071992547409931,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
)

func newChanging(t *testing.T, changing bool) *mcpserver.MCPServer {
	t.Helper()
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Tools: []mcpserver.ServerTool{echo}, Changing: changing, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func change(t *testing.T, s *mcpserver.MCPServer) {
	t.Helper()
	if err := server.SetTools(s, []mcpserver.ServerTool{echo, wait}); err != nil {
		t.Fatal(err)
	}
}

// raw returns the server's next line as it is.
func (c *client) raw() string {
	c.t.Helper()
	if !c.out.Scan() {
		c.t.Fatal("the output has ended")
	}
	return c.out.Text()
}

func TestClientThatHasInitializedLearnsThatToolsHaveChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newChanging(t, true)
		c := serve(t, s)
		change(t, s) // the client has not initialized
		c.send(initialize)
		if got := c.raw(); !strings.Contains(got, `"tools":{"listChanged":true}`) {
			t.Errorf("got %s", got)
		}
		change(t, s)
		if got, want := c.raw(), `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v besides", rest)
		}
	})
}

func TestClientOfAFixedListLearnsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newChanging(t, false)
		c := serve(t, s)
		c.send(initialize)
		if got := c.raw(); strings.Contains(got, "listChanged") {
			t.Errorf("got %s", got)
		}
		change(t, s)
		c.send(listen)
		if got := c.raw(); !strings.Contains(got, "acknowledged") {
			t.Errorf("got %s", got)
		}
		if got := c.raw(); !strings.Contains(got, `"id":90071992547409931,"result"`) {
			t.Errorf("got %s", got)
		}
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v besides", rest)
		}
	})
}

func TestSubscriptionLearnsOfChangesAndDoesNotHoldUpTheStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newChanging(t, true)
		c := serve(t, s)
		c.send(listen)
		if got := c.raw(); !strings.Contains(got, "acknowledged") || !strings.Contains(got, `"toolsListChanged":true`) {
			t.Errorf("got %s", got)
		}
		for range 2 {
			change(t, s)
			want := `{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"` + mcp.MetaKeySubscriptionID + `":90071992547409931}}}`
			if got := c.raw(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		c.send(strings.NewReplacer("90071992547409931", "2", "true", "false").Replace(listen)) // to nothing
		if got := c.raw() + c.raw(); !strings.Contains(got, "acknowledged") || !strings.Contains(got, `"id":2,"result"`) {
			t.Errorf("got %s", got)
		}
		began := time.Now()
		c.stop()
		if got := c.raw(); !strings.Contains(got, `"id":90071992547409931,"result"`) {
			t.Errorf("got %s", got)
		}
		if err := <-c.ended; err != nil || time.Since(began) > 100*time.Millisecond {
			t.Errorf("the stop took %v and ended with %v", time.Since(began), err)
		}
	})
}

func TestCancelledSubscriptionGetsNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newChanging(t, true)
		c := serve(t, s)
		c.send(listen)
		if got := c.raw(); !strings.Contains(got, "acknowledged") {
			t.Errorf("got %s", got)
		}
		c.send(cancel("90071992547409931"))
		synctest.Wait()
		change(t, s)
		synctest.Wait()
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v", rest)
		}
	})
}
