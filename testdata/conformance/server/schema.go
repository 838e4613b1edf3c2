package main

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// modernSchema holds the JSON Schema keywords that must reach a client as they
// are. The product's own schemas avoid all of them.
const modernSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object",
	"$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
	"properties": {
		"name": {"type": "string"},
		"address": {"$ref": "#/$defs/address"},
		"contactMethod": {"type": "string", "enum": ["phone", "email"]},
		"phone": {"type": "string"},
		"email": {"type": "string"}
	},
	"allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
	"if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
	"then": {"required": ["phone"]},
	"else": {"required": ["email"]},
	"additionalProperties": false
}`

// headerSchema has an argument that a client repeats in a header.
const headerSchema = `{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}`

// schemaTools are there for their input schemas.
func schemaTools() []mcpserver.ServerTool {
	return []mcpserver.ServerTool{
		toolTaking("json_schema_2020_12_tool", modernSchema, done),
		toolTaking("test_header_argument", headerSchema, done),
	}
}

func done(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("Done."), nil
}
