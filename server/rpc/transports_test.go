package rpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/stdio"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// newServer has one of everything that a client can ask for.
func newServer(t testing.TB) *mcpserver.MCPServer {
	t.Helper()
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler), Completions: completions{},
		Tools: []mcpserver.ServerTool{{Tool: mcp.Tool{Name: "echo", InputSchema: mcp.ToolInputSchema{Type: "object"}}, Handler: echo}},
		Resources: []mcpserver.ServerResourceTemplate{{
			Template: mcp.NewResourceTemplate("test://{id}", "test"),
			Handler: func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return []mcp.ResourceContents{}, nil
			},
		}},
		Prompts: []mcpserver.ServerPrompt{{
			Prompt: mcp.NewPrompt("hello", mcp.WithArgument("who")),
			Handler: func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
				return mcp.NewGetPromptResult("", []mcp.PromptMessage{}), nil
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type completions struct{}

func (completions) CompletePromptArgument(context.Context, string, mcp.CompleteArgument, mcp.CompleteContext) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{}}, nil
}

func (completions) CompleteResourceArgument(context.Context, string, mcp.CompleteArgument, mcp.CompleteContext) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{}}, nil
}

// echo sends progress, if the client asks for it, then answers.
func echo(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if meta := req.Params.Meta; meta != nil && meta.ProgressToken != nil {
		err := mcpserver.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress",
			map[string]any{"progressToken": meta.ProgressToken, "progress": 1})
		if err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText("ok"), nil
}

