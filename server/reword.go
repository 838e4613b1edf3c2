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
)

const (
	// maxShown is how many characters an error's words repeat of what a client sent.
	maxShown = 64
	// maxAddress is how long an address may be, in bytes, that an error repeats for programs.
	maxAddress = 512
)

// A rewordable is the session of a single request whose error can be put in other
// words, and have another code, before it is sent.
type rewordable interface {
	Reword(ctx context.Context, detail mcp.JSONRPCErrorDetails)
}

// invalidParams is a sentence that answers params which are wrong.
type invalidParams string

func (e invalidParams) Error() string { return string(e) }

// Unwrap tells what kind of error it is.
func (e invalidParams) Unwrap() error { return mcp.ErrInvalidParams }

// reword gives an error the code that MCP has for it. mcp-go answers -32603 to
// whatever a handler returns, and repeats at any length what the client sent.
func reword(ctx context.Context, _ any, _ mcp.MCPMethod, request any, err error) {
	session, ok := mcpserver.ClientSessionFromContext(ctx).(rewordable)
	if !ok {
		return
	}
	if detail, ok := inOurWords(ctx, request, err); ok {
		session.Reword(ctx, detail)
	}
}

// inOurWords returns the error as it is sent. It is not ok where mcp-go's words will do.
func inOurWords(ctx context.Context, request any, err error) (detail mcp.JSONRPCErrorDetails, ok bool) {
	switch {
	case errors.Is(err, mcpserver.ErrToolNotFound):
		return invalid(fmt.Sprintf("Tool %q not found. Call tools/list for the names that there are.", named(request))), true
	case errors.Is(err, mcpserver.ErrPromptNotFound):
		return invalid(fmt.Sprintf("Prompt %q not found. Call prompts/list for the names that there are.", named(request))), true
	case errors.Is(err, mcpserver.ErrResourceNotFound):
		return missing(ctx, request, fmt.Sprintf("Resource %q not found. Call resources/templates/list for the forms that addresses have.", named(request))), true
	case errors.Is(err, mcp.ErrResourceNotFound):
		return missing(ctx, request, words(err)), true
	case errors.Is(err, mcp.ErrInvalidParams):
		return invalid(words(err)), true
	case errors.As(err, new(base64.CorruptInputError)) && lists(request):
		return invalid("The cursor is none that this server gave. Leave it out: each list is one page."), true
	}
	return mcp.JSONRPCErrorDetails{}, false
}

// lists reports whether request is for a list, which may name a cursor.
func lists(request any) bool {
	switch request.(type) {
	case *mcp.ListToolsRequest, *mcp.ListPromptsRequest, *mcp.ListResourcesRequest, *mcp.ListResourceTemplatesRequest:
		return true
	}
	return false
}

func invalid(message string) mcp.JSONRPCErrorDetails {
	return mcp.NewJSONRPCErrorDetails(mcp.INVALID_PARAMS, message, nil)
}

// missing is the error of a resource that there is not. It repeats the address for
// programs, as MCP recommends, if that is one: short and visible.
func missing(ctx context.Context, request any, message string) mcp.JSONRPCErrorDetails {
	var data any
	if read, ok := request.(*mcp.ReadResourceRequest); ok && len(read.Params.URI) <= maxAddress && visible(read.Params.URI) {
		data = map[string]string{"uri": read.Params.URI}
	}
	return mcp.NewJSONRPCErrorDetails(codeNotFound(ctx), message, data)
}

// codeNotFound is the code that the client's revision has for a missing resource.
func codeNotFound(ctx context.Context) int {
	if mcpserver.IsModernRequest(ctx) {
		return mcp.INVALID_PARAMS
	}
	return mcp.RESOURCE_NOT_FOUND
}

// words are the handler's own, without those that mcp-go puts before them.
func words(err error) string {
	if own := errors.Unwrap(err); own != nil {
		return own.Error()
	}
	return err.Error()
}

// named is what a request asks for, cut and clean.
func named(request any) string {
	switch request := request.(type) {
	case *mcp.CallToolRequest:
		return shown(request.Params.Name)
	case *mcp.GetPromptRequest:
		return shown(request.Params.Name)
	case *mcp.ReadResourceRequest:
		return shown(request.Params.URI)
	}
	return ""
}

// shown is text as an error may repeat it: the beginning, without what cannot be
// seen or turns the direction of writing.
func shown(text string) string {
	var clean strings.Builder
	length := 0
	for _, r := range text {
		if length == maxShown {
			return clean.String() + "…"
		}
		if isVisible(r) {
			clean.WriteRune(r)
			length++
		}
	}
	return clean.String()
}

func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !isVisible(r) })
}

func isVisible(r rune) bool { return unicode.IsPrint(r) && r != unicode.ReplacementChar }
