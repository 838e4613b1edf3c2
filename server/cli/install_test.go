package cli_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
	"github.com/browseract/browseract-mcp/server/cli/clients"
)

const embeddedKey = "app-0123456789abcdef"

// at is a user's environment with everything below one folder.
func at(home string) environment {
	return environment{
		"HOME": home, "USERPROFILE": home,
		"APPDATA": filepath.Join(home, "AppData", "Roaming"), "LOCALAPPDATA": filepath.Join(home, "AppData", "Local"),
	}
}

// configOf writes the configuration of Cursor and returns its path.
func configOf(t *testing.T, home, text string) string {
	t.Helper()
	path := filepath.Join(home, ".cursor", "mcp.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// installed is the entry of the program in a client's configuration.
func installed(t *testing.T, client, config string) clients.Launch {
	t.Helper()
	c, _ := clients.Find(client)
	launch, there, err := c.Installed([]byte(config), "browseract")
	if err != nil || !there {
		t.Fatalf("no entry, %v, in\n%s", err, config)
	}
	return launch
}

func TestUninstallRestoresTheFile(t *testing.T) {
	t.Parallel()
	const before = "{\n  // mine\n  \"mcpServers\": {\n    \"docs\": { \"url\": \"https://docs.example.com\" } // remote\n  }\n}\n"
	home := t.TempDir()
	env, path := at(home), configOf(t, home, before)

	first := run(t.Context(), env, "", "install", "cursor", "--simulator", "--yes")
	after := contents(t, path)
	executable, _ := os.Executable()
	want := clients.Launch{Command: executable, Args: []string{"--simulator"}}
	if diff := cmp.Diff(want, installed(t, "cursor", after)); diff != "" || first.err != nil {
		t.Errorf("%v (-want +got):\n%s", first.err, diff)
	}
	for _, line := range []string{"--- " + path, "+    \"browseract\": {", "Changed " + path, "restart Cursor"} {
		if !strings.Contains(first.stdout, line) {
			t.Errorf("it does not say %q:\n%s", line, first.stdout)
		}
	}

	again := run(t.Context(), env, "", "install", "cursor", "--simulator", "--yes")
	if again.err != nil || !strings.HasPrefix(again.stdout, "Nothing changes") || contents(t, path) != after {
		t.Errorf("a second time: %v\n%s", again.err, again.stdout)
	}

	if out := run(t.Context(), env, "", "uninstall", "cursor", "-y"); out.err != nil || contents(t, path) != before {
		t.Errorf("uninstalled: %v\n%s\n%s", out.err, out.stdout, contents(t, path))
	}
	if out := run(t.Context(), env, "", "uninstall", "cursor", "-y"); out.err != nil || !strings.HasPrefix(out.stdout, "Nothing changes") {
		t.Errorf("a second time: %v\n%s", out.err, out.stdout)
	}
	backups, _ := filepath.Glob(path + ".bak-*")
	if len(backups) != 2 || contents(t, backups[0]) != before {
		t.Errorf("backups: %v", backups)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is now %v, %v", info.Mode(), err)
	}
}

func TestInstallChangesNothingWithoutAYes(t *testing.T) {
	t.Parallel()
	const before = `{"mcpServers": {}}`
	for _, tt := range []struct {
		name, stdin string
		args        []string
		changes     bool
		wantErr     bool
	}{
		{name: "yes", stdin: "Yes\n", changes: true},
		{name: "y at the end", stdin: "y", changes: true},
		{name: "no", stdin: "n\n", wantErr: true},
		{name: "a bare return", stdin: "\n", wantErr: true},
		{name: "closed", stdin: "", wantErr: true},
		{name: "dry run", args: []string{"--dry-run", "--yes"}},
		{name: "print", args: []string{"--print", "--yes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			path := configOf(t, home, before)
			out := run(t.Context(), at(home), tt.stdin, append([]string{"install", "cursor", "--simulator"}, tt.args...)...)
			if changed := contents(t, path) != before; changed != tt.changes || (out.err != nil) != tt.wantErr {
				t.Errorf("changed: %v, %v\n%s", changed, out.err, out.stdout)
			}
			if files, _ := filepath.Glob(path + "*"); !tt.changes && len(files) != 1 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

func TestInstallChoosesTheSourceOfTheKey(t *testing.T) {
	t.Parallel()
	key := func(value, from string) []clients.Variable {
		return []clients.Variable{{Name: "BROWSERACT_API_KEY", Value: value, From: from}}
	}
	file, _ := filepath.Abs("key.txt")
	for _, tt := range []struct {
		args string
		env  environment
		want []clients.Variable
		file bool
		err  string
	}{
		{args: "cursor", want: key("", "BROWSERACT_API_KEY")},
		{args: "cursor --key-env=OTHER", want: key("", "OTHER")},
		{args: "cursor --key-env=OTHER", env: environment{"BROWSERACT_API_KEY_FILE": file}, want: key("", "OTHER")},
		{args: "cursor --api-key-file=key.txt", file: true},
		{args: "cursor", env: environment{"BROWSERACT_API_KEY_FILE": file}, file: true},
		{args: "cursor --simulator"},
		{args: "claude-desktop --api-key-file=key.txt", file: true},
		{args: "claude-desktop --simulator"},
		{args: "codex", want: key("", "BROWSERACT_API_KEY")},
		{args: "claude-desktop", err: "cannot take the key from BROWSERACT_API_KEY in its own environment: give --api-key-file=PATH, or --embed-key, or --simulator"},
		{args: "codex --key-env=OTHER", err: "cannot take the key from OTHER"},
		{args: "claude-desktop --embed-key", env: environment{"BROWSERACT_API_KEY": embeddedKey}, want: key(embeddedKey, "")},
		{args: "claude-desktop --embed-key", err: "takes the key from BROWSERACT_API_KEY, which is not set"},
		{args: "claude-desktop --embed-key", env: environment{"BROWSERACT_API_KEY_FILE": file}, err: "which is not set"},
		{args: "claude-desktop --embed-key", env: environment{"BROWSERACT_API_KEY": "${KEY}"}, err: "holds a placeholder and not a key"},
		{args: "cursor --embed-key --scope=project", err: "into a file that a project shares"},
		{args: "cursor --embed-key --key-env=OTHER", err: "can't be used together"},
		{args: "cursor --key-env=app-0123456789", err: "invalid name of a variable"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config")
			env := at(t.TempDir())
			maps.Copy(env, tt.env)
			out := run(t.Context(), env, "", append(strings.Fields("install "+tt.args), "--yes", "--client-config="+path)...)
			if tt.err != "" {
				if !strings.Contains(out.message(), tt.err) || contents(t, path) != "" {
					t.Errorf("got %v, want an error with %q", out.err, tt.err)
				}
				return
			}
			if out.err != nil {
				t.Fatal(out.err)
			}
			got := installed(t, strings.Fields(tt.args)[0], contents(t, path))
			if diff := cmp.Diff(tt.want, got.Env); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if hasFile := slices.Contains(got.Args, "--api-key-file="+file); hasFile != tt.file {
				t.Errorf("arguments: %v", got.Args)
			}
		})
	}
}

func TestInstallRefusesSettingsThatPreventTheStart(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(broken, []byte("expose: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"--api-url=https://user:secret@api.example": "--api-url: ",
		"--callback-hosts=http://hooks.example":     "no callback host",
		"--toolsets=none":                           `no toolset "none"`,
		"--expose=wf_1=a@b":                         "not a tool name",
		"--config=" + broken:                        broken,
	} {
		for _, form := range []string{"--yes", "--print", "--dry-run"} {
			path := filepath.Join(t.TempDir(), "config")
			out := run(t.Context(), at(t.TempDir()), "", "install", "cursor", form, "--client-config="+path, setting)
			if !errors.Is(out.err, cli.ErrUsage) || !strings.Contains(out.message(), want) || out.stdout+contents(t, path) != "" || strings.Contains(out.message(), "secret") {
				t.Errorf("%s %s: got %v and %s, want an error with %q", setting, form, out.err, out.stdout, want)
			}
		}
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	const before = "{\n  \"api_key\": \"sk-of-another\",\n  \"mcpServers\": {\n    \"browseract\": { \"command\": \"browseract-mcp\", \"env\": { \"BROWSERACT_API_KEY\": \"app-9876543210old\" } }\n  } // \x1b[2J\n}\n"
	home := t.TempDir()
	path := configOf(t, home, before)
	env := at(home)
	env["BROWSERACT_API_KEY"] = embeddedKey
	for _, option := range []string{"--dry-run", "--print", "--yes"} {
		out := run(t.Context(), env, "", "install", "cursor", "--embed-key", option)
		for _, secret := range []string{embeddedKey, "app-9876543210old", "sk-of-another", "\x1b"} {
			if strings.Contains(out.stdout+out.stderr, secret) {
				t.Errorf("%s shows %q:\n%s", option, secret, out.stdout)
			}
		}
		if out.err != nil || !strings.Contains(out.stdout, `"BROWSERACT_API_KEY": "`) {
			t.Errorf("%s: %v\n%s", option, out.err, out.stdout)
		}
	}
	if got := contents(t, path); !strings.Contains(got, embeddedKey) || strings.Contains(got, "THE-API-KEY") {
		t.Errorf("written:\n%s", got)
	}
	if out := run(t.Context(), env, "", "uninstall", "cursor", "--yes"); !strings.Contains(out.stdout, "That copy holds the API key") || strings.Contains(out.stdout, embeddedKey) {
		t.Errorf("uninstalled: %v\n%s", out.err, out.stdout)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the key: %v, %v", info.Mode(), err)
	}
}

func TestInstalledEntryHasTheSameSettings(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "mcp.json")
	env := at(t.TempDir())
	env["BROWSERACT_MCP_LOG_LEVEL"] = "error"
	out := run(t.Context(), env, "", "install", "cursor", "--simulator", "--callback-hosts=a.example.com,b.example.com", "--simulator-speed=100", "--yes", "--client-config="+config)
	if out.err != nil {
		t.Fatal(out.err)
	}
	args := installed(t, "cursor", contents(t, config)).Args
	want := []string{"--simulator", "--simulator-speed=100", "--callback-hosts=a.example.com,b.example.com", "--log-level=error"}
	if diff := cmp.Diff(want, args); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const request = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}` + "\n"
	served := run(t.Context(), at(t.TempDir()), request, args...)
	var answer struct {
		Result struct{ ServerInfo struct{ Version string } }
	}
	if err := json.Unmarshal([]byte(served.stdout), &answer); err != nil || served.err != nil || answer.Result.ServerInfo.Version != "v1.2.3" {
		t.Errorf("%v, %v\n%s%s", err, served.err, served.stdout, served.stderr)
	}
}

func TestInstallLeavesAnUneditableConfiguration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"malformed", "{\n  \"mcpServers\": {\n}\n", "mcp.json: line 4"},
		{"wrong type", "{\n  \"mcpServers\": []\n}\n", "mcp.json: line 2: mcpServers is not a map"},
		{"another program's entry", `{"mcpServers": {"browseract": {"command": "npx"}}}`, "the entry browseract does not start browseract-mcp"},
		{"a remote entry", `{"mcpServers": {"browseract": {"url": "https://example.com"}}}`, "choose another --name"},
	} {
		for _, command := range []string{"install", "uninstall"} {
			t.Run(command+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				home := t.TempDir()
				path := configOf(t, home, tt.text)
				out := run(t.Context(), at(home), "", command, "cursor", "--simulator", "--yes")
				if !strings.Contains(out.message(), tt.want) || contents(t, path) != tt.text {
					t.Errorf("got %v, want an error with %q; the file is\n%s", out.err, tt.want, contents(t, path))
				}
				if files, _ := filepath.Glob(path + "*"); len(files) != 1 {
					t.Errorf("left behind: %v", files)
				}
			})
		}
	}
}

func TestInstallNotesALineThatIsNotPlainJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte("{\n  // mine\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t.Context(), at(t.TempDir()), "", "install", "claude-desktop", "--simulator", "--dry-run", "--client-config="+path)
	if out.err != nil || !strings.Contains(out.stdout, "Line 2 is not plain JSON") {
		t.Errorf("%v\n%s", out.err, out.stdout)
	}
}

func TestInstallWithoutAClientListsClients(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := at(home)
	for _, args := range []string{"install zed --simulator --yes", "install goose --simulator --yes"} {
		if out := run(t.Context(), env, "", strings.Fields(args)...); out.err != nil {
			t.Fatal(out.err)
		}
	}
	configOf(t, home, "{")
	if err := os.Mkdir(filepath.Join(home, ".gemini"), 0o700); err != nil {
		t.Fatal(err)
	}
	out := run(t.Context(), env, "", "install")
	states := map[string]string{}
	for line := range strings.Lines(out.stdout) {
		if f := strings.Fields(line); len(f) > 3 {
			states[f[0]] = f[len(f)-2]
		}
	}
	for client, want := range map[string]string{"zed": "installed", "goose": "installed", "cursor": "unreadable", "gemini-cli": "found", "codex": "-"} {
		if states[client] != want {
			t.Errorf("%s: got %q, want %q", client, states[client], want)
		}
	}
	if out.err != nil || len(states) < len(clients.All()) {
		t.Errorf("%v\n%s", out.err, out.stdout)
	}
}

func TestInvalidInstallIsAUsageError(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"install emacs", "uninstall emacs", "uninstall", "install claude-desktop --simulator --scope=project",
		"install cursor --name=a.b", "install cursor --scope=all",
	} {
		if out := run(t.Context(), at(t.TempDir()), "", strings.Fields(args)...); !errors.Is(out.err, cli.ErrUsage) {
			t.Errorf("%s: got %v, want a usage error", args, out.err)
		}
	}
}

// An older entry may be a project's, and lead the server elsewhere.
func TestInstallRemovesSettingsOfAnOlderEntry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ client, older string }{
		{"cursor", `{"mcpServers": {"browseract": {"command": "browseract-mcp", "args": ["--api-url=https://elsewhere.example"],
			"env": {"BROWSERACT_API_URL": "https://elsewhere.example", "BROWSERACT_MCP_LEDGER": "elsewhere", "HTTPS_PROXY": "http://mine.example"}, "envFile": "my.env"}}}`},
		{"codex", "[mcp_servers.browseract]\ncommand = \"browseract-mcp\"\nenv_vars = [\"BROWSERACT_API_URL\", \"HTTPS_PROXY\"]\n[mcp_servers.browseract.env]\nBROWSERACT_MCP_CONFIG = \"elsewhere\"\n"},
	} {
		config := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(config, []byte(tt.older), 0o600); err != nil {
			t.Fatal(err)
		}
		out := run(t.Context(), at(t.TempDir()), "", "install", tt.client, "--yes", "--scope=project", "--api-key-file=/key", "--client-config="+config)
		if out.err != nil {
			t.Fatal(out.err)
		}
		got := installed(t, tt.client, contents(t, config))
		if len(got.Env) != 1 || got.Env[0].Name != "HTTPS_PROXY" || strings.Contains(contents(t, config), "elsewhere") {
			t.Errorf("%s: got %+v", tt.client, got)
		}
		if !strings.Contains(strings.Join(strings.Fields(out.stdout), " "), "variables that were in it before: HTTPS_PROXY") {
			t.Errorf("%s: it does not say what stays:\n%s", tt.client, out.stdout)
		}
	}
}

// A key in the entry is shown nowhere, and what the entry loses is.
func TestInstallShowsRemovedSettings(t *testing.T) {
	t.Parallel()
	env := at(t.TempDir())
	env["BROWSERACT_API_KEY"] = embeddedKey
	configOf(t, env["HOME"], `{"mcpServers": {"browseract": {"command": "browseract-mcp", "args": [],
"env": {
"BROWSERACT_API_URL": "https://elsewhere.example",
"OTHER": "1"
}}}}`)
	out := run(t.Context(), env, "", "install", "cursor", "--embed-key", "--dry-run")
	for _, want := range []string{`-"BROWSERACT_API_URL": "https://elsewhere.example",`, "THE-API-KEY"} {
		if out.err != nil || !strings.Contains(out.stdout, want) || strings.Contains(out.stdout, embeddedKey) {
			t.Errorf("%v, without %q, or with the key:\n%s", out.err, want, out.stdout)
		}
	}
}
