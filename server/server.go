// Package server makes the MCP server and the middleware around each request.
//
// Begin with [New]. The transports are packages below this one: stdio serves one
// client over a pair of streams, streamable serves many over HTTP; rpc is what they
// share. Nothing here knows what the tools do.
package server

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// listTTL is how long a client may reuse a list that does not change.
	listTTL = time.Hour
	// changingTTL is how long a client may reuse a list that changes.
	changingTTL = 5 * time.Second
)

// Config is what New needs. Name, Version and Logger are required.
type Config struct {
	// Name identifies the server to programs, as in "browseract-mcp".
	Name string
	// Title names the server for people. Empty means that Name is shown.
	Title string
	// Version is the server's own version.
	Version string
	// Instructions explain to a model how to use the tools together. Empty means none.
	Instructions string
	// Tools are the tools to begin with; unless Changing, they stay as they are.
	Tools []mcpserver.ServerTool
	// Changing allows calls of SetTools: clients learn that the list can change, and
	// when it has.
	Changing bool
	// Resources are read by URIs of these templates.
	Resources []mcpserver.ServerResourceTemplate
	// Prompts are what a user can pick by name.
	Prompts []mcpserver.ServerPrompt
	// Completions complete the arguments of both. Nil completes nothing.
	Completions Completions
	// Logger receives one line a call and the stack of a tool that panicked.
	Logger *slog.Logger
}

// Completions complete arguments while a user types them.
type Completions interface {
	mcpserver.PromptCompletionProvider
	mcpserver.ResourceCompletionProvider
}

// New returns an MCP server that offers what cfg has and nothing else: no logging,
// sampling, roots, tasks or, unless cfg is Changing, changing lists. Each call is
// logged. A tool that panics answers with an error result, another handler with an
// error. New refuses an incomplete configuration, and tools that share a name or have
// no handler.
func New(cfg Config) (*mcpserver.MCPServer, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	hooks := &mcpserver.Hooks{}
	hooks.AddBeforeReadResource(cfg.encodeURI)
	hooks.AddOnError(setError)
	ttl := listTTL
	if cfg.Changing {
		ttl = changingTTL
	}
	options := []mcpserver.ServerOption{
		mcpserver.WithTitle(cfg.Title),
		mcpserver.WithInstructions(cfg.Instructions),
		mcpserver.WithToolCapabilities(cfg.Changing),
		mcpserver.WithHooks(hooks),
		// Private, because which tools a caller sees may depend on the caller.
		mcpserver.WithMethodCacheHints(mcp.MethodToolsList, ttl.Milliseconds(), mcp.CacheScopePrivate),
		mcpserver.WithMethodCacheHints(mcp.MethodServerDiscover, ttl.Milliseconds(), mcp.CacheScopePrivate),
	}
	s := mcpserver.NewMCPServer(cfg.Name, cfg.Version, append(options, cfg.features()...)...)
	s.Use(guardTool(cfg.Logger))
	s.AddTools(cfg.Tools...)
	if len(cfg.Resources) > 0 {
		s.AddResourceTemplates(cfg.Resources...)
	}
	if len(cfg.Prompts) > 0 {
		s.AddPrompts(cfg.Prompts...)
	}
	return s, nil
}

// SetTools replaces the tools of a server that is Changing, and notifies clients.
// Calls that run are not touched.
func SetTools(s *mcpserver.MCPServer, tools []mcpserver.ServerTool) error {
	if err := checkTools(tools); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	s.SetTools(tools...)
	return nil
}

func (cfg Config) check() error {
	switch {
	case cfg.Name == "":
		return errors.New("a name is required")
	case cfg.Version == "":
		return errors.New("a version is required")
	case cfg.Logger == nil:
		return errors.New("a logger is required")
	}
	return checkTools(cfg.Tools)
}

func checkTools(tools []mcpserver.ServerTool) error {
	seen := make(map[string]bool, len(tools))
	for _, tool := range tools {
		name := tool.Tool.Name
		switch {
		case name == "":
			return errors.New("a tool has no name")
		case tool.Handler == nil:
			return fmt.Errorf("tool %s has no handler", name)
		case seen[name]:
			return fmt.Errorf("two tools are named %s", name)
		}
		seen[name] = true
	}
	return nil
}
