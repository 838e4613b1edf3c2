package stdio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// message is what has to be known of a line to route it; mcp-go reads the rest.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"` // as sent, nil where there is none
	Method  string          `json:"method"`
	Result  json.RawMessage `json:"result"`
	Error   json.RawMessage `json:"error"`

	text []byte
}

// refusal is an error that the client gets to see.
type refusal struct {
	code int
	text string
}

func (r *refusal) Error() string { return r.text }

// codeServer is the first of the codes that JSON-RPC leaves to the server.
const codeServer = -32000

var (
	errInternal  = &refusal{mcp.INTERNAL_ERROR, "Internal error."}
	errBusy      = &refusal{codeServer, "Server busy: too many requests are open. Wait for replies, then try again."}
	errClosing   = &refusal{codeServer, "The server is shutting down."}
	errDuplicate = &refusal{mcp.INVALID_REQUEST, "A request with this id is still open. Use an id only once."}
	errSyntax    = &refusal{mcp.PARSE_ERROR, "Parse error: the line is not valid JSON."}
	errEncoding  = &refusal{mcp.PARSE_ERROR, "Parse error: the line is not valid UTF-8."}
	errBatch     = &refusal{mcp.INVALID_REQUEST, "Batches are not supported. Send one message a line."}
	errVersion   = &refusal{mcp.INVALID_REQUEST, `Invalid request: "jsonrpc" must be "2.0".`}
	errID        = &refusal{mcp.INVALID_REQUEST, "Invalid request: an id is a string or a number."}
	errShape     = &refusal{mcp.INVALID_REQUEST, "Invalid request: the line is not a JSON-RPC request, notification or response."}
)

func errTooLong(limit int) error {
	return &refusal{mcp.INVALID_REQUEST, fmt.Sprintf("The line is longer than the %d bytes that one message may have.", limit)}
}

// parse returns text as a message. With an error, it still has the id if that
// was found.
func parse(text []byte) (message, error) {
	m := message{text: text}
	err := json.Unmarshal(text, &m)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return message{}, errSyntax
	}
	if m.ID != nil && !isID(m.ID) {
		m.ID = nil
		return m, errID
	}
	return m, m.check(err)
}

// check is given the error of decoding m, if there was one.
func (m message) check(err error) error {
	switch {
	case m.text[0] == '[':
		return errBatch
	case err != nil || (m.Method == "") != m.isResponse():
		return errShape
	case !utf8.Valid(m.text):
		return errEncoding
	case m.Version != mcp.JSONRPC_VERSION:
		return errVersion
	}
	return nil
}

func (m message) isResponse() bool { return m.Result != nil || m.Error != nil }

// cancelled is the key of the call that a cancellation is about.
func (m message) cancelled() string {
	var body struct {
		Params struct {
			RequestID json.RawMessage `json:"requestId"`
		} `json:"params"`
	}
	if json.Unmarshal(m.text, &body) != nil || !isID(body.Params.RequestID) {
		return ""
	}
	return key(body.Params.RequestID)
}

// isID reports whether raw is a JSON string or number.
func isID(raw json.RawMessage) bool {
	return json.Valid(raw) && utf8.Valid(raw) && !bytes.ContainsAny(raw[:1], "{[tfn")
}

// key is equal for equal ids: 1, 1.0 and 1e0 are one, 1 and "1" are two. Unlike
// mcp-go's, it keeps integers beyond 2^53 apart.
func key(id json.RawMessage) string {
	if id[0] == '"' {
		var text string
		_ = json.Unmarshal(id, &text) // was decoded once already
		return strconv.Quote(text)
	}
	if n, err := strconv.ParseInt(string(id), 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if f, err := strconv.ParseFloat(string(id), 64); err == nil && f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return string(id)
}

// withID returns reply with the id exactly as the client sent it, which mcp-go
// turns into a float64 on its way, and an error in the words that s has for it. A
// reply that is missing is an internal error.
func withID(reply mcp.JSONRPCMessage, id json.RawMessage, s *session) mcp.JSONRPCMessage {
	switch reply := reply.(type) {
	case mcp.JSONRPCResponse:
		reply.ID = mcp.NewRequestId(id)
		return reply
	case mcp.JSONRPCError:
		reply.ID = mcp.NewRequestId(id)
		reply.Error.Message = plainWords(reply.Error.Message)
		if s != nil && s.reworded != nil {
			reply.Error = *s.reworded
		}
		return reply
	default:
		return refusalOf(id, errInternal)
	}
}

// plainWords says for a client what mcp-go says in Go's words of params that it
// cannot decode, and of a method that it does not know, whose name it repeats at any
// length. Any other message stays as it is.
func plainWords(message string) string {
	if about, ok := strings.CutPrefix(message, "unparsable "); ok {
		method, _, _ := strings.Cut(about, " ")
		return "Invalid request: the params of " + method + " have a value of the wrong type, or a number that is out of range."
	}
	if strings.HasPrefix(message, "Method ") && strings.HasSuffix(message, " not found") {
		return "Method not found: this server has none of this name."
	}
	return message
}

// refusalLine is refusalOf as it is sent. An id that isID accepts can be.
func refusalLine(id json.RawMessage, why error) []byte {
	line, _ := json.Marshal(refusalOf(id, why))
	return line
}

// refusalOf is the reply that tells why; a nil id is sent as null.
func refusalOf(id json.RawMessage, why error) mcp.JSONRPCError {
	code := mcp.INTERNAL_ERROR
	if r := (*refusal)(nil); errors.As(why, &r) {
		code = r.code
	}
	return mcp.NewJSONRPCError(mcp.NewRequestId(id), code, why.Error(), nil)
}
