package rpc

import (
	"reflect"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// An upgrade of mcp-go may decode names that the table lacks.
func TestShapeHasEveryNameThatMCPGoDecodes(t *testing.T) {
	t.Parallel()
	params := messageShape["params"]
	for _, decoded := range []any{
		mcp.InitializeParams{},
		mcp.CallToolParams{},
		mcp.ReadResourceParams{},
		mcp.GetPromptParams{},
		mcp.CompleteParams{},
		mcp.PaginatedParams{},
		mcp.SetLevelParams{},
		mcp.SubscribeParams{},
		mcp.UnsubscribeParams{},
		mcp.SubscriptionsListenParams{},
		mcp.GetTaskParams{},
		mcp.CancelTaskParams{},
		mcp.TaskResultParams{},
		mcp.CancelledNotificationParams{},
		mcp.ProgressNotificationParams{},
	} {
		checkShape(t, "params", params, reflect.TypeOf(decoded))
	}
	checkShape(t, "ref", params["ref"], reflect.TypeFor[mcp.PromptReference]())
	checkShape(t, "ref", params["ref"], reflect.TypeFor[mcp.ResourceReference]())
	checkShape(t, "inputResponses", params["inputResponses"][anyName], reflect.TypeFor[mcp.ElicitationResult]())
	checkShape(t, "_meta clientInfo", params["_meta"][mcp.MetaKeyClientInfo], reflect.TypeFor[mcp.Implementation]())
	checkShape(t, "_meta clientCapabilities", params["_meta"][mcp.MetaKeyClientCapabilities], reflect.TypeFor[mcp.ClientCapabilities]())
}

func checkShape(t *testing.T, path string, s shape, decoded reflect.Type) {
	t.Helper()
	for decoded.Kind() == reflect.Pointer {
		decoded = decoded.Elem()
	}
	if decoded.Kind() != reflect.Struct {
		return
	}
	for field := range decoded.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			checkShape(t, path, s, field.Type)
			continue
		case name == "" || name == "-":
			continue
		}
		inner, known := s[name]
		if !known {
			t.Errorf("%s: mcp-go decodes %q, which the table lacks", path, name)
		}
		if name != "_meta" && name != "inputResponses" && name != "requestId" { // they decode themselves
			checkShape(t, path+"."+name, inner, field.Type)
		}
	}
}
