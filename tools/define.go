package tools

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// A spec is how a tool presents itself.
type spec struct {
	name        string
	title       string
	description string
	effects     effects
}

// effects are the four hints by which hosts decide whether to ask their user. A
// tool states all of them: mcp-go's defaults call everything destructive.
type effects struct {
	readOnly, destructive, idempotent, openWorld bool
}

// A text is the result of a tool that has no output schema.
type text string

// define makes a tool of a handler that maps its input to a result. The schemas
// come from In and Out; the result is sent as structured content and as the same
// JSON in text.
func define[In, Out any](t *toolset, s spec, handle func(context.Context, In) (Out, error)) server.ServerTool {
	input := schemas.NewInput[In]()
	return defineForm(t, s, form[In]{input.Schema(), input.Decode}, handle)
}

// defineForm is define for a tool that takes its arguments by another form.
func defineForm[In, Out any](t *toolset, s spec, f form[In], handle func(context.Context, In) (Out, error)) server.ServerTool {
	tool := assemble(t, s, f, handle, func(out Out) (*mcp.CallToolResult, error) { return t.structured(&out) })
	tool.Tool.RawOutputSchema = outputSchema[Out](t)
	return tool
}

// outputSchema derives the schema of a result once for all tools that have it:
// of all that is ours, deriving takes the longest when the server starts.
func outputSchema[Out any](t *toolset) json.RawMessage {
	result := reflect.TypeFor[Out]()
	if _, known := t.outputSchemas[result]; !known {
		t.outputSchemas[result] = schemas.OutputSchema[Out]()
	}
	return t.outputSchemas[result]
}

// defineText makes a tool whose result is content and nothing else.
func defineText[In any](t *toolset, s spec, handle func(context.Context, In) (text, error)) server.ServerTool {
	input := schemas.NewInput[In]()
	return assemble(t, s, form[In]{input.Schema(), input.Decode}, handle, func(out text) (*mcp.CallToolResult, error) {
		result := mcp.NewToolResultText(string(out))
		label(result, "content")
		return result, nil
	})
}

// A form is how a tool takes its arguments.
type form[In any] struct {
	schema json.RawMessage
	decode func(json.RawMessage) (In, error)
}

func assemble[In, Out any](t *toolset, s spec, f form[In], handle func(context.Context, In) (Out, error), render func(Out) (*mcp.CallToolResult, error)) server.ServerTool {
	return server.ServerTool{
		Tool: mcp.Tool{
			Name:           s.name,
			Title:          s.title,
			Description:    s.description,
			RawInputSchema: f.schema,
			Annotations: mcp.ToolAnnotation{
				ReadOnlyHint:    &s.effects.readOnly,
				DestructiveHint: &s.effects.destructive,
				IdempotentHint:  &s.effects.idempotent,
				OpenWorldHint:   &s.effects.openWorld,
			},
		},
		Handler: func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx = withArrival(ctx, time.Now())
			in, err := f.decode(req.Params.RawArguments) // Arguments has passed every number through a float64
			if err != nil {
				return t.failure(ctx, err), nil
			}
			ctx, cancel := t.withBudget(withProgress(ctx, req), in)
			defer cancel()
			if repeats(req) {
				return t.takeUp(ctx, in, req)
			}
			ctx, asks := withAsking(ctx)
			out, err := handle(ctx, in)
			if err != nil {
				return t.failure(ctx, err), nil
			}
			result, err := render(out)
			return t.orAsk(ctx, asks, req, result), err
		},
	}
}

// structured sends what out points to, without what the deployment withholds.
func (t *toolset) structured(out any) (*mcp.CallToolResult, error) {
	t.keepBack(out)
	raw, err := schemas.Marshal(out)
	if err != nil {
		return nil, err
	}
	result := mcp.NewToolResultText(string(raw))
	result.StructuredContent = json.RawMessage(raw)
	if p, ok := out.(interface{ Picture() []byte }); ok && p.Picture() != nil {
		result.Content = append(result.Content, mcp.NewImageContent(base64.StdEncoding.EncodeToString(p.Picture()), "image/jpeg"))
	}
	if u, ok := out.(interface{ Untrusted() []string }); ok {
		label(result, u.Untrusted()...)
	}
	return result, nil
}

// untrustedLabel names in a result's _meta where it holds text that a web page may
// have written.
const untrustedLabel = "com.browseract/untrusted"

// failure turns an error into the result that a model reads. It carries no structured
// content, since strict clients hold that against the output schema.
func (t *toolset) failure(ctx context.Context, err error) *mcp.CallToolResult {
	p := t.problems.Report(err)
	if p.Code == problem.CodeInternal {
		t.Logger.ErrorContext(ctx, "call failed unexpectedly", "error", err)
	}
	return mcp.NewToolResultError(p.Text())
}

func label(result *mcp.CallToolResult, where ...string) {
	if len(where) > 0 {
		result.Meta = mcp.NewMetaFromMap(map[string]any{untrustedLabel: where})
	}
}
