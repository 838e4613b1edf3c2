package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

// dial starts the program and a client of another make than these tests.
func dial(t *testing.T, env environment, log io.Writer, args ...string) *client.Client {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	done := make(chan error, 1)
	go func() { // ends with the client
		done <- cli.Run(t.Context(), cli.Program{Version: "v1"}, args, env.get, fromClient, toClient, log)
		_ = toClient.Close()
	}()
	c := client.NewClient(transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader(""))))
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = toServer.Close()
		if err := <-done; err != nil {
			t.Errorf("ended with %v", err)
		}
		_ = c.Close()
	})
	var hello mcp.InitializeRequest
	hello.Params.ProtocolVersion = mcp.ProtocolVersion20251125
	hello.Params.ClientInfo = mcp.Implementation{Name: "test"}
	if _, err := c.Initialize(t.Context(), hello); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExposedToolRunsOnceHoweverOftenItIsCalled(t *testing.T) {
	t.Parallel()
	const hidden = "hidden-value-4711"
	account := simulator.New(simulator.WithSpeed(1000))
	env := home(t, serveAccount(t, account))
	overlay := fmt.Sprintf(`expose:
  - workflow: %q
    name: rooms
    max_credits: 5000
    inputs:
      "max price ($)": {fixed: %s}
      Número de huéspedes: {type: integer, default: 2}
`, account.Workflow("Free Text Inputs").ID, hidden)
	log := &buffer{}
	c := dial(t, env, log, "--config", writeOverlay(t, overlay))
	list, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(list)
	if err != nil || strings.Contains(string(raw), "4711") || strings.Contains(string(raw), "max_price") || !strings.Contains(string(raw), `"Numero_de_huespedes"`) {
		t.Errorf("%v: %d bytes that are too many or too few", err, len(raw))
	}
	var texts []string
	for range 2 {
		req := mcp.CallToolRequest{}
		req.Params.Name = "rooms"
		req.Params.Arguments = map[string]any{"check_in_date": "2026-12-24", cityKey(t, list): "東京", "wait_seconds": 0}
		result, err := c.CallTool(t.Context(), req)
		if err != nil || result.IsError || result.StructuredContent == nil {
			t.Fatalf("%v, %+v", err, result)
		}
		texts = append(texts, mcp.GetTextFromContent(result.Content[0]))
	}
	if !strings.Contains(texts[1], `"deduplicated":true`) || len(account.Tasks()) != 1 {
		t.Errorf("%d runs: %s", len(account.Tasks()), texts)
	}
	if strings.Contains(texts[0], "has changed") {
		t.Errorf("an overlay with some of the inputs has not changed: %s", texts[0])
	}
	sent := fmt.Sprint(account.Tasks()[0].Inputs)
	for _, want := range []string{hidden, "東京", "2026-12-24", "huéspedes 2"} {
		if !strings.Contains(sent, want) {
			t.Errorf("no %s is sent: %s", want, sent)
		}
	}
	if sent := strings.Join(texts, "") + log.String(); strings.Contains(sent, hidden) {
		t.Errorf("a fixed input is shown: %s", sent)
	}
}

// cityKey is the argument that stands for the input of that name in another script.
func cityKey(t *testing.T, list *mcp.ListToolsResult) string {
	t.Helper()
	for _, tool := range list.Tools {
		for key, property := range tool.InputSchema.Properties {
			if tool.Name == "rooms" && fmt.Sprint(property) == "map[description:城市 type:string]" {
				return key
			}
		}
	}
	t.Fatal("no argument is described as 城市")
	return ""
}
