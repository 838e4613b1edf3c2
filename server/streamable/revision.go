package streamable

import (
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// checkRevision answers 400 to a revision that is not spoken here, and to a request
// of 2026-07-28 whose headers and body do not agree: what is between client and
// server goes by the headers.
func checkRevision(s *mcpserver.MCPServer) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m := messageOf(r.Context())
			params := m.params
			m.params = nil // a wait does not need them
			complaint := m.settleRevision(r.Header, params)
			if complaint == nil {
				complaint = m.checkHeaders(s, r.Header, params)
			}
			if complaint != nil {
				refuseWith(w, m.id, http.StatusBadRequest, *complaint)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// settleRevision finds out which revision the message is of. From 2026-07-28 on
// every message says so itself; before, a header does, and in 2025-03-26 none.
func (m *message) settleRevision(header http.Header, params json.RawMessage) *mcp.JSONRPCErrorDetails {
	said, told := revisionOf(params), header.Get(mcp.HeaderProtocolVersion)
	m.modern = mcp.IsModernProtocol(said) || mcp.IsModernProtocol(told)
	switch {
	case !m.modern:
		if told != "" && m.method != string(mcp.MethodInitialize) && !mcp.IsValidProtocolVersion(told) {
			return unsupported(told)
		}
	case told == "":
		return mismatch("the header " + mcp.HeaderProtocolVersion + " is missing")
	case said == "":
		return &mcp.JSONRPCErrorDetails{Code: mcp.INVALID_PARAMS, Message: "Invalid params: " + mcp.MetaKeyProtocolVersion + " is missing in _meta, or no string."}
	case said != told:
		return mismatch("the header " + mcp.HeaderProtocolVersion + " and " + mcp.MetaKeyProtocolVersion + " in _meta differ")
	case !mcp.IsValidProtocolVersion(said):
		return unsupported(said)
	}
	return nil
}

// checkHeaders compares a request's headers with its body, from 2026-07-28 on.
func (m *message) checkHeaders(s *mcpserver.MCPServer, header http.Header, params json.RawMessage) *mcp.JSONRPCErrorDetails {
	method := mcp.MCPMethod(m.method)
	if !m.modern || m.id == nil || method == "" {
		return nil
	}
	if mcp.ValidateStandardHeaders(header.Get, header.Get(mcp.HeaderProtocolVersion), method, params) != nil {
		return mismatch("the headers " + mcp.HeaderMethod + " and " + mcp.HeaderName + " have to be those of the body")
	}
	if method != mcp.MethodToolsCall {
		return nil
	}
	name, _ := mcp.ExtractHeaderName(method, params)
	tool := s.GetTool(name)
	if tool != nil && mcp.ValidateParamHeadersLookup(lookup(header), &tool.Tool, params) != nil {
		return mismatch("the headers of arguments have to be those of the body")
	}
	return nil
}

// lookup tells an empty header from none.
func lookup(header http.Header) func(name string) (value string, sent bool) {
	return func(name string) (string, bool) {
		values := header.Values(name)
		if len(values) == 0 {
			return "", false
		}
		return values[0], true
	}
}

// revisionOf is the revision that params name, "" if they name none.
func revisionOf(params json.RawMessage) string {
	var named struct {
		Meta *mcp.Meta `json:"_meta"`
	}
	if json.Unmarshal(params, &named) != nil {
		return ""
	}
	return named.Meta.ProtocolVersion()
}

func mismatch(what string) *mcp.JSONRPCErrorDetails {
	return &mcp.JSONRPCErrorDetails{Code: mcp.HEADER_MISMATCH, Message: "Header mismatch: " + what + "."}
}

// unsupported lists the revisions that are spoken, for the client to choose from.
func unsupported(revision string) *mcp.JSONRPCErrorDetails {
	const longest = 64
	detail := mcp.UnsupportedProtocolVersionError{Version: revision[:min(len(revision), longest)], Supported: mcp.ValidProtocolVersions}.JSONRPCError().Error
	return &detail
}
