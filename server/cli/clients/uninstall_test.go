package clients_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

func TestWhatAnEntryAddedGoesWithIt(t *testing.T) {
	t.Parallel()
	const (
		entry   = `{"command": "browseract-mcp", "args": []}`
		with    = `{"mcpServers": {"browseract": ` + entry + `}}`
		comment = "{\n  \"mcpServers\": {\n    // mine\n    \"browseract\": " + entry + "\n  }\n}\n"
	)
	for _, tt := range []struct {
		name, client, config string
		earlier              []string
		want                 string
		gone                 bool
	}{
		{name: "the file", client: "cursor", config: with, gone: true},
		{name: "the file, though it was changed since", client: "cursor", config: with, earlier: []string{with}, gone: true},
		{name: "the map", client: "cursor", config: with, earlier: []string{"{}"}, want: "{}"},
		{name: "the map, by the last copy without the entry", client: "cursor", config: with, earlier: []string{with, "{ }", `{"mcpServers": {}}`}, want: "{}"},
		{name: "the map, and what comes with it", client: "cursor", config: `{"mcpServers": {"browseract": ` + entry + `}, "a": 1}`, earlier: []string{"{}"}, want: `{ "a": 1}`},
		{name: "not a map that was there", client: "cursor", config: with, earlier: []string{`{"mcpServers": {}}`}, want: `{"mcpServers": {}}`},
		{name: "not a map with a comment", client: "cursor", config: comment, want: "{\n  \"mcpServers\": {\n    // mine\n  }\n}\n"},
		{name: "not what else there is", client: "cursor", config: `{"a": 1, "mcpServers": {"browseract": ` + entry + `}}`, want: `{"a": 1}`},
		{name: "the map of OpenCode", client: "opencode", config: `{"a": 1, "mcp": {"browseract": {"type": "local", "command": ["browseract-mcp"]}}}`, want: `{"a": 1}`},
		{name: "not the one that marks OpenCode 2", client: "opencode", config: `{"mcp": {"servers": {"browseract": {"type": "local", "command": ["browseract-mcp"]}}}}`, want: `{"mcp": {"servers": {}}}`},
		{name: "a table of TOML", client: "codex", config: "[mcp_servers.browseract]\ncommand = \"browseract-mcp\"\n", gone: true},
		{name: "a map of YAML", client: "goose", config: "a: 1\nextensions:\n  browseract:\n    cmd: browseract-mcp\n", want: "a: 1\n"},
		{name: "a file of YAML", client: "goose", config: "extensions:\n  browseract:\n    cmd: browseract-mcp\n", gone: true},
		{name: "nothing, without an entry", client: "cursor", config: `{"mcpServers": {}}`, want: `{"mcpServers": {}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := clients.Find(tt.client)
			var earlier [][]byte
			for _, config := range tt.earlier {
				earlier = append(earlier, []byte(config))
			}
			got, err := c.Uninstall([]byte(tt.config), name, earlier...)
			if err != nil || string(got) != tt.want || (got == nil) != tt.gone {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// TestWithItsCopyAFileIsByteForByteWhatItWas installs into files that say nothing or
// little, as people and clients leave them.
func TestWithItsCopyAFileIsByteForByteWhatItWas(t *testing.T) {
	t.Parallel()
	texts := map[string][]string{
		"json": {"", "\n", "{}", "{ }", "{}\n", "{\n}\n", "\ufeff{}\r\n", "{ // mine\n}\n", "{\r\n\t\"a\": 1,\r\n}\r\n", `{"a":1}`},
		"toml": {"", "\n", "# mine\n", "a = 1", "[a]\r\nb = 1\r\n", "[mcp_servers]\n", "[mcp_servers.other]\ncommand = \"x\"\n\n\n"},
		"yaml": {"", "\n", "# mine\n", "a: 1", "extensions:\n", "extensions: {}\n", "extensions:\n    other:\n        cmd: x\n\n# end\n"},
	}
	u := users()["linux"]
	for _, c := range clients.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			format := map[string]string{"codex": "toml", "goose": "yaml"}[c.Name]
			for _, before := range texts[cmp.Or(format, "json")] {
				after, err := c.Install([]byte(before), name, u.launch(c))
				if err != nil {
					t.Fatalf("%q: %v", before, err)
				}
				if got, err := c.Uninstall(after, name, []byte(before)); err != nil || string(got) != before || got == nil {
					t.Errorf("got %q, %v, want %q; installed it was\n%s", got, err, before, after)
				}
			}
		})
	}
}

func TestTheLimitsOfAClientAreThoseOfItsEntry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client, config string
		want           clients.Limits
	}{
		{"claude-desktop", "", clients.Limits{Timeout: time.Minute}},
		{"claude-code", "", clients.Limits{ResultTokens: 10_000}},
		{"cursor", "", clients.Limits{}},
		{"goose", "", clients.Limits{}},
		{"goose", "extensions: {browseract: {cmd: x, timeout: 20}}", clients.Limits{Timeout: 20 * time.Second}},
		{"goose", "extensions: {browseract: {cmd: x, timeout: long}}", clients.Limits{}},
		{"codex", "", clients.Limits{Timeout: time.Minute}},
		{"codex", "[mcp_servers.browseract]\ntool_timeout_sec = 12.5\n", clients.Limits{Timeout: 12500 * time.Millisecond}},
		{"gemini-cli", `{"mcpServers": {"browseract": {"timeout": 45000}}}`, clients.Limits{Timeout: 45 * time.Second}},
		{"cline", `{"mcpServers": {"browseract": {"timeout": -1}}}`, clients.Limits{Timeout: time.Minute}},
		{"cline", `{"mcpServers": {"browseract": {"timeout": 1e300}}}`, clients.Limits{Timeout: time.Minute}},
	} {
		c, _ := clients.Find(tt.client)
		if got, err := c.Limits([]byte(tt.config), name); err != nil || got != tt.want {
			t.Errorf("%s, %q: got %+v, %v, want %+v", tt.client, tt.config, got, err, tt.want)
		}
	}
}