// transports send one message to a new server and return what comes back, a message a
// line.
var transports = map[string]func(t *testing.T, message string) []string{
	"stdio": func(t *testing.T, message string) []string {
		var out strings.Builder
		if err := stdio.Serve(t.Context(), newServer(t), strings.NewReader(message+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	},
	"HTTP": func(t *testing.T, message string) []string {
		h, err := streamable.NewHandler(newServer(t), streamable.Config{})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/mcp", strings.NewReader(message))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("MCP-Protocol-Version", "2025-11-25")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var lines []string
		for line := range strings.Lines(w.Body.String()) {
			if !strings.HasPrefix(line, "event:") && line != "\n" {
				lines = append(lines, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "data: "))
			}
		}
		return append(lines, "")[:max(1, len(lines))]
	},
}

// request is a request of id 7, whose method and params are given as JSON members.
func request(members string) string { return `{"jsonrpc":"2.0","id":7,` + members + `}` }

func callTool(params string) string {
	return request(`"method":"tools/call","params":{` + params + `}`)
}

const noReply = "" // the id where there is no reply

func TestBothTransportsAnswerAlike(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		message, id string
		code        int // 0: a result
	}{
		"a request":               {request(`"method":"ping"`), `7`, 0},
		"blanks around":           {" \t" + request(`"method":"ping"`) + " \r", `7`, 0},
		"a byte order mark":       {"\ufeff" + request(`"method":"ping"`), `7`, 0},
		"params null":             {request(`"method":"ping","params":null`), `7`, 0},
		"an unknown member":       {request(`"method":"ping","trace":{"id":1}`), `7`, 0},
		"an escaped name":         {`{"jsonrpc":"2.0","\u0069d":7,"method":"ping"}`, `7`, 0},
		"an unknown method":       {request(`"method":"pong"`), `7`, -32601},
		"an unknown tool":         {callTool(`"name":"none"`), `7`, -32602},
		"a name of another type":  {callTool(`"name":5`), `7`, -32600},
		"a notification":          {`{"jsonrpc":"2.0","method":"notifications/initialized"}`, noReply, 0},
		"an unknown notification": {`{"jsonrpc":"2.0","method":"notifications/none","params":{"a":1}}`, noReply, 0},
		"a cancellation":          {`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, noReply, 0},
		"a reply":                 {`{"jsonrpc":"2.0","id":1,"result":{}}`, noReply, 0},
		"a reply of null":         {`{"jsonrpc":"2.0","id":1,"result":null}`, noReply, 0},
		"an error":                {`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`, noReply, 0},
		"an error for id null":    {`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":""}}`, noReply, 0},

		"no JSON":               {`ping`, `null`, -32700},
		"a no-break space":      {"\u00a0" + request(`"method":"ping"`), `null`, -32700},
		"cut off":               {`{"jsonrpc":"2.0","id":7,"method":"pi`, `null`, -32700},
		"two messages":          {request(`"method":"ping"`) + request(`"method":"ping"`), `null`, -32700},
		"too deep":              {request(`"method":"ping","params":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), `null`, -32700},
		"not UTF-8":             {callTool(`"name":"echo","arguments":{"a":"` + "\xff" + `"}`), `7`, -32700},
		"an id not UTF-8":       {`{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"ping"}`, `null`, -32700},
		"a lone surrogate":      {`{"jsonrpc":"2.0","id":"\ud800","method":"ping"}`, `"\ud800"`, 0},
		"a batch":               {`[` + request(`"method":"ping"`) + `]`, `null`, -32600},
		"an empty batch":        {`[]`, `null`, -32600},
		"a number":              {`5`, `null`, -32600},
		"null":                  {`null`, `null`, -32600},
		"an empty object":       {`{}`, `null`, -32600},
		"another version":       {`{"jsonrpc":"1.0","id":7,"method":"ping"}`, `7`, -32600},
		"no version":            {`{"id":7,"method":"ping"}`, `7`, -32600},
		"no method":             {`{"jsonrpc":"2.0","id":7}`, `7`, -32600},
		"a method of no string": {request(`"method":5`), `7`, -32600},
		"a request and a reply": {request(`"method":"ping","result":{}`), `7`, -32600},
		"a reply without id":    {`{"jsonrpc":"2.0","result":{}}`, `null`, -32600},
		"params an array":       {request(`"method":"ping","params":[]`), `7`, -32600},
		"params a string":       {request(`"method":"ping","params":"x"`), `7`, -32600},

		"id null":     {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `null`, -32600},
		"id true":     {`{"jsonrpc":"2.0","id":true,"method":"ping"}`, `null`, -32600},
		"id object":   {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, `null`, -32600},
		"id array":    {`{"jsonrpc":"2.0","id":[1],"method":"ping"}`, `null`, -32600},
		"id fraction": {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, `null`, -32600},
		"id exponent": {`{"jsonrpc":"2.0","id":1e2,"method":"ping"}`, `null`, -32600},
		"id empty":    {`{"jsonrpc":"2.0","id":"","method":"ping"}`, `""`, 0},
		"id 2^53+1":   {`{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, `9007199254740993`, 0},
		"id 64 bits":  {`{"jsonrpc":"2.0","id":-9223372036854775808,"method":"ping"}`, `-9223372036854775808`, 0},
		"id longer":   {`{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}`, `123456789012345678901234567890`, 0},

		"jsonrpc twice":   {`{"jsonrpc":"2.0","jsonrpc":"2.0","id":7,"method":"ping"}`, `7`, -32600},
		"id twice":        {`{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}`, `null`, -32600},
		"method twice":    {request(`"method":"ping","method":"tools/list"`), `7`, -32600},
		"method, escaped": {request(`"method":"ping","\u006dethod":"tools/list"`), `7`, -32600},
		"params twice":    {request(`"method":"tools/call","params":{},"params":{"name":"echo"}`), `7`, -32600},
		"name twice":      {callTool(`"name":"echo","name":"other"`), `7`, -32600},
		"unknown twice":   {callTool(`"name":"echo","x":1,"x":2`), `7`, -32600},
		"_meta twice":     {callTool(`"name":"echo","_meta":{},"_meta":{}`), `7`, -32600},
		"token twice":     {callTool(`"name":"echo","_meta":{"progressToken":1,"progressToken":2}`), `7`, -32600},
		"argument twice":  {callTool(`"name":"echo","arguments":{"a":1,"a":2}`), `7`, -32600},
		"uri twice":       {request(`"method":"resources/read","params":{"uri":"test://1","uri":"test://2"}`), `7`, -32600},
		"version twice":   {callTool(`"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25","io.modelcontextprotocol/protocolVersion":"2026-07-28"}`), `7`, -32600},

		"JSONRPC":                     {`{"JSONRPC":"2.0","id":7,"method":"ping"}`, `7`, -32600},
		"ID":                          {`{"jsonrpc":"2.0","ID":7,"method":"ping"}`, `null`, -32600},
		"METHOD":                      {`{"jsonrpc":"2.0","id":7,"METHOD":"ping"}`, `7`, -32600},
		"METHOD beside method":        {request(`"method":"ping","METHOD":"tools/list"`), `7`, -32600},
		"Params":                      {request(`"method":"tools/call","Params":{"name":"echo"}`), `7`, -32600},
		"RESULT":                      {request(`"method":"ping","RESULT":1`), `7`, -32600},
		"a notification's METHOD":     {`{"jsonrpc":"2.0","METHOD":"notifications/initialized"}`, `null`, -32600},
		"NAME beside name":            {callTool(`"name":"echo","NAME":"other"`), `7`, -32600},
		"Name":                        {callTool(`"Name":"echo"`), `7`, -32600},
		"name in a wider alphabet":    {callTool(`"name":"echo","argument\u017f":{}`), `7`, -32600}, // ſ folds to s
		"Arguments":                   {callTool(`"name":"echo","Arguments":{}`), `7`, -32600},
		"_META":                       {callTool(`"name":"echo","_META":{"progressToken":1}`), `7`, -32600},
		"ProgressToken":               {callTool(`"name":"echo","_meta":{"ProgressToken":1}`), `7`, -32600},
		"TASK":                        {callTool(`"name":"echo","TASK":{}`), `7`, -32600},
		"TTL":                         {callTool(`"name":"echo","task":{"TTL":1}`), `7`, -32600},
		"RequestState":                {callTool(`"name":"echo","RequestState":""`), `7`, -32600},
		"an input response's Action":  {callTool(`"name":"echo","inputResponses":{"q":{"Action":"accept"}}`), `7`, -32600},
		"capabilities in _meta":       {callTool(`"name":"echo","_meta":{"io.modelcontextprotocol/clientCapabilities":{"Elicitation":{}}}`), `7`, -32600},
		"client's Name in _meta":      {callTool(`"name":"echo","_meta":{"io.modelcontextprotocol/clientInfo":{"Name":"x"}}`), `7`, -32600},
		"an argument in any case":     {callTool(`"name":"echo","arguments":{"Name":1,"name":2}`), `7`, 0},
		"Uri":                         {request(`"method":"resources/read","params":{"Uri":"test://1"}`), `7`, -32600},
		"uri":                         {request(`"method":"resources/read","params":{"uri":"test://1"}`), `7`, 0},
		"Cursor":                      {request(`"method":"tools/list","params":{"Cursor":"x"}`), `7`, -32600},
		"Level":                       {request(`"method":"logging/setLevel","params":{"Level":"debug"}`), `7`, -32600},
		"requestID":                   {`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestID":1}}`, `null`, -32600},
		"a prompt's NAME":             {request(`"method":"prompts/get","params":{"NAME":"hello"}`), `7`, -32600},
		"a prompt":                    {request(`"method":"prompts/get","params":{"name":"hello"}`), `7`, 0},
		"a completion":                {request(`"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"hello"},"argument":{"name":"who","value":""},"context":{"arguments":{"Who":"x"}}}`), `7`, 0},
		"a completion without ref":    {request(`"method":"completion/complete"`), `7`, -32600},
		"a completion's REF":          {request(`"method":"completion/complete","params":{"REF":{"type":"ref/prompt","name":"hello"},"argument":{"name":"who","value":""}}`), `7`, -32600},
		"a reference's Type":          {request(`"method":"completion/complete","params":{"ref":{"Type":"ref/prompt","name":"hello"},"argument":{"name":"who","value":""}}`), `7`, -32600},
		"a completion's Value":        {request(`"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"hello"},"argument":{"name":"who","Value":""}}`), `7`, -32600},
		"a context's Arguments":       {request(`"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"hello"},"argument":{"name":"who","value":""},"context":{"Arguments":{}}}`), `7`, -32600},
		"initialize":                  {request(`"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"experimental":{"Roots":{}}},"clientInfo":{"name":"c","version":"1"}}`), `7`, 0},
		"ProtocolVersion":             {request(`"method":"initialize","params":{"ProtocolVersion":"2025-11-25"}`), `7`, -32600},
		"Capabilities":                {request(`"method":"initialize","params":{"protocolVersion":"2025-11-25","Capabilities":{}}`), `7`, -32600},
		"ELICITATION":                 {request(`"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"ELICITATION":{}}}`), `7`, -32600},
		"URL of elicitation":          {request(`"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"URL":{}}}}`), `7`, -32600},
		"clientInfo's Version":        {request(`"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"c","Version":"1"}}`), `7`, -32600},
		"a filter's TOOLSLISTCHANGED": {request(`"method":"subscriptions/listen","params":{"notifications":{"TOOLSLISTCHANGED":true}}`), `7`, -32600},
	} {
		for transport, send := range transports {
			t.Run(name+"/"+transport, func(t *testing.T) {
				t.Parallel()
				lines := send(t, tt.message)
				id, code := decode(t, lines[len(lines)-1])
				if len(lines) != 1 || id != tt.id || code != tt.code {
					t.Errorf("got %q, want id %s and code %d", lines, tt.id, tt.code)
				}
			})
		}
	}
}

// decode returns a reply's id and the code of its error; noReply for an empty line.
func decode(t *testing.T, line string) (id string, code int) {
	t.Helper()
	if line == "" {
		return noReply, 0
	}
	var reply struct {
		ID     json.RawMessage `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(line), &reply); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if strings.Contains(reply.Error.Message, "<nil>") {
		t.Errorf("got Go's words: %s", line)
	}
	if (reply.Result == nil) != (reply.Error.Message != "") {
		t.Errorf("got %s, want a result or an error", line)
	}
	return string(reply.ID), reply.Error.Code
}

// mcp-go makes a float64 of it.
func TestProgressTokenKeepsItsDigits(t *testing.T) {
	t.Parallel()
	for _, token := range []string{`0`, `9007199254740993`, `-9223372036854775807`, `123456789012345678901234567890`, `"a"`, `"9007199254740993"`} {
		for transport, send := range transports {
			t.Run(token+"/"+transport, func(t *testing.T) {
				t.Parallel()
				lines := send(t, callTool(`"name":"echo","_meta":{"progressToken":`+token+`}`))
				want := fmt.Sprintf(`"progressToken":%s}`, token)
				if len(lines) != 2 || !strings.Contains(lines[0], want) {
					t.Errorf("got %q, want %s first", lines, want)
				}
			})
		}
	}
}
