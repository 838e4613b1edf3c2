package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

func resources() []mcpserver.ServerResource {
	return []mcpserver.ServerResource{
		resource(mcp.TextResourceContents{URI: "test://static-text", MIMEType: "text/plain", Text: "This is the content of the static text resource."}),
		resource(mcp.TextResourceContents{URI: "test://watched-resource", MIMEType: "text/plain", Text: "Nothing changes here."}),
		{
			Resource: mcp.NewResource("test://static-binary", "static-binary", mcp.WithMIMEType("image/png")),
			Handler:  reading(mcp.BlobResourceContents{URI: "test://static-binary", MIMEType: "image/png", Blob: pixel()}),
		},
	}
}

func resource(text mcp.TextResourceContents) mcpserver.ServerResource {
	name := strings.TrimPrefix(text.URI, "test://")
	return mcpserver.ServerResource{Resource: mcp.NewResource(text.URI, name, mcp.WithMIMEType(text.MIMEType)), Handler: reading(text)}
}

func reading(contents mcp.ResourceContents) mcpserver.ResourceHandlerFunc {
	return func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{contents}, nil
	}
}

func resourceTemplates() []mcpserver.ServerResourceTemplate {
	return []mcpserver.ServerResourceTemplate{{
		Template: mcp.NewResourceTemplate("test://template/{id}/data", "template", mcp.WithTemplateMIMEType("application/json")),
		Handler: func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			id := strings.TrimSuffix(strings.TrimPrefix(req.Params.URI, "test://template/"), "/data")
			text := fmt.Sprintf(`{"id":%q,"templateTest":true,"data":%q}`, id, "Data for ID: "+id)
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: req.Params.URI, MIMEType: "application/json", Text: text}}, nil
		},
	}}
}

func prompts() []mcpserver.ServerPrompt {
	return []mcpserver.ServerPrompt{
		prompt(newPrompt("test_simple_prompt"), func(map[string]string) mcp.Content {
			return mcp.NewTextContent("This is a simple prompt for testing.")
		}),
		prompt(newPrompt("test_prompt_with_arguments", required("arg1"), required("arg2")), func(args map[string]string) mcp.Content {
			return mcp.NewTextContent(fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", args["arg1"], args["arg2"]))
		}),
		prompt(newPrompt("test_prompt_with_embedded_resource", required("resourceUri")), func(args map[string]string) mcp.Content {
			return embedded(args["resourceUri"], "text/plain", "Embedded resource content for testing.")
		}),
		prompt(newPrompt("test_prompt_with_image"), func(map[string]string) mcp.Content {
			return mcp.NewImageContent(pixel(), "image/png")
		}),
		askingPrompt("test_input_required_result_prompt", mcp.InputRequests{
			"user_context": ask("What context should the prompt use?", "context", "string"),
		}),
	}
}

func newPrompt(name string, arguments ...mcp.PromptOption) mcp.Prompt {
	return mcp.NewPrompt(name, append(arguments, mcp.WithPromptDescription(purpose))...)
}

func required(name string) mcp.PromptOption { return mcp.WithArgument(name, mcp.RequiredArgument()) }

func prompt(p mcp.Prompt, say func(args map[string]string) mcp.Content) mcpserver.ServerPrompt {
	return mcpserver.ServerPrompt{Prompt: p, Handler: func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult("", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, say(req.Params.Arguments))}), nil
	}}
}

func askingPrompt(name string, rounds ...mcp.InputRequests) mcpserver.ServerPrompt {
	d := newDialog(rounds...)
	return mcpserver.ServerPrompt{Prompt: newPrompt(name), Handler: func(ctx context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		open, err := d.next(ctx, req.Params.MultiRoundTripParams)
		if err != nil || open.InputRequests == nil {
			return mcp.NewGetPromptResult("", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("state-ok"))}), err
		}
		return &mcp.GetPromptResult{Result: mcp.Result{ResultType: mcp.ResultTypeInputRequired}, MultiRoundTripResult: open}, nil
	}}
}
