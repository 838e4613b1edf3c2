package stdio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const askTimeout = 20 * time.Second

// asking asks the user to open a page, waits for so long, and answers with the result.
func asking(wait time.Duration) mcpserver.ServerTool {
	return tool("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		result, err := mcpserver.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
			Mode: mcp.ElicitationModeURL, Message: "Please look.", ElicitationID: "e1", URL: "https://live.example/1?a=1&b=2",
		}})
		if err != nil {
			return mcp.NewToolResultText("failed: " + err.Error()), nil
		}
		return mcp.NewToolResultText(string(result.Action)), nil
	})
}

// asked returns the server's next line, which has to be a request.
func (c *client) asked() (id string) {
	c.t.Helper()
	r, _ := c.next()
	if r.Method != "elicitation/create" || !strings.HasPrefix(string(r.ID), `"`) {
		c.t.Fatalf("got %s, want a request of the server", c.out.Text())
	}
	return string(r.ID)
}

func response(id, body string) string { return `{"jsonrpc":"2.0","id":` + id + `,` + body + `}` }

func TestAnswersToAnElicitation(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`"result":{"action":"accept"}`:                           "accept",
		`"result":{"action":"decline"}`:                          "decline",
		`"result":{"action":"cancel","content":null,"_meta":{}}`: "cancel",
		`"result":{"action":"other"}`:                            "failed: the client's answer has an unknown action",
		`"result":{}`:                                            "failed: the client's answer has an unknown action",
		`"result":null`:                                          "failed: the client's answer has an unknown action",
		`"result":[1]`:                                           "failed: the client's answer: json",
		`"error":{"code":-32601,"message":"secret"}`:             "failed: the client answered with an error",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, []mcpserver.ServerTool{asking(askTimeout)})
				c.send(call("1", "ask"))
				id := c.asked()
				c.send(response(id, body))
				if r, _ := c.next(); string(r.ID) != "1" || !strings.HasPrefix(r.text(), want) || strings.Contains(r.text(), "secret") {
					t.Errorf("got %s, want %q", c.out.Text(), want)
				}
				if rest := c.rest(); len(rest) > 0 {
					t.Errorf("got %+v after the reply", rest)
				}
			})
		})
	}
}

func TestOpenElicitationHoldsUpNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{asking(askTimeout), echo})
		c.send(call("1", "ask"), call("2", "ask"))
		first, second := c.asked(), c.asked()
		if first == second {
			t.Errorf("two requests have the id %s", first)
		}
		// Answers to nothing, and to a request of the client's own id.
		c.send(response(`"server-99"`, `"result":{}`), response(`1`, `"result":{"action":"accept"}`), response(`null`, `"result":{}`))
		if r, _ := c.next(); r.code() == 0 {
			t.Errorf("got %s, want an error for the id null", c.out.Text())
		}
		c.send(ping(`"p"`), call("3", "echo"))
		for range 2 {
			if r, _ := c.next(); r.Result == nil || r.text() == "accept" {
				t.Errorf("got %s", c.out.Text())
			}
		}
		c.send(response(second, `"result":{"action":"decline"}`), response(second, `"result":{"action":"accept"}`))
		c.send(response(first, `"result":{"action":"accept"}`))
		got := map[string]string{}
		for range 2 {
			r, _ := c.next()
			got[r.text()] = string(r.ID)
		}
		if len(got) != 2 || got["accept"] == got["decline"] {
			t.Errorf("got %v, want each call its own answer", got)
		}
		c.rest()
	})
}

func TestElicitationWithoutAnswerIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{asking(askTimeout)})
		start := time.Now()
		c.send(call("1", "ask"))
		id := c.asked()
		if r, _ := c.next(); r.Method != "notifications/cancelled" || !strings.Contains(c.out.Text(), `"requestId":`+id) {
			t.Errorf("got %s, want the request %s cancelled", c.out.Text(), id)
		}
		if r, _ := c.next(); string(r.ID) != "1" || r.text() != "failed: context deadline exceeded" {
			t.Errorf("got %s", c.out.Text())
		}
		if took := time.Since(start); took != askTimeout {
			t.Errorf("took %v, want %v", took, askTimeout)
		}
		c.send(response(id, `"result":{"action":"accept"}`)) // too late
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v", rest)
		}
	})
}

func TestCancelledCallCancelsItsElicitation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{asking(askTimeout)})
		c.send(call("1", "ask"))
		c.asked()
		c.send(cancel("1"))
		if r, _ := c.next(); r.Method != "notifications/cancelled" {
			t.Errorf("got %s", c.out.Text())
		}
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v after a cancelled call", rest)
		}
	})
}

func TestClientThatDoesNotReadIsNotAskedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		over := make(chan string, 2)
		c := connect(t, []mcpserver.ServerTool{tool("ask", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			result, err := asking(askTimeout).Handler(ctx, r)
			over <- result.Content[0].(mcp.TextContent).Text
			return result, err
		})})
		start := time.Now()
		c.send(call("1", "ask"), call("2", "ask")) // one request is being written, one waits for it
		for range 2 {
			if got := <-over; got != "failed: context deadline exceeded" {
				t.Errorf("got %q", got)
			}
		}
		if took := time.Since(start); took > askTimeout+time.Second {
			t.Errorf("took %v", took)
		}
		c.stop()
		if err := <-c.ended; err != nil {
			t.Error(err)
		}
	})
}

func TestEndOfServeEndsElicitations(t *testing.T) {
	t.Parallel()
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := connect(t, []mcpserver.ServerTool{asking(time.Hour)})
				c.send(call("1", "ask"))
				c.asked()
				start := time.Now()
				end(c)
				code := 0
				for r := range c.lines() {
					code = min(code, r.code())
				}
				if took := time.Since(start); took > 1500*time.Millisecond || code != -32000 {
					t.Errorf("ended after %v with code %d", took, code)
				}
			})
		})
	}
}

func TestElicitationsAtATimeAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{asking(askTimeout)})
		for n := range 40 {
			c.send(call(fmt.Sprint(n), "ask"))
		}
		asked, refused := 0, 0
		for range 40 {
			switch r, _ := c.next(); {
			case r.Method == "elicitation/create":
				asked++
			case strings.Contains(r.text(), "too many requests"):
				refused++
			}
		}
		if asked != 32 || refused != 8 {
			t.Errorf("%d asked and %d refused, want 32 and 8", asked, refused)
		}
		c.stop()
		for range c.lines() {
		}
	})
}

func TestElicitationAfterTheReplyIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		replied, over := make(chan struct{}), make(chan struct{})
		stray := tool("stray", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			go func() {
				defer close(over)
				<-replied
				_, _ = asking(time.Hour).Handler(context.WithoutCancel(ctx), r)
			}()
			return mcp.NewToolResultText("done"), nil
		})
		c := connect(t, []mcpserver.ServerTool{stray})
		c.send(call("1", "stray"))
		c.next()
		start := time.Now()
		close(replied)
		<-over
		if took := time.Since(start); took > 0 {
			t.Errorf("waited for %v after the reply", took)
		}
		if rest := c.rest(); len(rest) > 0 {
			t.Errorf("got %+v after the reply, want nothing", rest)
		}
	})
}

// who answers with what the session knows of the client.
var who = tool("who", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	s := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithClientInfo)
	return mcp.NewToolResultText(fmt.Sprint(s.GetClientInfo().Name, " ", s.GetClientCapabilities().Elicitation != nil)), nil
})

// A request of 2026-07-28 speaks for itself only.
func TestClientIsKnownByItsInitializeAlone(t *testing.T) {
	t.Parallel()
	const modern = `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"new","version":"1"},"io.modelcontextprotocol/clientCapabilities":`
	c := connect(t, []mcpserver.ServerTool{who})
	var got []string
	for _, line := range []string{
		call("1", "who"),
		`{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"url":{}}},"clientInfo":{"name":"old","version":"1"}}}`,
		call("3", "who"),
		strings.Replace(call("4", "who"), `"_meta":{`, `"_meta":{`+modern+`{},`, 1),
		call("5", "who"),
	} {
		c.send(line)
		r, _ := c.next()
		got = append(got, r.text())
	}
	if diff := cmp.Diff([]string{" false", "", "old true", "new false", "old true"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestElicitationHasTheShapeOfItsRevision(t *testing.T) {
	t.Parallel()
	path := filepath.FromSlash("../../../shared/reference/schemas/mcp-2025-11-25.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the schemas of MCP are not here")
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("mcp.json", document); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, []mcpserver.ServerTool{asking(askTimeout)})
		c.send(call("1", "ask"))
		for _, definition := range []string{"ElicitRequest", "CancelledNotification"} {
			c.next()
			var line any
			if err := json.Unmarshal(c.out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if err := compiler.MustCompile("mcp.json#/$defs/" + definition).Validate(line); err != nil {
				t.Errorf("%s: %v", c.out.Text(), err)
			}
		}
		c.rest()
	})
}
