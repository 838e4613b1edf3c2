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

// newRPCError is the error as JSON; a nil id becomes null.
func newRPCError(id json.RawMessage, detail mcp.JSONRPCErrorDetails) []byte {
	body, err := json.Marshal(mcp.JSONRPCError{JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id), Error: detail})
	if err != nil {
		// The id was part of a valid document and data is ours: unreachable.
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}`)
	}
	return body
}

// refuse answers with a status and a JSON-RPC error, which clients show where
// they would hide plain text.
func refuse(w http.ResponseWriter, id json.RawMessage, status, code int, message string) {
	refuseWith(w, id, status, mcp.JSONRPCErrorDetails{Code: code, Message: message})
}

func refuseWith(w http.ResponseWriter, id json.RawMessage, status int, detail mcp.JSONRPCErrorDetails) {
	w.Header().Set("Content-Type", mediaJSON)
	w.WriteHeader(status)
	_, _ = w.Write(newRPCError(id, detail))
}

// statusOf is the HTTP status that the revision 2026-07-28 has for an error, so that
// what is between client and server need not read the body.
func statusOf(code int) int {
	switch code {
	case mcp.METHOD_NOT_FOUND:
		return http.StatusNotFound
	case mcp.HEADER_MISMATCH, mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, mcp.UNSUPPORTED_PROTOCOL_VERSION,
		mcp.INVALID_REQUEST, mcp.INVALID_PARAMS, mcp.PARSE_ERROR:
		return http.StatusBadRequest
	}
	return http.StatusOK
}
