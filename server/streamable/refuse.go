package streamable

import (
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
)

const (
	codeInvalidRequest = mcp.INVALID_REQUEST
	codeParseError     = mcp.PARSE_ERROR
	codeInternal       = mcp.INTERNAL_ERROR
	codeStopped        = mcp.REQUEST_INTERRUPTED
	codeBusy           = -32000 // JSON-RPC leaves it to the server
)

// rpcError is a JSON-RPC error response.
type rpcError struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   rpcErrorDetail  `json:"error"`
}

type rpcErrorDetail struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// newRPCError is the error as JSON; a nil id becomes null.
func newRPCError(id json.RawMessage, detail rpcErrorDetail) []byte {
	body, err := json.Marshal(rpcError{JSONRPC: mcp.JSONRPC_VERSION, ID: id, Error: detail})
	if err != nil {
		// The id was part of a valid document and data is ours: unreachable.
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}`)
	}
	return body
}

// refuse answers with a status and a JSON-RPC error, which clients show where
// they would hide plain text.
func refuse(w http.ResponseWriter, id json.RawMessage, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(newRPCError(id, rpcErrorDetail{Code: code, Message: message}))
}
