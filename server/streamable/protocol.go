package streamable

import (
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// checkProtocol answers 400 to a version that is not supported, and to a request of
// 2026-07-28 whose headers, which other programs read, differ from its body.
func checkProtocol(s *mcpserver.MCPServer) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		m := messageOf(r.Context())
		rpcErr := checkVersion(m, r.Header.Get(mcp.HeaderProtocolVersion))
		if rpcErr == nil && m.IsModern() && m.ID != nil {
			rpcErr = checkHeaders(s, m, r.Header)
		}
		if rpcErr != nil {
			refuse(w, m.ID, http.StatusBadRequest, rpcErr)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// checkVersion compares the version in the header with the one in the message, which has
// one from 2026-07-28 on. In 2025-03-26 neither has.
func checkVersion(m *rpc.Message, header string) *rpc.Error {
	switch {
	case !m.IsModern() && !mcp.IsModernProtocol(header):
		if header != "" && m.Method != string(mcp.MethodInitialize) && !mcp.IsValidProtocolVersion(header) {
			return errVersion(header)
		}
	case header == "":
		return errMismatch("the header " + mcp.HeaderProtocolVersion + " is missing")
	case m.Version == "":
		return errNoVersion
	case m.Version != header:
		return errMismatch("the header " + mcp.HeaderProtocolVersion + " and " + mcp.MetaKeyProtocolVersion + " in _meta differ")
	case !mcp.IsValidProtocolVersion(header):
		return errVersion(header)
	}
	return nil
}

// checkHeaders compares a request's headers with its body.
func checkHeaders(s *mcpserver.MCPServer, m *rpc.Message, header http.Header) *rpc.Error {
	method := mcp.MCPMethod(m.Method)
	if mcp.ValidateStandardHeaders(header.Get, m.Version, method, m.Params) != nil {
		return errMismatch("the headers " + mcp.HeaderMethod + " and " + mcp.HeaderName + " must be those of the body")
	}
	if method != mcp.MethodToolsCall {
		return nil
	}
	name, _ := mcp.ExtractHeaderName(method, m.Params)
	tool := s.GetTool(name)
	lookup := func(name string) (value string, sent bool) { return header.Get(name), len(header.Values(name)) > 0 }
	if tool != nil && mcp.ValidateParamHeadersLookup(lookup, &tool.Tool, m.Params) != nil {
		return errMismatch("the headers of arguments must be those of the body")
	}
	return nil
}
