package rpc

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// CodeBusy answers what the server cannot take now. JSON-RPC leaves -32000 to the
// server.
const CodeBusy = -32000

// Error is an error as a client gets it.
type Error struct {
	// Code is JSON-RPC's or MCP's.
	Code int
	// Message is a sentence for people.
	Message string
	// Data is for programs; nil is not sent.
	Data any
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// The errors of both transports.
var (
	ErrBusy      = &Error{Code: CodeBusy, Message: "Server busy: too many requests are open. Wait for replies, then try again."}
	ErrStopping  = &Error{Code: CodeBusy, Message: "The server is shutting down."}
	ErrIDInUse   = &Error{Code: mcp.INVALID_REQUEST, Message: "A request with this id is still open. Use an id only once."}
	ErrInternal  = &Error{Code: mcp.INTERNAL_ERROR, Message: "Internal error."}
	errParse     = &Error{Code: mcp.PARSE_ERROR, Message: "Parse error: the message is not valid JSON."}
	errEncoding  = &Error{Code: mcp.PARSE_ERROR, Message: "Parse error: the message is not valid UTF-8."}
	errNoMethod  = &Error{Code: mcp.METHOD_NOT_FOUND, Message: "Method not found: this server has no method of this name."}
	errBatch     = invalid("Batches are not supported. Send one message at a time.")
	errNoMessage = invalid("Invalid request: this is not a JSON-RPC request, notification or response.")
	errVersion   = invalid(`Invalid request: "jsonrpc" must be "2.0".`)
	errID        = invalid("Invalid request: an id is a string or an integer.")
	errParams    = invalid("Invalid request: params must be an object.")
	errReference = invalid("Invalid request: ref must name a prompt or a resource template.")
	errTwice     = invalid("Invalid request: the message has a member twice.")
)

func invalid(message string) *Error { return &Error{Code: mcp.INVALID_REQUEST, Message: message} }

func errCase(name string) *Error {
	return invalid(fmt.Sprintf("Invalid request: write the member %q exactly like this, in this case.", name))
}

// ErrTooLong refuses a message of more than limit bytes.
func ErrTooLong(limit int) *Error {
	return invalid(fmt.Sprintf("The message is longer than the %d bytes that one message may have.", limit))
}

// Reply is the error as the reply to the request of that id; nil is sent as null.
func (e *Error) Reply(id json.RawMessage) []byte {
	text, err := json.Marshal(e.message(id))
	if err != nil { // an id that IsID accepts and data of ours can be encoded
		return ErrInternal.Reply(nil)
	}
	return text
}

func (e *Error) message(id json.RawMessage) mcp.JSONRPCError {
	return mcp.JSONRPCError{
		JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(id),
		Error: mcp.JSONRPCErrorDetails{Code: e.Code, Message: e.Message, Data: e.Data},
	}
}

// plain is an error of mcp-go without Go's words, and without what the client sent.
func plain(detail mcp.JSONRPCErrorDetails) *Error {
	if about, ok := strings.CutPrefix(detail.Message, "unparsable "); ok {
		method, _, _ := strings.Cut(about, " ")
		return invalid("Invalid request: the params of " + method + " have a value of the wrong type, or a number that is out of range.")
	}
	if strings.HasPrefix(detail.Message, "unknown reference type") {
		return errReference
	}
	if detail.Code == mcp.METHOD_NOT_FOUND && strings.HasPrefix(detail.Message, "Method ") {
		return errNoMethod
	}
	return &Error{Code: detail.Code, Message: detail.Message, Data: detail.Data}
}
