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
	"github.com/browseract/browseract-mcp/tools/call"
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

// define makes a tool of a handler that maps its input to a result. The schemas come
// from In and Out; the result is sent as structured content and as the same JSON in
// text.
func define[In, Out any](t *tools, s spec, handle func(context.Context, In) (Out, error)) server.ServerTool {
	tool := assemble(t, s, formOf[In](), handle, func(_ context.Context, _ mcp.CallToolRequest, out Out) (*mcp.CallToolResult, error) {
		return t.structured(&out)
	})
	tool.Tool.RawOutputSchema = outputSchema[Out](t)
	return tool
}

// defineRun makes a tool that answers with a task, and may ask the user to act on it.
func defineRun[In any](t *tools, s spec, handle func(context.Context, In) (runAnswer, error)) server.ServerTool {
	tool := defineRunForm(t, s, formOf[In](), handle)
	tool.Tool.RawOutputSchema = outputSchema[schemas.Task](t)
	return tool
}

// defineRunForm is defineRun without an output schema, for arguments in another form.
func defineRunForm[In any](t *tools, s spec, f form[In], handle func(context.Context, In) (runAnswer, error)) server.ServerTool {
	return assemble(t, s, f, handle, t.renderRun)
}

// defineText makes a tool whose result is content and nothing else.
func defineText[In any](t *tools, s spec, handle func(context.Context, In) (text, error)) server.ServerTool {
	return assemble(t, s, formOf[In](), handle, func(_ context.Context, _ mcp.CallToolRequest, out text) (*mcp.CallToolResult, error) {
		result := mcp.NewToolResultText(string(out))
		label(result, "content")
		return result, nil
	})
}

// outputSchema derives the schema of a result once for all tools that have it: of all
// that is ours, deriving takes the longest when the server starts.
func outputSchema[Out any](t *tools) json.RawMessage {
	result := reflect.TypeFor[Out]()
	if _, known := t.outputSchemas[result]; !known {
		t.outputSchemas[result] = schemas.OutputSchema[Out]()
	}
	return t.outputSchemas[result]
}

// A form is how a tool takes its arguments.
type form[In any] struct {
	schema json.RawMessage
	decode func(json.RawMessage) (In, error)
}

func formOf[In any]() form[In] {
	input := schemas.NewInput[In]()
	return form[In]{input.Schema(), input.Decode}
}

// A waiter is an input that says how long its call waits for a task.
type waiter interface{ wait() time.Duration }

func waitOf(in any) time.Duration {
	if w, ok := in.(waiter); ok {
		return w.wait()
	}
	return 0
}

// A render makes a tool's result of what its handler returned.
type render[Out any] func(context.Context, mcp.CallToolRequest, Out) (*mcp.CallToolResult, error)

func assemble[In, Out any](t *tools, s spec, f form[In], handle func(context.Context, In) (Out, error), show render[Out]) server.ServerTool {
	return server.ServerTool{
		Tool: s.tool(f.schema),
		Handler: func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			in, err := f.decode(req.Params.RawArguments) // Arguments has passed every number through a float64
			if err != nil {
				return t.failure(ctx, err), nil
			}
			ctx, end := t.calls.Begin(ctx, req.Params.Meta, waitOf(in))
			defer end()
			if call.IsAnswer(req) {
				return t.answered(ctx, in, req)
			}
			out, err := handle(ctx, in)
			if err != nil {
				return t.failure(ctx, err), nil
			}
			return show(ctx, req, out)
		},
	}
}

func (s spec) tool(schema json.RawMessage) mcp.Tool {
	return mcp.Tool{
		Name:           s.name,
		Title:          s.title,
		Description:    s.description,
		RawInputSchema: schema,
		Annotations: mcp.ToolAnnotation{
			ReadOnlyHint:    &s.effects.readOnly,
			DestructiveHint: &s.effects.destructive,
			IdempotentHint:  &s.effects.idempotent,
			OpenWorldHint:   &s.effects.openWorld,
		},
	}
}

// structured sends what out points to, without what the deployment withholds.
func (t *tools) structured(out any) (*mcp.CallToolResult, error) {
	t.present.Hide(out)
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
func (t *tools) failure(ctx context.Context, err error) *mcp.CallToolResult {
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
