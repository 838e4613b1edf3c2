package server

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	// maxQuoted is how many characters of what a client sent an error repeats.
	maxQuoted = 64
	// maxURI is how many bytes of a URI an error repeats for programs.
	maxURI = 512
)

// invalidParams is a sentence that answers wrong params.
type invalidParams string

func (e invalidParams) Error() string { return string(e) }

// Unwrap returns the kind of the error.
func (e invalidParams) Unwrap() error { return mcp.ErrInvalidParams }

// setError is a hook that gives an error the code that MCP has for it. mcp-go answers
// -32603 to each error of a handler, and repeats at any length what the client sent.
func setError(ctx context.Context, _ any, _ mcp.MCPMethod, request any, err error) {
	session, ok := mcpserver.ClientSessionFromContext(ctx).(interface{ SetError(*rpc.Error) })
	if !ok {
		return
	}
	if rpcErr := rpcError(ctx, request, err); rpcErr != nil {
		session.SetError(rpcErr)
	}
}

// rpcError returns the error as it is sent, nil to send mcp-go's.
func rpcError(ctx context.Context, request any, err error) *rpc.Error {
	var capability mcp.MissingRequiredClientCapabilityError
	switch {
	case errors.Is(err, mcpserver.ErrToolNotFound):
		return invalid(fmt.Sprintf("Tool %q not found. Call tools/list for the names.", nameIn(request)))
	case errors.Is(err, mcpserver.ErrPromptNotFound):
		return invalid(fmt.Sprintf("Prompt %q not found. Call prompts/list for the names.", nameIn(request)))
	case errors.Is(err, mcpserver.ErrResourceNotFound):
		return notFound(ctx, request, fmt.Sprintf("Resource %q not found. Call resources/templates/list for the forms of URIs.", nameIn(request)))
	case errors.Is(err, mcp.ErrResourceNotFound):
		return notFound(ctx, request, ownText(err))
	case errors.Is(err, mcp.ErrInvalidParams):
		return invalid(ownText(err))
	case errors.As(err, new(base64.CorruptInputError)) && isList(request):
		return invalid("This server did not issue the cursor. Leave it out: each list is one page.")
	case errors.As(err, &capability) && mcpserver.IsModernRequest(ctx):
		return missingCapability(capability.Capability)
	}
	return nil
}

// isList reports whether request is for a list, which may name a cursor.
func isList(request any) bool {
	switch request.(type) {
	case *mcp.ListToolsRequest, *mcp.ListPromptsRequest, *mcp.ListResourcesRequest, *mcp.ListResourceTemplatesRequest:
		return true
	}
	return false
}

func invalid(message string) *rpc.Error {
	return &rpc.Error{Code: mcp.INVALID_PARAMS, Message: message}
}

// missingCapability is prescribed by the revision 2026-07-28; mcp-go has -32603.
func missingCapability(name string) *rpc.Error {
	return &rpc.Error{
		Code:    mcp.MISSING_REQUIRED_CLIENT_CAPABILITY,
		Message: fmt.Sprintf("This call needs a client with the capability %q.", name),
		Data:    map[string]any{"requiredCapabilities": map[string]any{name: struct{}{}}},
	}
}

// notFound answers for a missing resource with the code of the client's revision. It
// repeats the URI for programs, as MCP recommends, if it is short and visible.
func notFound(ctx context.Context, request any, message string) *rpc.Error {
	rpcErr := &rpc.Error{Code: mcp.RESOURCE_NOT_FOUND, Message: message}
	if mcpserver.IsModernRequest(ctx) {
		rpcErr.Code = mcp.INVALID_PARAMS
	}
	if read, ok := request.(*mcp.ReadResourceRequest); ok && len(read.Params.URI) <= maxURI && quotable(read.Params.URI) == read.Params.URI {
		rpcErr.Data = map[string]string{"uri": read.Params.URI}
	}
	return rpcErr
}

// ownText is the handler's own text, without what mcp-go puts before it.
func ownText(err error) string {
	if own := errors.Unwrap(err); own != nil {
		return own.Error()
	}
	return err.Error()
}

// nameIn is what a request asks for, as an error may repeat it.
func nameIn(request any) string {
	name := ""
	switch request := request.(type) {
	case *mcp.CallToolRequest:
		name = request.Params.Name
	case *mcp.GetPromptRequest:
		name = request.Params.Name
	case *mcp.ReadResourceRequest:
		name = request.Params.URI
	}
	name = quotable(name)
	if runes := []rune(name); len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "…"
	}
	return name
}

// quotable is text without what cannot be seen or turns the direction of writing.
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text)
}
