package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// purpose describes each tool and prompt.
const purpose = "For the conformance suite."

// contentTools answer with one kind of content each.
func contentTools() []mcpserver.ServerTool {
	picture := mcp.NewImageContent(pixel(), "image/png")
	return []mcpserver.ServerTool{
		answering("test_simple_text", mcp.NewTextContent("This is a simple text response for testing.")),
		answering("test_image_content", picture),
		answering("test_audio_content", mcp.NewAudioContent(silence(), "audio/wav")),
		answering("test_embedded_resource", embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
		answering("test_multiple_content_types",
			mcp.NewTextContent("Multiple content types test:"),
			picture,
			embedded("test://mixed-content-resource", "application/json", `{"test":"data","value":123}`),
		),
		tool("test_error_handling", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
		}),
	}
}

// tool takes nothing and does what handle does.
func tool(name string, handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return toolTaking(name, `{"type":"object","properties":{}}`, handle)
}

func toolTaking(name, inputSchema string, handle mcpserver.ToolHandlerFunc) mcpserver.ServerTool {
	return mcpserver.ServerTool{
		Tool:    mcp.Tool{Name: name, Description: purpose, RawInputSchema: json.RawMessage(inputSchema)},
		Handler: handle,
	}
}

func answering(name string, content ...mcp.Content) mcpserver.ServerTool {
	return tool(name, func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: content}, nil
	})
}

func embedded(uri, mediaType, text string) mcp.EmbeddedResource {
	return mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: uri, MIMEType: mediaType, Text: text})
}

// pixel is a PNG of one black pixel, in base64.
func pixel() string {
	var file bytes.Buffer
	_ = png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))) // a buffer takes everything
	return base64.StdEncoding.EncodeToString(file.Bytes())
}

// silence is a WAV file without a sample, in base64.
func silence() string {
	const file = "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" +
		"\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00" + // PCM, mono, 8 kHz, 16 bits
		"data\x00\x00\x00\x00"
	return base64.StdEncoding.EncodeToString([]byte(file))
}
