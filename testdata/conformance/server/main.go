// Command server offers the tools, resources and prompts that the official
// conformance suite asks a server for, on the packages that browseract-mcp is
// built from: what passes here is true of the transport and the core beneath
// the product's own tools.
//
// It listens on a free port of the loopback interface, logs its address and
// serves until it gets a signal to stop. Each file holds one kind of what it offers.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/server/streamable"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg := streamable.Config{Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	s, err := offer(cfg.Logger)
	if err != nil {
		return err
	}
	handler, err := streamable.NewHandler(s, cfg)
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	cfg.Logger.InfoContext(ctx, "listening", "url", "http://"+ln.Addr().String()+"/mcp")
	return streamable.Serve(ctx, ln, takeLogLevel(handler), cfg)
}

// offer is the product's server with what the suite looks for. The product has
// no logging, resources, prompts and completions, so they are added here.
func offer(log *slog.Logger) (*mcpserver.MCPServer, error) {
	s, err := server.New(server.Config{
		Name:    "browseract-mcp-conformance",
		Version: "1",
		Tools:   slices.Concat(contentTools(), notifyingTools(), askingTools(), schemaTools()),
		Logger:  log,
	})
	if err != nil {
		return nil, err
	}
	for _, opt := range []mcpserver.ServerOption{
		mcpserver.WithLogging(),
		mcpserver.WithResourceCapabilities(true, false),
		mcpserver.WithPromptCapabilities(false),
		mcpserver.WithCompletions(),
	} {
		opt(s)
	}
	s.AddResources(resources()...)
	s.AddResourceTemplates(resourceTemplates()...)
	s.AddPrompts(prompts()...)
	return s, nil
}
