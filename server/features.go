package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

var (
	// errPanicked answers for what panicked beside tools.
	errPanicked = errors.New("the server failed inside this request; report this as a bug of the server")
	// errUnknownArgument answers a completion for what is not offered.
	errUnknownArgument error = invalidParams("There is no such prompt or resource template, or it has no such argument. Call prompts/list and resources/templates/list for the names.")
)

// features declares what is offered beside tools, and nothing that is not.
func (cfg Config) features() []mcpserver.ServerOption {
	var options []mcpserver.ServerOption
	if len(cfg.Resources) > 0 {
		options = append(options, mcpserver.WithResourceCapabilities(false, false), mcpserver.WithResourceHandlerMiddleware(guardResource(cfg.Logger)))
	}
	if len(cfg.Prompts) > 0 {
		options = append(options, mcpserver.WithPromptCapabilities(false), mcpserver.WithPromptHandlerMiddleware(guardPrompt(cfg.Logger)))
	}
	if cfg.Completions != nil {
		c := guardedCompletions{cfg}
		options = append(options, mcpserver.WithCompletions(), mcpserver.WithPromptCompletionProvider(c), mcpserver.WithResourceCompletionProvider(c))
	}
	return options
}

func guardResource(logger *slog.Logger) mcpserver.ResourceHandlerMiddleware {
	return func(next mcpserver.ResourceHandlerFunc) mcpserver.ResourceHandlerFunc {
		return func(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return guard(ctx, logger, "resource read", "", func() ([]mcp.ResourceContents, error) { return next(ctx, req) })
		}
	}
}

func guardPrompt(logger *slog.Logger) mcpserver.PromptHandlerMiddleware {
	return func(next mcpserver.PromptHandlerFunc) mcpserver.PromptHandlerFunc {
		return func(ctx context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return guard(ctx, logger, "prompt", req.Params.Name, func() (*mcp.GetPromptResult, error) { return next(ctx, req) })
		}
	}
}

// guardedCompletions refuse an unknown prompt, resource template or argument of it.
type guardedCompletions struct{ cfg Config }

// CompletePromptArgument completes an argument of a prompt.
func (c guardedCompletions) CompletePromptArgument(ctx context.Context, name string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return guard(ctx, c.cfg.Logger, "completion", "", func() (*mcp.Completion, error) {
		if !slices.Contains(c.cfg.promptArguments(name), argument.Name) {
			return nil, errUnknownArgument
		}
		return c.cfg.Completions.CompletePromptArgument(ctx, name, argument, known)
	})
}

// CompleteResourceArgument completes a variable of a resource template.
func (c guardedCompletions) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return guard(ctx, c.cfg.Logger, "completion", "", func() (*mcp.Completion, error) {
		if !slices.Contains(c.cfg.templateVariables(uri), argument.Name) {
			return nil, errUnknownArgument
		}
		return c.cfg.Completions.CompleteResourceArgument(ctx, uri, argument, known)
	})
}

// promptArguments are the names of a prompt's arguments, none of an unknown prompt.
func (cfg Config) promptArguments(prompt string) (names []string) {
	for _, p := range cfg.Prompts {
		if p.Prompt.Name == prompt {
			for _, argument := range p.Prompt.Arguments {
				names = append(names, argument.Name)
			}
		}
	}
	return names
}

// templateVariables are the variables of a URI template, none of an unknown one.
func (cfg Config) templateVariables(template string) []string {
	for _, r := range cfg.Resources {
		if r.Template.URITemplate.Raw() == template {
			return r.Template.URITemplate.Varnames()
		}
	}
	return nil
}

// reserved are the characters that RFC 6570 encodes in a value. encodeURIComponent
// leaves some of them as they are, and a URI written by hand all of them.
const reserved = "!$&'()*+,;=:@"

// encodeURI makes mcp-go, which matches only what is encoded as in RFC 6570, find a
// resource however the client encodes its URI.
func (cfg Config) encodeURI(_ context.Context, _ any, request *mcp.ReadResourceRequest) {
	if encoded := encodeReserved(request.Params.URI); !cfg.matches(request.Params.URI) && cfg.matches(encoded) {
		request.Params.URI = encoded
	}
}

func (cfg Config) matches(uri string) bool {
	for _, r := range cfg.Resources {
		if r.Template.URITemplate.Regexp().MatchString(uri) {
			return true
		}
	}
	return false
}

// encodeReserved encodes the reserved characters behind the scheme.
func encodeReserved(uri string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	encoded := []byte(scheme + "://")
	for _, b := range []byte(rest) {
		if strings.IndexByte(reserved, b) >= 0 {
			encoded = fmt.Appendf(encoded, "%%%02X", b)
		} else {
			encoded = append(encoded, b)
		}
	}
	return string(encoded)
}
