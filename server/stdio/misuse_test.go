package stdio_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/stdio"
)

func TestBadLineIsAnsweredAndTheNextOneWorks(t *testing.T) {
	t.Parallel()
	nan := tool("nan", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{StructuredContent: math.NaN()}, nil
	})
	tests := map[string]struct {
		line, id string
		code     int
	}{
		"no JSON":             {`hello`, ``, -32700},
		"cut off":             {`{"jsonrpc":"2.0","id":1,"method":"pi`, ``, -32700},
		"two on a line":       {ping("1") + ping("2"), ``, -32700},
		"too deep":            {`{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat("[", 20_000), ``, -32700},
		"not UTF-8":           {`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + "\xff" + `"}}`, `1`, -32700},
		"id not UTF-8":        {`{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"ping"}`, ``, -32700},
		"batch":               {`[` + ping("1") + `]`, ``, -32600},
		"empty batch":         {`[]`, ``, -32600},
		"number":              {`5`, ``, -32600},
		"null":                {`null`, ``, -32600},
		"empty object":        {`{}`, ``, -32600},
		"other version":       {`{"jsonrpc":"1.0","id":1,"method":"ping"}`, `1`, -32600},
		"no version":          {`{"id":1,"method":"ping"}`, `1`, -32600},
		"no method":           {`{"jsonrpc":"2.0","id":1}`, `1`, -32600},
		"method not a string": {`{"jsonrpc":"2.0","id":1,"method":5}`, `1`, -32600},
		"request and reply":   {`{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}`, `1`, -32600},
		"id null":             {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, ``, -32600},
		"id an object":        {`{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}`, ``, -32600},
		"id true":             {`{"jsonrpc":"2.0","id":true,"method":"ping"}`, ``, -32600},
		"unknown method":      {`{"jsonrpc":"2.0","id":1,"method":"pong"}`, `1`, -32601},
		"unknown tool":        {call("1", "nothing"), `1`, -32602},
		"reply not JSON":      {call("1", "nan"), `1`, -32603},
		"too long":            {call("1", strings.Repeat("x", 80_000)), `1`, -32600},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, []mcpserver.ServerTool{nan}, stdio.WithLimits(70_000, 10))
			c.send(tt.line, ping(`"next"`))
			got := map[string]int{}
			for _, r := range c.rest() {
				got[strings.ReplaceAll(string(r.ID), "null", "")] = r.code()
			}
			if diff := cmp.Diff(map[string]int{tt.id: tt.code, `"next"`: 0}, got); diff != "" {
				t.Errorf("error codes, -want +got:\n%s", diff)
			}
		})
	}
}

func TestLineThatNeedsNoAnswerGetsNone(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"empty":                   "",
		"blank":                   " \t\r",
		"reply":                   `{"jsonrpc":"2.0","id":1,"result":{}}`,
		"empty reply":             `{"jsonrpc":"2.0","id":1,"result":null}`,
		"error":                   `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}`,
		"initialized":             `{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		"unknown notification":    `{"jsonrpc":"2.0","method":"notifications/none","params":{"a":1}}`,
		"call as notification":    `{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}`,
		"cancellation of nothing": cancel("1"),
		"cancellation without id": `{"jsonrpc":"2.0","method":"notifications/cancelled"}`,
		"cancellation of objects": cancel(`{"a":1}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, []mcpserver.ServerTool{echo})
			c.send(line, ping(`"next"`))
			if got := c.rest(); len(got) != 1 || string(got[0].ID) != `"next"` {
				t.Errorf("got %+v, want only the reply to the ping", got)
			}
		})
	}
}

// mcp-go's words for params that it cannot decode are those of its own Go code.
func TestParamsOfTheWrongTypeAreRefusedInPlainWords(t *testing.T) {
	t.Parallel()
	for _, params := range []string{`{"name":5}`, `{"name":"echo","arguments":{"n":3E333}}`} {
		c := connect(t, []mcpserver.ServerTool{echo})
		c.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":` + params + `}`)
		got := c.rest()
		if len(got) != 1 || got[0].code() != mcp.INVALID_REQUEST || strings.Contains(got[0].text(), "json:") || !strings.Contains(got[0].text(), "tools/call") {
			t.Errorf("%s: got %+v", params, got)
		}
	}
}

