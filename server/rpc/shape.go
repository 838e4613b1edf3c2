package rpc

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
)

// shape holds the names that mcp-go decodes in an object, each with the shape of its
// value. Nil is a value that is not looked into; in an empty shape, names are the
// client's own, and only must not stand twice. The name any stands for all others.
type shape map[string]shape

const anyName = "*"

// messageShape is every level that mcp-go or a transport decodes. params has the
// names of all methods together; a test compares it with mcp-go's types.
//
//nolint:gochecknoglobals // a table; Go has no constant maps
var messageShape = shape{
	"jsonrpc": nil, "id": nil, "method": nil, "result": nil, "error": nil,
	"params": {
		"_meta": {
			"progressToken":                        nil,
			mcp.MetaKeyProtocolVersion:             nil,
			mcp.MetaKeyLogLevel:                    nil,
			mcp.MetaKeySubscriptionID:              nil,
			mcp.MetaKeyClientInfo:                  implementationShape,
			mcp.MetaKeyClientCapabilities:          capabilitiesShape,
			"io.modelcontextprotocol/related-task": {"taskId": nil},
		},
		"name": nil, "uri": nil, "cursor": nil, "level": nil, "arguments": {}, // tools, resources, prompts, lists
		"protocolVersion": nil, "capabilities": capabilitiesShape, "clientInfo": implementationShape,
		"ref":           {"type": nil, "name": nil, "title": nil, "uri": nil},
		"argument":      {"name": nil, "value": nil},
		"context":       {"arguments": {}},
		"notifications": {"toolsListChanged": nil, "promptsListChanged": nil, "resourcesListChanged": nil, "resourceSubscriptions": nil},
		"requestId":     nil, "reason": nil,
		"progressToken": nil, "progress": nil, "total": nil, "message": nil,
		"taskId": nil, "task": {"ttl": nil},
		"requestState": nil, "inputResponses": {anyName: {
			"_meta": {}, "resultType": nil, "action": nil, "content": nil, "role": nil, "model": nil, "stopReason": nil, "roots": nil,
		}},
	},
}

//nolint:gochecknoglobals // part of the table
var implementationShape = shape{"name": nil, "version": nil, "title": nil, "description": nil, "websiteUrl": nil, "icons": nil}

//nolint:gochecknoglobals // part of the table
var capabilitiesShape = shape{
	"extensions": {}, "experimental": {},
	"roots":       {"listChanged": nil},
	"sampling":    {"context": nil, "tools": nil},
	"elicitation": {"form": nil, "url": nil},
	"tasks": {"list": nil, "cancel": nil, "requests": {
		"tools": {"call": nil}, "sampling": {"createMessage": nil}, "elicitation": {"create": nil},
	}},
}

// check refuses an object in which a name stands twice, or a known one in another case.
func (s shape) check(object []byte) *Error {
	var buffer [16][]byte // enough for most objects
	names := buffer[:0]
	for name, value := range members(object) {
		names = append(names, name)
		if rpcErr := s.checkMember(name, value); rpcErr != nil {
			return rpcErr
		}
	}
	slices.SortFunc(names, bytes.Compare)
	for i := range names {
		if i > 0 && bytes.Equal(names[i-1], names[i]) {
			return errTwice
		}
	}
	return nil
}

func (s shape) checkMember(name, value []byte) *Error {
	inner, known := s[string(name)]
	if !known {
		for other := range s {
			if bytes.EqualFold([]byte(other), name) {
				return errCase(other)
			}
		}
		inner = s[anyName]
	}
	if inner == nil || !isObject(value) {
		return nil
	}
	return inner.check(value)
}

// The functions below read JSON that json.Valid accepts.

func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }

// member is an object's value of that name, nil where there is none.
func member(object []byte, name string) json.RawMessage {
	if isObject(object) {
		for each, value := range members(object) {
			if string(each) == name {
				return value
			}
		}
	}
	return nil
}

// members yields the names and values of an object, in their order.
func members(object []byte) iter.Seq2[[]byte, json.RawMessage] {
	return func(yield func([]byte, json.RawMessage) bool) {
		for rest := object[1:]; ; {
			name, after := cut(rest)
			if len(name) == 0 {
				return // the object is empty
			}
			value, after := cut(after)
			if !yield(unquote(name), value) || after == nil {
				return
			}
			rest = after
		}
	}
}

// cut splits text behind its first value at a comma or colon; rest is nil at the end.
func cut(text []byte) (value, rest []byte) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:])
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return bytes.TrimSpace(text[:i]), nil
			}
			depth--
		case ',', ':':
			if depth == 0 {
				return bytes.TrimSpace(text[:i]), text[i+1:]
			}
		}
	}
	return bytes.TrimSpace(text), nil
}

// stringEnd is the index of the quote that closes the string at the start of text.
func stringEnd(text []byte) int {
	for end := 1; ; end++ {
		end += bytes.IndexByte(text[end:], '"')
		escapes := 0
		for text[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
	}
}

func unquote(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	var s string
	_ = json.Unmarshal(text, &s) // it is valid
	return []byte(s)
}
