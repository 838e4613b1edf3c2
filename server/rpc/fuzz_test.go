package rpc_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// FuzzParse holds that what Parse accepts is the message that encoding/json, and so
// mcp-go, decodes.
func FuzzParse(f *testing.F) {
	for _, message := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":1}}}`,
		`{ "jsonrpc" : "2.0" , "id":"a\"b\\", "method":"\u0070ing","params": { "a":[{"b":"}"},"\\"] } }`,
		`{"jsonrpc":"2.0","id":1,"result":{"a":[]}}`,
		`{"jsonrpc":"2.0","METHOD":"ping"}`, `{"a":1,"a":2}`, `{}`, `[]`, ``, `{"a":"\\\\\""}`,
	} {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, rpcErr := rpc.Parse(rpc.Trim(text))
		if rpcErr != nil {
			if reply := rpcErr.Reply(m.ID); !json.Valid(reply) {
				t.Errorf("got the reply %q", reply)
			}
			return
		}
		var want struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
			Method  string          `json:"method"`
			Params  struct {
				Meta map[string]json.RawMessage `json:"_meta"`
			} `json:"params"`
			Result json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal(text, &want); err != nil && want.Params.Meta == nil {
			return // _meta is no object, which mcp-go refuses
		}
		if string(want.ID) == "null" {
			want.ID = nil
		}
		if !bytes.Equal(m.ID, want.ID) || m.Method != want.Method || want.JSONRPC != "2.0" || !bytes.Equal(m.Result, want.Result) {
			t.Errorf("got %+v, want %+v", m, want)
		}
		var version string
		if json.Unmarshal(want.Params.Meta["io.modelcontextprotocol/protocolVersion"], &version) == nil && version != m.Version {
			t.Errorf("got version %q, want %q", m.Version, version)
		}
	})
}
