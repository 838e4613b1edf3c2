// Package rpc is the JSON-RPC edge that both transports share: strict parsing, ids,
// the errors that clients see, and whether a reply has been delivered.
//
// Begin with [Parse], which reads a message before mcp-go does, and [NewSession],
// which hands it to mcp-go's core and encodes the reply. A tool registers with
// [AfterReply] what depends on the delivery of its reply. The package knows neither
// lines nor HTTP, and nothing of what the tools do.
package rpc

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// Message is a request, a notification or a reply. Its raw fields but Text and
// Params are copies, so that a waiting call need not keep its whole text.
type Message struct {
	// ID is the id as it was sent; nil in a notification.
	ID json.RawMessage
	// Method is empty in a reply.
	Method string
	// Params is an object; nil where it is absent or null.
	Params json.RawMessage
	// Result and Error are those of a reply; nil where they are absent.
	Result, Error json.RawMessage
	// Version is the protocol version in _meta, "" where there is none.
	Version string
	// Text is the whole message until Session.Handle takes it.
	Text []byte

	progressToken json.RawMessage // as it was sent
}

// Trim returns text without the blanks that JSON allows around a message, and without a
// byte order mark, which some shells put before it.
func Trim(text []byte) []byte {
	return bytes.Trim(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n")
}

// Parse reads one message, which has no blanks around it. It matches the names of
// members exactly and refuses those that stand twice, at every level that mcp-go
// decodes: encoding/json matches names in any case and takes the last of two, so a
// gateway would check another message than the one that is answered. With an error,
// the message has the ID alone, if there is exactly one.
func Parse(text []byte) (*Message, *Error) {
	if !json.Valid(text) {
		return &Message{}, errParse
	}
	m, rpcErr := parse(text)
	if rpcErr == nil {
		return m, nil
	}
	return &Message{ID: onlyID(text)}, rpcErr
}

func parse(text []byte) (*Message, *Error) {
	switch text[0] {
	case '{':
	case '[':
		return nil, errBatch
	default:
		return nil, errNoMessage
	}
	if !utf8.Valid(text) {
		return nil, errEncoding
	}
	if rpcErr := messageShape.check(text); rpcErr != nil {
		return nil, rpcErr
	}
	m := &Message{Text: text}
	return m, m.decode()
}

func (m *Message) decode() *Error {
	var version, method, params json.RawMessage
	for name, value := range members(m.Text) {
		switch string(name) {
		case "jsonrpc":
			version = value
		case "id":
			m.ID = bytes.Clone(value)
		case "method":
			method = value
		case "params":
			params = value
		case "result":
			m.Result = bytes.Clone(value)
		case "error":
			m.Error = bytes.Clone(value)
		}
	}
	if rpcErr := m.setMethod(method); rpcErr != nil {
		return rpcErr
	}
	if string(version) != `"`+mcp.JSONRPC_VERSION+`"` {
		return errVersion
	}
	if rpcErr := m.checkID(); rpcErr != nil {
		return rpcErr
	}
	return m.setParams(params)
}

func (m *Message) setMethod(raw json.RawMessage) *Error {
	if raw != nil && raw[0] != '"' {
		return errNoMessage
	}
	if raw != nil {
		m.Method = string(unquote(raw))
	}
	if (m.Method == "") != m.IsReply() {
		return errNoMessage
	}
	return nil
}

// checkID requires a string or an integer. A notification has no id; an error has
// null where the client could not read the id of what it answers.
func (m *Message) checkID() *Error {
	if m.Error != nil && string(m.ID) == "null" {
		m.ID = nil
	}
	if m.ID == nil && m.Result == nil || IsID(m.ID) {
		return nil
	}
	return errID
}

func (m *Message) setParams(raw json.RawMessage) *Error {
	switch {
	case raw == nil || string(raw) == "null":
		return nil
	case raw[0] != '{':
		return errParams
	}
	m.Params = raw
	if meta := member(raw, "_meta"); isObject(meta) {
		m.progressToken = bytes.Clone(member(meta, "progressToken"))
		if version := member(meta, mcp.MetaKeyProtocolVersion); version != nil && version[0] == '"' {
			m.Version = string(unquote(version))
		}
	}
	return nil
}

// IsReply reports whether m answers a request of the server.
func (m *Message) IsReply() bool { return m.Result != nil || m.Error != nil }

// IsModern reports whether m is of the revision 2026-07-28 or later.
func (m *Message) IsModern() bool { return mcp.IsModernProtocol(m.Version) }

// Listens reports whether m opens a subscription.
func (m *Message) Listens() bool {
	return m.ID != nil && m.Method == string(mcp.MethodSubscriptionsListen) && m.IsModern()
}

// CancelledKey is the [Key] of the request that a notifications/cancelled names, ""
// where it names none.
func (m *Message) CancelledKey() string {
	if id := member(m.Params, "requestId"); IsID(id) {
		return Key(id)
	}
	return ""
}

// IsID reports whether raw is an id: a JSON string in UTF-8, or an integer.
func IsID(raw json.RawMessage) bool {
	if !json.Valid(raw) || !utf8.Valid(raw) {
		return false
	}
	return raw[0] == '"' || strings.Trim(string(raw), "-0123456789") == ""
}

// Key is equal for equal ids, however they are written: "a" and "\u0061" are one, 1
// and "1" are two. Integers of any length keep their digits.
func Key(id json.RawMessage) string {
	if id[0] == '"' {
		return `"` + string(unquote(id))
	}
	return string(id)
}

// onlyID is the id of an object that has exactly one.
func onlyID(text []byte) json.RawMessage {
	var id json.RawMessage
	if !isObject(text) {
		return nil
	}
	for name, value := range members(text) {
		if bytes.EqualFold(name, []byte("id")) {
			if id != nil || string(name) != "id" || !IsID(value) {
				return nil
			}
			id = bytes.Clone(value)
		}
	}
	return id
}
