package clients

import (
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// catalogue is what is known of each client: from its documentation or source if it
// has one, else from installers of other servers.
//
//nolint:funlen // a table
func catalogue() []Client {
	return []Client{
		{
			Name: "claude-desktop", Title: "Claude Desktop",
			Next:      "Quit Claude Desktop, also from the tray or the menu bar, and start it again.",
			plainJSON: true, servers: at("mcpServers"), user: claudeDesktopPlaces,
			limits: Limits{Timeout: time.Minute}, // and nothing can change it
			entry:  common(nil, ""),              // a value is passed on as it is
		},
		{
			Name: "claude-code", Title: "Claude Code",
			Next:      "Start a new session; /mcp shows the server.",
			plainJSON: true, servers: at("mcpServers"), user: claudeCodePlaces, project: []string{".mcp.json"},
			limits: Limits{ResultTokens: 10_000}, // above it warns, and cuts at 25,000
			entry:  common(stdio(), "${%s}"),
		},
		{
			Name: "cursor", Title: "Cursor",
			Next:    "Look in Cursor's settings, under MCP, whether the server is on; restart Cursor if it is not listed.",
			servers: at("mcpServers"), user: inHome(".cursor", "mcp.json"), project: []string{".cursor/mcp.json"},
			entry: common(stdio(), "${env:%s}"),
		},
		{
			Name: "vscode", Title: "VS Code",
			Next:    "Run the command MCP: List Servers in VS Code, and start the server there.",
			servers: at("servers"), user: inAppData("Code/User", "mcp.json"), project: []string{".vscode/mcp.json"},
			entry: common(stdio(), "${env:%s}"),
		},
		{
			Name: "windsurf", Title: "Windsurf",
			Next:      "Press refresh in Windsurf's list of MCP servers, or restart it.",
			plainJSON: true, servers: at("mcpServers"), user: inHome(".codeium/windsurf", "mcp_config.json"),
			entry: common(nil, "${env:%s}"),
		},
		{
			Name: "zed", Title: "Zed",
			Next:    "Zed starts the server by itself; the settings of its agent panel show it.",
			servers: at("context_servers"), user: zedPlaces, project: []string{".zed/settings.json"},
			limits: Limits{Timeout: time.Minute},
			entry:  common(nil, ""),
		},
		{
			Name: "gemini-cli", Title: "Gemini CLI",
			Next:    "Start Gemini CLI again; /mcp shows the server.",
			servers: at("mcpServers"), user: geminiCLIPlaces, project: []string{".gemini/settings.json"},
			entry: common(nil, "${%s}").withTimeout("timeout", time.Millisecond),
		},
		{
			Name: "codex", Title: "Codex",
			Next:   "Start Codex again; /mcp shows the server.",
			format: edit.TOML, servers: at("mcp_servers"), user: inHome(".codex", "config.toml", "CODEX_HOME"), project: []string{".codex/config.toml"},
			limits: Limits{Timeout: time.Minute},
			entry:  shape{command: "command", args: "args", env: "env", forward: "env_vars"}.withTimeout("tool_timeout_sec", time.Second),
		},
		{
			Name: "cline", Title: "Cline",
			Next:      "Open Cline's list of MCP servers; restart the editor if the server is not in it.",
			plainJSON: true, servers: at("mcpServers"), user: clinePlaces,
			limits: Limits{Timeout: time.Minute},
			entry:  common(nil, "${env:%s}").withTimeout("timeout", time.Second),
		},
		{
			Name: "goose", Title: "Goose",
			Next:   "Start a new session of Goose.",
			format: edit.YAML, servers: at("extensions"), user: goosePlaces,
			entry: shape{
				fixed:    stdio(),
				defaults: edit.Object{{Key: "enabled", Value: true}, {Key: "description", Value: ""}, {Key: "timeout", Value: 300}},
				name:     "name", command: "cmd", args: "args", env: "envs", forward: "env_keys",
			}.withTimeout("timeout", time.Second),
		},
		{
			Name: "jetbrains", Title: "JetBrains AI Assistant",
			Next:      "Restart the IDE; Settings | Tools | AI Assistant | Model Context Protocol shows the server.",
			plainJSON: true, servers: at("mcpServers"), user: inHome(".ai", "mcp/mcp.json"), project: []string{".ai/mcp/mcp.json"},
			entry: common(nil, ""),
		},
		{
			Name: "junie", Title: "JetBrains Junie",
			Next:      "Restart the IDE; Settings | Tools | Junie | MCP Settings shows the server.",
			plainJSON: true, servers: at("mcpServers"), user: inHome(".junie", "mcp/mcp.json"), project: []string{".junie/mcp/mcp.json"},
			entry: common(nil, ""),
		},
		{
			Name: "opencode", Title: "OpenCode",
			Next:    "Start OpenCode again; opencode mcp list shows the server.",
			servers: openCodeServers, user: openCodePlaces, project: []string{"opencode.json", "opencode.jsonc"},
			entry: shape{
				fixed:   edit.Object{{Key: "type", Value: "local"}},
				command: "command", env: "environment", reference: "{env:%s}",
			},
		},
	}
}

// common is the shape of most clients' entries.
func common(fixed edit.Object, reference string) shape {
	return shape{fixed: fixed, command: "command", args: "args", env: "env", reference: reference}
}

// withTimeout is s with a member for how long the client gives a call.
func (s shape) withTimeout(member string, unit time.Duration) shape {
	s.timeout, s.unit = member, unit
	return s
}

// stdio names the transport, for clients that need it.
func stdio() edit.Object { return edit.Object{{Key: "type", Value: "stdio"}} }

// at says that servers are in the map at path.
func at(path ...string) func([]byte) ([]string, error) {
	return func([]byte) ([]string, error) { return path, nil }
}

// openCodeServers is where servers are in a file of OpenCode. Version 2 has a map of
// its own for them, and also reads the form of version 1, so a file without servers
// gets that.
func openCodeServers(config []byte) ([]string, error) {
	const servers = "servers"
	value, err := edit.JSON.Lookup(config, "mcp", servers)
	if err != nil {
		return nil, err
	}
	entries, ok := value.(map[string]any)
	if _, isServer := entries["type"]; ok && !isServer {
		return []string{"mcp", servers}, nil
	}
	return []string{"mcp"}, nil
}
