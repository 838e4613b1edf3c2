package streamable

import (
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// clientInfo is what the client said of itself in this one request.
type clientInfo struct {
	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
}

// GetClientInfo returns the client's name and version, empty if it said none.
func (c *clientInfo) GetClientInfo() mcp.Implementation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// SetClientInfo records the client's name and version.
func (c *clientInfo) SetClientInfo(info mcp.Implementation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.info = info
}

// GetClientCapabilities returns what the client declared in this request.
func (c *clientInfo) GetClientCapabilities() mcp.ClientCapabilities {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.capabilities
}

// SetClientCapabilities records what the client declared in this request.
func (c *clientInfo) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.capabilities = capabilities
}
