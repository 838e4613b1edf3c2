// Command browseract-mcp is an MCP server for BrowserAct.
//
// It runs BrowserAct workflows and official templates for an AI agent, follows
// their tasks and returns their outputs as tool results, over stdio or
// streamable HTTP. Begin with server/cli, which joins the packages.
package main

func main() {}