// mcp-go repeats what a client sends at any length.
func TestUnknownNamesAreAnsweredBriefly(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for line, code := range map[string]int{
		`{"jsonrpc":"2.0","id":1,"method":"` + long + `"}`: mcp.METHOD_NOT_FOUND,
		call("1", long): mcp.INVALID_PARAMS,
	} {
		c := connect(t, []mcpserver.ServerTool{echo})
		c.send(line)
		if got := c.rest(); len(got) != 1 || got[0].code() != code || len(got[0].text()) > 200 {
			t.Errorf("got %+v, want code %d and a short message", got, code)
		}
	}
}

func TestCarriageReturnAndByteOrderMarkAreIgnored(t *testing.T) {
	t.Parallel()
	c := connect(t, nil)
	c.send("\ufeff"+ping("1")+"\r", ping("2")+"\r")
	if got := c.rest(); len(got) != 2 || got[0].Error != nil || got[1].Error != nil {
		t.Errorf("got %+v, want the replies to two pings", got)
	}
}

// mcp-go keeps a line of any length in memory.
func TestFiveMegabyteLineIsRefusedAndTheNextCallWorks(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("x", 5<<20) + `"`
	for name, tt := range map[string]struct{ line, id string }{
		"id first":                {`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":` + long + `}}`, `1`},
		"id last":                 {`{"method":"ping","params":{"x":` + long + `},"jsonrpc":"2.0","id":"a\"b"}`, `"a\"b"`},
		"id in middle":            {`{"x":` + long + `,"id":1,"y":` + long + `}`, `null`},
		"id inside, at the start": {`{"params":{"id":1,"x":` + long + `}}`, `null`},
		"id inside, at the end":   {`{"params":{"x":` + long + `,"id":1}}`, `null`},
		"id in a text":            {`{"params":{"x":` + long + `},"y":"{\"id\":1}"}`, `null`},
		"id in a name":            {`{"x":` + long + `,"a\"id":1}`, `null`},
		"no JSON":                 {long + long, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, []mcpserver.ServerTool{echo})
			c.send(tt.line)
			if r, _ := c.next(); string(r.ID) != tt.id || r.code() != -32600 {
				t.Errorf("got %+v, want an error for the id %s", r, tt.id)
			}
			c.send(call("2", "echo"))
			if r, _ := c.next(); string(r.ID) != "2" || r.text() != "ok" {
				t.Errorf("got %+v, want the result of the next call", r)
			}
		})
	}
}

func TestLastIDIsFoundAcrossTwoReads(t *testing.T) {
	t.Parallel()
	const buffer = 64 << 10
	end := `","jsonrpc":"2.0","id":12345}`
	line := `{"method":"` + strings.Repeat("x", buffer-len(end)) + end // its last bytes are read on their own
	c := connect(t, nil, stdio.WithLimits(len(line)-1, 10))
	c.send(line)
	if r, _ := c.next(); string(r.ID) != "12345" || r.code() != -32600 {
		t.Errorf("got %+v, want an error for the id 12345", r)
	}
}

func TestLineOfTheLimitIsTaken(t *testing.T) {
	t.Parallel()
	c := connect(t, nil, stdio.WithLimits(len(ping("1")), 10))
	c.send(ping("1"), ping("10"))
	got := map[string]int{}
	for _, r := range c.rest() {
		got[string(r.ID)] = r.code()
	}
	if diff := cmp.Diff(map[string]int{"1": 0, "10": -32600}, got); diff != "" {
		t.Errorf("error codes, -want +got:\n%s", diff)
	}
}

// mcp-go's own loop sends the panic's value to the client.
func TestPanicIsAnsweredWithoutItsValue(t *testing.T) {
	t.Parallel()
	hooks := &mcpserver.Hooks{}
	hooks.AddBeforePing(func(context.Context, any, *mcp.PingRequest) { panic("secret") })
	for name, tt := range map[string]struct {
		server *mcpserver.MCPServer
		line   string
		code   int
	}{
		"in a tool":    {newServer(t, fail), call("1", "fail"), 0},
		"in a message": {mcpserver.NewMCPServer("test", "1", mcpserver.WithHooks(hooks)), ping("1"), -32603},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, tt.server)
			c.send(tt.line)
			r, _ := c.next()
			if string(r.ID) != "1" || r.code() != tt.code || r.text() == "" {
				t.Errorf("got %+v, want an answer with code %d", r, tt.code)
			}
			if strings.Contains(c.out.Text(), "secret") {
				t.Errorf("got the panic's value: %s", c.out.Text())
			}
		})
	}
}
