package streamable_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/server/streamable"
)

func TestHostKeepsReboundNamesOut(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{AllowedHosts: []string{"MCP.example.com"}}, newMemory, []fact{
		{"localhost", []string{"Host", "localhost:8080"}, 200},
		{"localhost in capitals", []string{"Host", "LOCALHOST"}, 200},
		{"an IPv4 address of loopback", []string{"Host", "127.0.0.2:8080"}, 200},
		{"the IPv6 address of loopback", []string{"Host", "[::1]:8080"}, 200},
		{"a listed name", []string{"Host", "mcp.example.com"}, 200},
		{"a rebound name", []string{"Host", "evil.example:8080"}, 403},
		{"a rebound name of an allowed page", []string{"Host", "evil.example", "Origin", "http://localhost"}, 403},
		{"a name that begins like this machine", []string{"Host", "localhost.evil.example"}, 403},
		{"another name in X-Forwarded-Host", []string{"Host", "evil.example", "X-Forwarded-Host", "localhost"}, 403},
	})
}

func TestHostBeyondLoopback(t *testing.T) {
	t.Parallel()
	check(t, streamable.Config{BehindTLSProxy: true}, beyondLoopback, []fact{
		{"any name without a list", []string{"Host", "mcp.example.com"}, 200},
	})
	check(t, streamable.Config{BehindTLSProxy: true, AllowedHosts: []string{"mcp.example.com", "2001:db8::1"}}, beyondLoopback, []fact{
		{"a listed name", []string{"Host", "mcp.example.com:443"}, 200},
		{"a listed address", []string{"Host", "[2001:DB8::1]:443"}, 200},
		{"another name", []string{"Host", "evil.example"}, 403},
		{"a loopback name", []string{"Host", "localhost"}, 403},
		{"a client that claims to be local", []string{"Host", "localhost", "X-Forwarded-For", "127.0.0.1"}, 403},
	})
}
