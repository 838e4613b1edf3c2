package cli_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

func TestPathsInAnEntryAreAbsolute(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flag, variable, value, want string
	}{
		{"ledger", "BROWSERACT_MCP_LEDGER", "runs.db", filepath.Join(here, "runs.db")},
		{"ledger", "BROWSERACT_MCP_LEDGER", filepath.Join("..", "runs.db"), filepath.Join(filepath.Dir(here), "runs.db")},
		{"ledger", "BROWSERACT_MCP_LEDGER", "memory", "memory"},
		{"ledger", "BROWSERACT_MCP_LEDGER", "off", "off"},
		{"download-dir", "BROWSERACT_MCP_DOWNLOAD_DIR", "downloads", filepath.Join(here, "downloads")},
		{"config", "BROWSERACT_MCP_CONFIG", "overlay.yaml", filepath.Join(here, "overlay.yaml")},
		{"api-key-file", "BROWSERACT_API_KEY_FILE", "key.txt", filepath.Join(here, "key.txt")},
	} {
		t.Run(tt.flag+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			byVariable := at(t.TempDir())
			byVariable[tt.variable] = tt.value
			for _, c := range []struct {
				env  environment
				args []string
			}{{at(t.TempDir()), []string{"--" + tt.flag + "=" + tt.value}}, {byVariable, nil}} {
				config := filepath.Join(t.TempDir(), "mcp.json")
				out := run(t.Context(), c.env, "", append([]string{"install", "cursor", "--simulator", "--yes", "--client-config=" + config}, c.args...)...)
				if out.err != nil {
					t.Fatal(out.err)
				}
				if got := installed(t, "cursor", contents(t, config)).Args; !slices.Contains(got, "--"+tt.flag+"="+tt.want) {
					t.Errorf("got %v, want %s", got, tt.want)
				}
			}
		})
	}
}

func TestAnEntryKeepsTheServerWithinTheLimitsOfItsClient(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client, before, args string
		want                 []string
		timeout              string // as the configuration has it
		note                 string
	}{
		{client: "claude-desktop", want: []string{"--client-timeout=60s"}},
		{client: "zed", want: []string{"--client-timeout=60s"}},
		{client: "claude-code", want: []string{"--max-result-tokens=8000"}},
		{client: "cursor"},
		{client: "codex", want: []string{"--client-timeout=60s"}},
		{client: "cline", want: []string{"--client-timeout=60s"}},
		{client: "goose", timeout: "timeout: 300"},
		// The user.s setting wins, and is written into the entry where the client takes it.
		{client: "claude-desktop", args: "--client-timeout=30s", want: []string{"--client-timeout=30s"}},
		{client: "claude-desktop", args: "--client-timeout=5m", want: []string{"--client-timeout=5m0s"}, note: "Claude Desktop gives a call 1m0s, as far as is known"},
		{client: "claude-code", args: "--max-result-tokens=20000", want: []string{"--max-result-tokens=20000"}, note: "takes results of up to 10000 tokens"},
		{client: "codex", args: "--client-timeout=5m", want: []string{"--client-timeout=5m0s"}, timeout: "tool_timeout_sec = 300"},
		{client: "goose", args: "--client-timeout=20s", want: []string{"--client-timeout=20s"}, timeout: "timeout: 20\n"},
		{client: "gemini-cli", args: "--client-timeout=20s", want: []string{"--client-timeout=20s"}, timeout: `"timeout": 20000`},
		// What an older entry says is the user's.
		{client: "goose", before: "extensions:\n  browseract:\n    cmd: browseract-mcp\n    timeout: 20\n", want: []string{"--client-timeout=20s"}, timeout: "timeout: 20\n"},
		{client: "goose", before: "extensions:\n  browseract:\n    cmd: browseract-mcp\n    timeout: 600\n", timeout: "timeout: 600\n"},
		{client: "cline", before: `{"mcpServers": {"browseract": {"command": "browseract-mcp", "timeout": 120}}}`, timeout: `"timeout": 120`},
	} {
		t.Run(tt.client+" "+tt.args, func(t *testing.T) {
			t.Parallel()
			config := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(config, []byte(tt.before), 0o600); err != nil {
				t.Fatal(err)
			}
			out := run(t.Context(), at(t.TempDir()), "", append(strings.Fields("install "+tt.client+" --simulator --yes "+tt.args), "--client-config="+config)...)
			if out.err != nil {
				t.Fatal(out.err)
			}
			text := contents(t, config)
			got := installed(t, tt.client, text).Args
			if want := append([]string{"--simulator"}, tt.want...); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if !strings.Contains(text, tt.timeout) {
				t.Errorf("it does not say %q:\n%s", tt.timeout, text)
			}
			if printed := strings.Join(strings.Fields(out.stdout), " "); strings.Contains(printed, "as far as is known") != (tt.note != "") || !strings.Contains(printed, tt.note) {
				t.Errorf("it does not note %q:\n%s", tt.note, out.stdout)
			}
		})
	}
}

func TestInstalledEntryStartsTheLinkThatWasCalled(t *testing.T) {
	t.Parallel()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	linked, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(linked, "browseract-mcp.exe")
	if err := os.Symlink(executable, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	other := filepath.Join(elsewhere, "browseract-mcp.exe")
	if err := os.WriteFile(other, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, called, want string }{
		{"by its path", link, link},
		{"by its name", "browseract-mcp.exe", link},
		{"by another's path", other, executable},
		{"by a name that is nowhere", "mcp", executable},
		{"by nothing", "", executable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := at(t.TempDir())
			env["PATH"] = strings.Join([]string{"", elsewhere, linked}, string(filepath.ListSeparator))
			config := filepath.Join(t.TempDir(), "mcp.json")
			args := []string{"install", "cursor", "--simulator", "--yes", "--client-config=" + config}
			var stdout, stderr buffer
			if err := cli.Run(t.Context(), cli.Program{Version: "v1", Path: tt.called}, args, env.get, strings.NewReader(""), &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			if got := installed(t, "cursor", contents(t, config)).Command; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUninstallRemovesAFileThatInstallMade(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, ".cursor", "mcp.json")
	for _, args := range []string{"install cursor --simulator --yes", "install cursor --simulator --log-level=debug --yes", "uninstall cursor --yes"} {
		if out := run(t.Context(), at(home), "", strings.Fields(args)...); out.err != nil {
			t.Fatal(out.err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there, %v:\n%s", err, contents(t, path))
	}
	configOf(t, home, "{ }\n")
	for _, args := range []string{"install cursor --simulator --yes", "uninstall cursor --yes"} {
		if out := run(t.Context(), at(home), "", strings.Fields(args)...); out.err != nil {
			t.Fatal(out.err)
		}
	}
	if diff := cmp.Diff("{ }\n", contents(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
