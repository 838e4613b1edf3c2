package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
)

// mcp-go knows an address only as RFC 6570 encodes it.
func TestAddressIsFoundHoweverItsNameIsEncoded(t *testing.T) {
	t.Parallel()
	var read []any
	s, err := server.New(server.Config{
		Name: "test", Version: "1", Logger: slog.New(slog.DiscardHandler),
		Resources: []mcpserver.ServerResourceTemplate{{
			Template: mcp.NewResourceTemplate("test://{id}/files/{name}", "file"),
			Handler: func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				read = append(read, req.Params.Arguments["name"].([]string)[0])
				return nil, nil
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "a b (2)=c:d&e,f@g+h/i%20j.pdf"
	addresses := []string{
		"test://1/files/a%20b%20(2)%3Dc%3Ad%26e%2Cf%40g%2Bh%2Fi%2520j.pdf", // encodeURIComponent
		"test://1/files/a%20b%20%282%29=c:d&e%2Cf@g+h%2Fi%2520j.pdf",       // Go's url.PathEscape
		"test://1/files/a%20b%20%282%29%3Dc%3Ad%26e%2Cf%40g%2Bh%2Fi%2520j.pdf",
		"test://1/files/a%20b%20(2)=c:d&e,f@g+h%2Fi%2520j.pdf", // by hand
	}
	for at, uri := range addresses {
		reply := s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"`+uri+`"}}`))
		if len(read) != at+1 || read[at] != want {
			t.Fatalf("%s: got %q, %+v", uri, read, reply)
		}
	}
}
