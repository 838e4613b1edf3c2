package stdio_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/server/stdio"
)

// FuzzServe holds that any input ends Serve, and that what it writes is lines
// of JSON-RPC and nothing else.
func FuzzServe(f *testing.F) {
	for _, input := range []string{
		ping("1") + "\n" + ping("2"),
		call("1", "wait") + "\n" + cancel("1"),
		call("1", "wait") + "\n" + call("1", "echo"),
		call("1", "progress") + "\r\n\n" + call(`"a"`, "fail"),
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}`,
		`{"jsonrpc":"2.0","id":1,"result":{}}` + "\n[]\n{}\nnull\n",
		"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}\n\xef\xbb\xbf{",
	} {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			s := newServer(t, echo, wait, fail, tool("progress", progress))
			err := stdio.Serve(t.Context(), s, bytes.NewReader(input), &out, stdio.WithLimits(200, 3))
			if err != nil {
				t.Errorf("got %v, want nil", err)
			}
			for line := range bytes.Lines(out.Bytes()) {
				checkLine(t, line)
			}
		})
	})
}

func checkLine(t *testing.T, line []byte) {
	t.Helper()
	var message struct {
		Version string `json:"jsonrpc"`
	}
	if err := json.Unmarshal(line, &message); err != nil || message.Version != "2.0" {
		t.Errorf("got the line %q, want JSON-RPC: %v", line, err)
	}
	if !utf8.Valid(line) || !bytes.HasSuffix(line, []byte("\n")) {
		t.Errorf("got the line %q, want UTF-8 and a newline", line)
	}
}
