package streamable

import (
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// Errors of this transport alone.
var (
	errHost        = invalid("The Host header names no host that is served here. The operator can allow it.")
	errOrigin      = invalid("This web origin may not call the server. The operator can allow it.")
	errMethod      = invalid("Send each MCP message with POST; there are no sessions and no listening stream.")
	errContentType = invalid("Send Content-Type: application/json.")
	errAccept      = invalid("Send Accept: application/json, text/event-stream.")
	errKey         = invalid(`The Authorization header is not "Bearer <API key>". Correct it in the client's settings, or leave the header out.`)
	errPath        = invalid("There is nothing at this path. MCP is served at /mcp.")
	errBodySize    = invalid("The request body is too large. Send shorter arguments.")
	errBodyTime    = invalid("The request body took too long to arrive.")
	errBodyEnd     = &rpc.Error{Code: mcp.PARSE_ERROR, Message: "The request body ended early."}
	errModernReply = invalid("Invalid request: there is no method, and responses are not taken in this revision.")
	errTooMany     = &rpc.Error{Code: rpc.CodeBusy, Message: "The server is busy: too many calls are in flight. Try again in a few seconds."}
	errTooManyBig  = &rpc.Error{Code: rpc.CodeBusy, Message: "The server is busy: too many large requests are in flight. Try again in a few seconds, or send shorter arguments."}
	errPanicked    = &rpc.Error{Code: mcp.INTERNAL_ERROR, Message: "The server failed on this request. Its log says why."}
	errInterrupted = &rpc.Error{Code: mcp.REQUEST_INTERRUPTED, Message: "The server stopped before the call ended. What the call began may go on."}
	errNoVersion   = &rpc.Error{Code: mcp.INVALID_PARAMS, Message: "Invalid params: " + mcp.MetaKeyProtocolVersion + " is missing in _meta, or not a string."}
)

func invalid(message string) *rpc.Error {
	return &rpc.Error{Code: mcp.INVALID_REQUEST, Message: message}
}

func errMismatch(what string) *rpc.Error {
	return &rpc.Error{Code: mcp.HEADER_MISMATCH, Message: "Header mismatch: " + what + "."}
}

// errVersion lists the supported versions, for the client to choose from.
func errVersion(version string) *rpc.Error {
	const maxQuoted = 64 // bytes
	detail := mcp.UnsupportedProtocolVersionError{
		Version: version[:min(len(version), maxQuoted)], Supported: mcp.ValidProtocolVersions,
	}.JSONRPCError().Error
	return &rpc.Error{Code: detail.Code, Message: detail.Message, Data: detail.Data}
}

// refuse answers with a status and a JSON-RPC error, which clients show where they
// would hide plain text. A nil id becomes null.
func refuse(w http.ResponseWriter, id json.RawMessage, status int, rpcErr *rpc.Error) {
	w.Header().Set("Content-Type", mediaJSON)
	w.WriteHeader(status)
	_, _ = w.Write(rpcErr.Reply(id))
}

// refuseBusy answers 503 and says when to try again.
func refuseBusy(w http.ResponseWriter, id json.RawMessage, rpcErr *rpc.Error) {
	w.Header().Set("Retry-After", retryAfter)
	refuse(w, id, http.StatusServiceUnavailable, rpcErr)
}

// statusOf is the HTTP status that the revision 2026-07-28 has for an error.
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
