package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// errPanicked answers for what panicked beside tools.
var errPanicked = errors.New("the server failed inside this request; report this as a bug of the server")

// errNoSuchArgument answers a completion that nothing offered here needs.
var errNoSuchArgument error = invalidParams("There is no such prompt or resource template, or it has no such argument. Call prompts/list and resources/templates/list for those that there are.")

// extras declares what is offered beside tools, and nothing that is not.
func (cfg Config) extras() []mcpserver.ServerOption {
	g := guard{cfg.Logger}
	var options []mcpserver.ServerOption
	if len(cfg.Resources) > 0 {
		options = append(options, mcpserver.WithResourceCapabilities(false, false), mcpserver.WithResourceHandlerMiddleware(g.resource))
	}
	if len(cfg.Prompts) > 0 {
		options = append(options, mcpserver.WithPromptCapabilities(false), mcpserver.WithPromptHandlerMiddleware(g.prompt))
	}
	if cfg.Completions != nil {
		c := guardedCompletions{g, cfg}
		options = append(options, mcpserver.WithCompletions(), mcpserver.WithPromptCompletionProvider(c), mcpserver.WithResourceCompletionProvider(c))
	}
	return options
}

// A guard logs requests as logCalls does calls of tools, and turns their panics,
// which would end in words of mcp-go's or in none, into an error.
type guard struct{ logger *slog.Logger }

func (g guard) resource(next mcpserver.ResourceHandlerFunc) mcpserver.ResourceHandlerFunc {
	return func(ctx context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return guarded(ctx, g.logger, "resource read", "", func() ([]mcp.ResourceContents, error) { return next(ctx, req) })
	}
}

func (g guard) prompt(next mcpserver.PromptHandlerFunc) mcpserver.PromptHandlerFunc {
	return func(ctx context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return guarded(ctx, g.logger, "prompt", req.Params.Name, func() (*mcp.GetPromptResult, error) { return next(ctx, req) })
	}
}

// guardedCompletions refuse what is asked about a prompt or an address that there is
// not, or about an argument that it does not have.
type guardedCompletions struct {
	guard
	cfg Config
}

// CompletePromptArgument passes on to the guarded completions.
func (c guardedCompletions) CompletePromptArgument(ctx context.Context, name string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return guarded(ctx, c.logger, "completion", "", func() (*mcp.Completion, error) {
		if !slices.Contains(c.cfg.promptArguments(name), argument.Name) {
			return nil, errNoSuchArgument
		}
		return c.cfg.Completions.CompletePromptArgument(ctx, name, argument, known)
	})
}

// CompleteResourceArgument passes on to the guarded completions.
func (c guardedCompletions) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return guarded(ctx, c.logger, "completion", "", func() (*mcp.Completion, error) {
		if !slices.Contains(c.cfg.addressVariables(uri), argument.Name) {
			return nil, errNoSuchArgument
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

// addressVariables are the variables of an address of this form, none of an unknown one.
func (cfg Config) addressVariables(form string) []string {
	for _, r := range cfg.Resources {
		if r.Template.URITemplate.Raw() == form {
			return r.Template.URITemplate.Varnames()
		}
	}
	return nil
}

// guarded logs how handle ended. name is one that the server has given, or empty:
// never what a client sends.
func guarded[T any](ctx context.Context, logger *slog.Logger, kind, name string, handle func() (T, error)) (result T, err error) {
	start := time.Now()
	about := append([]slog.Attr{slog.String("kind", kind), slog.String("name", name)}, requestID(ctx)...)
	defer func() {
		if value := recover(); value != nil {
			logger.LogAttrs(ctx, slog.LevelError, "request panicked", append(about,
				slog.String("type", fmt.Sprintf("%T", value)), slog.String("stack", string(debug.Stack())))...)
			err = errPanicked
		}
		logger.LogAttrs(ctx, slog.LevelInfo, "request", append(about,
			slog.Duration("duration", time.Since(start)), slog.Bool("is_error", err != nil))...)
	}()
	return handle()
}
