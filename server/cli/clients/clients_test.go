package clients_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/tailscale/hujson"
	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	name        = "browseract"
	keyVariable = "BROWSERACT_API_KEY"
)

// user is a user's environment on one system.
type user struct {
	program, keyFile string
	env              map[string]string
}

// users work on each system.
func users() map[string]user {
	return map[string]user{
		"linux": {
			program: "/usr/local/bin/browseract-mcp", keyFile: "/home/jo/.browseract",
			env: map[string]string{"HOME": "/home/jo"},
		},
		"darwin": {
			program: "/opt/homebrew/bin/browseract-mcp", keyFile: "/Users/jo/.browseract",
			env: map[string]string{"HOME": "/Users/jo"},
		},
		"windows": {
			program: `C:\Program Files\BrowserAct\browseract-mcp.exe`, keyFile: `C:\Users\jo\key.txt`,
			env: map[string]string{
				"USERPROFILE": `C:\Users\jo`, "APPDATA": `C:\Users\jo\AppData\Roaming`, "LOCALAPPDATA": `C:\Users\jo\AppData\Local`,
			},
		},
	}
}

// machine is where u works; only the given files and folders are there.
func (u user) machine(system string, there ...string) clients.Machine {
	dir := "/src/shop"
	if system == "windows" {
		dir = `D:\shop`
	}
	return clients.Machine{
		OS: system, Dir: dir,
		Getenv: func(variable string) string { return u.env[variable] },
		Exists: func(path string) bool {
			for _, file := range there {
				if strings.HasPrefix(file+"/", path+"/") || strings.HasPrefix(file+`\`, path+`\`) {
					return true
				}
			}
			return false
		},
	}
}

// launch refers to the key in the best way that the client has.
func (u user) launch(c clients.Client) clients.Launch {
	key := clients.Variable{Name: keyVariable, From: keyVariable}
	if c.CanPass(key) {
		return clients.Launch{Command: u.program, Env: []clients.Variable{key}}
	}
	return clients.Launch{
		Command: u.program,
		Args:    []string{"--api-key-file", u.keyFile},
		Env:     []clients.Variable{{Name: keyVariable}},
	}
}

// TestEveryClientOnEverySystem installs and uninstalls in files that people may
// have, and compares what comes of it with testdata/<system>/<client>.txtar.
func TestEveryClientOnEverySystem(t *testing.T) {
	t.Parallel()
	for system, u := range users() {
		for _, c := range clients.All() {
			t.Run(system+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				files := archive(t, filepath.Join("testdata", c.Name+".txtar"))
				got := new(txtar.Archive)
				add := func(name string, content []byte) {
					got.Files = append(got.Files, txtar.File{Name: name, Data: content})
				}
				add("where", where(t, c, u.machine(system)))
				add("no file", install(t, c, nil, u.launch(c)))
				if c.TakesTimeout() {
					add("no file, 30 s a call", install(t, c, nil, hasty(u.launch(c))))
				}
				add("others, and ours", install(t, c, files["others"], u.launch(c)))
				add("older, and ours", install(t, c, files["older"], u.launch(c)))
				add("older, and not ours", uninstall(t, c, files["older"]))
				compare(t, filepath.Join("testdata", system, c.Name+".txtar"), txtar.Format(got))
			})
		}
	}
}

// hasty is a launch by a client whose entry gives a call 30 s.
func hasty(l clients.Launch) clients.Launch {
	l.Timeout = 30 * time.Second
	return l
}

func archive(t *testing.T, file string) map[string][]byte {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

// where is the configuration of each scope, a line each.
func where(t *testing.T, c clients.Client, m clients.Machine) []byte {
	t.Helper()
	var lines []byte
	for _, scope := range []clients.Scope{clients.User, clients.Project} {
		config, err := c.Config(m, scope)
		if err != nil {
			config = err.Error()
		}
		lines = fmt.Appendf(lines, "%s: %s\n", scope, config)
	}
	return lines
}

// install holds what every installation has to keep: it can be read back, changes
// no other value, does nothing a second time, and goes away without a trace.
func install(t *testing.T, c clients.Client, before []byte, l clients.Launch) []byte {
	t.Helper()
	after, err := c.Install(before, name, l)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Install(after, name, l); err != nil || string(again) != string(after) {
		t.Errorf("a second time it changes to %s, %v", again, err)
	}
	launch, _, err := c.Installed(after, name)
	if err != nil || launch.Command != l.Command || cmp.Diff(launch.Args, l.Args) != "" && len(l.Args) > 0 {
		t.Errorf("read back: %+v, %v", launch, err)
	}
	if diff := cmp.Diff(without(read(t, c, before), name), without(read(t, c, after), name)); diff != "" {
		t.Errorf("other values changed (-before +after):\n%s", diff)
	}
	_, older, err := c.Installed(before, name)
	if err != nil {
		t.Fatal(err)
	}
	if removed := uninstall(t, c, after); !older && len(before) > 0 && string(removed) != string(before) {
		t.Errorf("installed and uninstalled it is %s", removed)
	}
	return after
}

func uninstall(t *testing.T, c clients.Client, before []byte) []byte {
	t.Helper()
	after, err := c.Uninstall(before, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, there, err := c.Installed(after, name); there || err != nil {
		t.Errorf("it is still there, %v", err)
	}
	if diff := cmp.Diff(without(read(t, c, before), name), without(read(t, c, after), name)); diff != "" {
		t.Errorf("other values changed (-before +after):\n%s", diff)
	}
	return after
}

// read reads a configuration with a parser that takes no part in editing.
func read(t *testing.T, c clients.Client, config []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	var err error
	switch {
	case len(config) == 0:
	case c.Name == "codex":
		err = toml.Unmarshal(config, &doc)
	case c.Name == "goose":
		err = yaml.Unmarshal(config, &doc)
	case json.Valid(config):
		err = json.Unmarshal(config, &doc)
	default:
		if config, err = hujson.Standardize(append([]byte(nil), config...)); err == nil {
			err = json.Unmarshal(config, &doc)
		}
	}
	if err != nil {
		t.Fatalf("%v in\n%s", err, config)
	}
	return doc
}

// without is doc without the entry of that name in any of its maps of servers,
// and without such a map if it is empty.
func without(doc map[string]any, name string) map[string]any {
	out := maps.Clone(doc)
	for _, key := range []string{"mcpServers", "servers", "context_servers", "mcp_servers", "extensions", "mcp"} {
		if servers, ok := out[key].(map[string]any); ok {
			servers = without(servers, name)
			delete(servers, name)
			out[key] = servers
			if len(servers) == 0 {
				delete(out, key)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./server/cli/clients -update\n%s", golden, diff)
	}
}

func TestFilesAreFoundWhereTheClientKeepsThem(t *testing.T) {
	t.Parallel()
	const (
		msix     = `C:\Users\jo\AppData\Local\Packages\Claude_pzs8sxrjxfjjc`
		olderIn  = "/home/jo/.config/Code/User/globalStorage/saoudrizwan.claude-dev"
		cline    = "settings/cline_mcp_settings.json"
		openCode = "/home/jo/.config/opencode/opencode.json"
	)
	for _, tt := range []struct {
		client, system string
		env            map[string]string
		there          []string
		scope          clients.Scope
		want           string
	}{
		{client: "claude-desktop", system: "windows", there: []string{msix}, want: msix + `\LocalCache\Roaming\Claude\claude_desktop_config.json`},
		{client: "claude-desktop", system: "windows", env: map[string]string{"APPDATA": ""}, want: `C:\Users\jo\AppData\Roaming\Claude\claude_desktop_config.json`},
		{client: "claude-desktop", system: "linux", env: map[string]string{"XDG_CONFIG_HOME": "/cfg/"}, want: "/cfg/Claude/claude_desktop_config.json"},
		{client: "claude-desktop", system: "linux", env: map[string]string{"XDG_CONFIG_HOME": "cfg"}, want: "/home/jo/.config/Claude/claude_desktop_config.json"},
		{client: "claude-code", system: "linux", env: map[string]string{"CLAUDE_CONFIG_DIR": "/cc"}, want: "/cc/.claude.json"},
		{client: "codex", system: "darwin", env: map[string]string{"CODEX_HOME": "/cx"}, want: "/cx/config.toml"},
		{client: "gemini-cli", system: "linux", env: map[string]string{"GEMINI_CLI_HOME": "/g"}, want: "/g/.gemini/settings.json"},
		{client: "zed", system: "linux", env: map[string]string{"FLATPAK_XDG_CONFIG_HOME": "/f"}, want: "/f/zed/settings.json"},
		{client: "zed", system: "darwin", env: map[string]string{"XDG_CONFIG_HOME": "/cfg"}, want: "/Users/jo/.config/zed/settings.json"},
		{client: "goose", system: "darwin", env: map[string]string{"XDG_CONFIG_HOME": "/cfg"}, want: "/cfg/goose/config.yaml"},
		{client: "cline", system: "linux", there: []string{olderIn}, want: olderIn + "/" + cline},
		{client: "cline", system: "linux", there: []string{olderIn, "/home/jo/.cline"}, want: "/home/jo/.cline/data/" + cline},
		{client: "cline", system: "linux", env: map[string]string{"CLINE_DIR": "/c"}, want: "/c/data/" + cline},
		{client: "cline", system: "linux", env: map[string]string{"CLINE_DATA_DIR": "/d"}, want: "/d/" + cline},
		{client: "cline", system: "linux", env: map[string]string{"CLINE_MCP_SETTINGS_PATH": "/s.json"}, want: "/s.json"},
		{client: "opencode", system: "linux", there: []string{openCode + "c"}, want: openCode + "c"},
		{client: "opencode", system: "linux", there: []string{openCode, openCode + "c"}, want: openCode},
		{client: "opencode", system: "windows", want: `C:\Users\jo\.config\opencode\opencode.json`},
		{client: "opencode", system: "linux", there: []string{"/src/shop/opencode.jsonc"}, scope: clients.Project, want: "/src/shop/opencode.jsonc"},
	} {
		t.Run(tt.client+" "+tt.want, func(t *testing.T) {
			t.Parallel()
			c, _ := clients.Find(tt.client)
			u := users()[tt.system]
			maps.Copy(u.env, tt.env)
			got, err := c.Config(u.machine(tt.system, tt.there...), tt.scope)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestAMissingHomeIsAnError(t *testing.T) {
	t.Parallel()
	for _, c := range clients.All() {
		for system, variable := range map[string]string{"linux": "HOME", "windows": "USERPROFILE"} {
			if config, err := c.Config(user{}.machine(system), clients.User); err == nil || !strings.Contains(err.Error(), variable) {
				t.Errorf("%s on %s: %s, %v", c.Name, system, config, err)
			}
		}
		lost := user{env: map[string]string{"HOME": "jo"}}
		if config, err := c.Config(lost.machine("linux"), clients.User); err == nil || !strings.Contains(err.Error(), "HOME is no absolute path") {
			t.Errorf("%s below a relative HOME: %s, %v", c.Name, config, err)
		}
	}
}

func TestAKeyIsWrittenAndTakenAwayAgain(t *testing.T) {
	t.Parallel()
	const key = "app-0123456789abcdef"
	u := users()["linux"]
	for _, c := range clients.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			embedded := clients.Launch{Command: u.program, Args: []string{}, Env: []clients.Variable{{Name: keyVariable, Value: key}}}
			config := install(t, c, nil, embedded)
			got, _, err := c.Installed(config, name)
			if err != nil || cmp.Diff(embedded, got) != "" && got.Args != nil {
				t.Errorf("read back: %+v, %v", got, err)
			}
			if config = install(t, c, config, u.launch(c)); strings.Contains(string(config), key) {
				t.Errorf("the key is still in\n%s", config)
			}
			if config = install(t, c, config, embedded); !strings.Contains(string(config), key) {
				t.Errorf("the key is not in\n%s", config)
			}
		})
	}
}

func TestAClientIsNotAskedForWhatItCannotDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client string
		from   string
		want   bool
	}{
		{"claude-desktop", keyVariable, false},
		{"zed", keyVariable, false},
		{"claude-code", "OTHER", true},
		{"codex", keyVariable, true},
		{"codex", "OTHER", false},
		{"goose", "OTHER", false},
	} {
		c, _ := clients.Find(tt.client)
		v := clients.Variable{Name: keyVariable, From: tt.from}
		if got := c.CanPass(v); got != tt.want {
			t.Errorf("%s can pass %s on: got %v, want %v", tt.client, tt.from, got, tt.want)
		}
		_, err := c.Install(nil, name, clients.Launch{Command: "/x", Env: []clients.Variable{v}})
		if (err == nil) != tt.want {
			t.Errorf("%s from %s: %v", tt.client, tt.from, err)
		}
	}
}

func TestALineThatAClientMayStumbleOverIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client, config string
		want           int
	}{
		{"claude-desktop", "{\n  // mine\n}", 2},
		{"claude-desktop", "{\n  \"a\": 1,\n}", 3},
		{"claude-desktop", "{}\n", 0},
		{"claude-desktop", "\n", 0},
		{"vscode", "{\n  // mine\n}", 0},
		{"codex", "a = 1", 0},
	} {
		c, _ := clients.Find(tt.client)
		if got := c.NonJSONLine([]byte(tt.config)); got != tt.want {
			t.Errorf("%s, %q: got %d, want %d", tt.client, tt.config, got, tt.want)
		}
	}
}

// TestPythonReadsTheTOML asks a reader of TOML that shares no line with the one
// that gives the positions.
func TestPythonReadsTheTOML(t *testing.T) {
	t.Parallel()
	const program = "import json, sys, tomllib; json.dump(tomllib.load(sys.stdin.buffer), sys.stdout)"
	if exec.CommandContext(t.Context(), "python3", "-c", "import tomllib").Run() != nil {
		t.Skip("no Python with tomllib")
	}
	c, _ := clients.Find("codex")
	for system, u := range users() {
		for kind, before := range archive(t, filepath.Join("testdata", "codex.txtar")) {
			cmd := exec.CommandContext(t.Context(), "python3", "-c", program)
			cmd.Stdin = strings.NewReader(string(install(t, c, before, u.launch(c))))
			out, err := cmd.Output()
			var doc struct {
				Servers map[string]struct {
					Command string   `json:"command"`
					EnvVars []string `json:"env_vars"`
				} `json:"mcp_servers"`
			}
			if err == nil {
				err = json.Unmarshal(out, &doc)
			}
			if got := doc.Servers[name]; err != nil || got.Command != u.program || !strings.Contains(fmt.Sprint(got.EnvVars), keyVariable) {
				t.Errorf("%s, %s: %v, %s", system, kind, err, out)
			}
		}
	}
}
