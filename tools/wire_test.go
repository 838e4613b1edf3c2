package tools_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/server/stdio"
	"github.com/browseract/browseract-mcp/server/streamable"
)

// A wire is a client's end of a transport that serves a desk.
type wire interface {
	// exchange sends a request and returns the next line that comes back.
	exchange(line string) incoming
}

// An incoming is what the server sends: a reply, or a request of its own.
type incoming struct {
	raw    json.RawMessage
	ID     json.RawMessage
	Method string
	Params struct {
		Mode, Message, URL string
		ElicitationID      string
	}
	Result struct {
		ResultType        string
		Content           []struct{ Text string }
		StructuredContent json.RawMessage
		IsError           bool
		RequestState      string
		InputRequests     map[string]struct {
			Method string
			Params struct{ Mode, Message, URL string }
		}
	}
	Error *struct{ Message string }
}

func read(t *testing.T, raw []byte) incoming {
	t.Helper()
	in := incoming{raw: raw}
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return in
}

// answer is the reply as the other tests read it.
func (in incoming) answer(t *testing.T) answer {
	t.Helper()
	if in.Error != nil || len(in.Result.Content) != 1 {
		t.Fatalf("got %s, want a result", in.raw)
	}
	return answer{t: t, Text: in.Result.Content[0].Text, Structured: in.Result.StructuredContent, IsError: in.Result.IsError}
}

// asks reports whether the result asks for input.
func (in incoming) elicits() bool { return in.Result.ResultType == "input_required" }

// A pipe is a client over stdio.
type pipe struct {
	t   *testing.T
	in  *io.PipeWriter
	out *io.PipeReader

	lines *bufio.Scanner // of out
}

// overStdio serves the server over a pair of pipes until the test ends.
func (srv *testServer) overStdio(t *testing.T) *pipe {
	t.Helper()
	inReader, in := io.Pipe()
	outReader, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- stdio.Serve(context.Background(), srv.mcp, inReader, out)
		out.Close()
	}()
	t.Cleanup(func() {
		in.Close()
		outReader.Close()
		if err := receive(t, ended); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	})
	return &pipe{t, in, outReader, bufio.NewScanner(outReader)}
}

func (p *pipe) send(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipe) next() incoming {
	p.t.Helper()
	timeout := time.AfterFunc(time.Hour, func() { p.out.Close() })
	defer timeout.Stop()
	if !p.lines.Scan() {
		p.t.Fatal("the server has ended, or has sent nothing for an hour")
	}
	return read(p.t, append([]byte(nil), p.lines.Bytes()...))
}

func (p *pipe) exchange(line string) incoming {
	p.t.Helper()
	p.send(line)
	return p.next()
}

// A post is a client over HTTP.
type post struct {
	t       *testing.T
	handler http.Handler
}

func (srv *testServer) overHTTP(t *testing.T) *post {
	t.Helper()
	h, err := streamable.NewHandler(srv.mcp, streamable.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &post{t, h}
}

func (p *post) exchange(line string) incoming {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/mcp", strings.NewReader(line))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
	var body struct {
		Method string
		Params struct {
			Name string
			Meta map[string]any `json:"_meta"`
		}
	}
	if err := json.Unmarshal([]byte(line), &body); err != nil {
		p.t.Fatal(err)
	}
	if version, ok := body.Params.Meta["io.modelcontextprotocol/protocolVersion"].(string); ok {
		r.Header.Set("Mcp-Protocol-Version", version)
		r.Header.Set("Mcp-Method", body.Method)
		r.Header.Set("Mcp-Name", body.Params.Name)
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return read(p.t, w.Body.Bytes())
}

const (
	pages  = `{"elicitation":{"form":{},"url":{}}}`
	forms  = `{"elicitation":{"form":{}}}`
	modern = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":%q,"version":"1"},"io.modelcontextprotocol/clientCapabilities":%s}`
)

func initialize(name, capabilities string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":%s,"clientInfo":{"name":%q,"version":"1"}}}`, capabilities, name)
}

// calling is a call of the older era, with more of its params in JSON.
func callMessage(tool, arguments string, more ...string) string {
	more = append([]string{fmt.Sprintf(`"name":%q,"arguments":%s`, tool, arguments)}, more...)
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{` + strings.Join(more, ",") + `}}`
}

// callingModern is a call of 2026-07-28.
func modernCallMessage(capabilities, tool, arguments string, more ...string) string {
	return callMessage(tool, arguments, append(more, fmt.Sprintf(modern, "test", capabilities))...)
}

// cameBack is what a client adds to a call that it repeats with the user's answer.
func withInputResponse(state, action string) string {
	return fmt.Sprintf(`"requestState":%q,"inputResponses":{"live_view":{"action":%q}}`, state, action)
}
