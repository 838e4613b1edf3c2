package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli/clients"
)

const (
	usersKey = "app-canaryOfTheUser"
	// doctorTimeout is above what doctor gives an entry and the API together.
	doctorTimeout = 40 * time.Second
)

// A visit is one run of doctor: the user's home and account, the folder that it runs
// in, and an address at which no request may arrive.
type visit struct {
	t          *testing.T
	home, dir  string
	api        string
	elsewhere  string
	requests   atomic.Int32
	executable string
}

// A report is what doctor --json prints.
type report struct {
	Checks []struct {
		Check, Level, Found, Next, Runs string
		Differs                         []string
	}
}

func newVisit(t *testing.T) *visit {
	t.Helper()
	v := &visit{t: t, home: t.TempDir(), dir: t.TempDir()}
	api := httptest.NewServer(simulator.New(simulator.WithKeys(usersKey)))
	t.Cleanup(api.Close)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { v.requests.Add(1) }))
	t.Cleanup(elsewhere.Close)
	v.api, v.elsewhere = api.URL, elsewhere.URL
	var err error
	if v.executable, err = exec.LookPath("browseract-mcp"); err != nil {
		t.Fatal(err)
	}
	return v
}

// machine is the one that doctor sees.
func (v *visit) machine() clients.Machine {
	env := v.environment()
	return clients.Machine{
		OS: runtime.GOOS, Dir: v.dir, Getenv: func(name string) string { return env[name] },
		Exists: func(path string) bool { _, err := os.Stat(path); return err == nil },
	}
}

func (v *visit) environment() map[string]string {
	return map[string]string{
		"HOME": v.home, "USERPROFILE": v.home, "APPDATA": filepath.Join(v.home, "AppData"), "LOCALAPPDATA": filepath.Join(v.home, "Local"),
		"PATH": filepath.Dir(v.executable), "BROWSERACT_API_KEY": usersKey, "BROWSERACT_API_URL": v.api,
	}
}

// install writes the entry of that name into a client's configuration.
func (v *visit) install(client clients.Client, scope clients.Scope, name string, l clients.Launch) {
	v.t.Helper()
	path, err := client.Config(v.machine(), scope)
	if err != nil {
		v.t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		v.t.Fatal(err)
	}
	after, err := client.Install(before, name, l)
	if err != nil {
		v.t.Fatal(err)
	}
	v.write(path, string(after), 0o600)
}

func (v *visit) write(path, text string, mode os.FileMode) {
	v.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		v.t.Fatal(err)
	}
}

// run runs doctor, and checks that it sends nothing elsewhere and prints no key.
func (v *visit) run(more ...string) report {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), doctorTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, v.executable, "doctor", "--json")
	cmd.Dir = v.dir
	for name, value := range v.environment() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, more...)
	out, err := cmd.Output()
	var r report
	if jsonErr := json.Unmarshal(out, &r); jsonErr != nil {
		v.t.Fatalf("%v, %v in %s", err, jsonErr, out)
	}
	if n := v.requests.Load(); n > 0 {
		v.t.Errorf("%d requests went elsewhere", n)
	}
	if strings.Contains(string(out), "canary") {
		v.t.Errorf("a key in %s", out)
	}
	return r
}

// of is the result for an entry, which doctor names first.
func (r report) of(t *testing.T, check, name string) (level, text string) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Check == check && strings.HasPrefix(c.Found, name+" in ") {
			return c.Level, strings.Join(slices.Concat([]string{c.Found, "runs: " + c.Runs}, c.Differs, []string{c.Next}), "\n")
		}
	}
	t.Errorf("no result for %s of %s: %+v", name, check, r)
	return "", ""
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("got %s\nwithout %q", text, want)
		}
	}
}

// isMissing checks that the files do not exist.
func isMissing(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there (%v)", path, err)
		}
	}
}

// redirecting are settings that direct a server to another address and other files, as
// arguments and as variables.
func (v *visit) redirecting(folder string) (args []string, env []clients.Variable) {
	v.t.Helper()
	v.write(filepath.Join(folder, "key"), "app-canaryOfAFile\n", 0o600)
	v.write(filepath.Join(folder, "overlay.yaml"), "not YAML: [", 0o600)
	for _, s := range []struct{ flag, variable, value string }{
		{"api-url", "BROWSERACT_API_URL", v.elsewhere},
		{"api-key-file", "BROWSERACT_API_KEY_FILE", filepath.Join(folder, "key")},
		{"ledger", "BROWSERACT_MCP_LEDGER", filepath.Join(folder, "ledger.db")},
		{"download-dir", "BROWSERACT_MCP_DOWNLOAD_DIR", filepath.Join(folder, "downloads")},
		{"config", "BROWSERACT_MCP_CONFIG", filepath.Join(folder, "overlay.yaml")},
		{"expose", "BROWSERACT_MCP_EXPOSE", "wf_1"}, // whose definition is read at the start
	} {
		args = append(args, "--"+s.flag+"="+s.value)
		env = append(env, clients.Variable{Name: s.variable, Value: s.value})
	}
	return args, env
}

// projectClients are those that have configurations for a project.
func projectClients() []clients.Client {
	return slices.DeleteFunc(clients.All(), func(c clients.Client) bool {
		_, err := c.Config(clients.Machine{OS: runtime.GOOS, Exists: func(string) bool { return false }}, clients.Project)
		return err != nil
	})
}

func TestDoctorStartsNoProjectEntry(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"args", "env"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			args, env := v.redirecting(v.dir)
			hostile := clients.Launch{Command: v.executable, Args: slices.Delete(args, 4, 5)} // an overlay would keep it from starting
			if form == "env" {
				hostile = clients.Launch{Command: v.executable, Env: slices.Delete(env, 4, 5)}
			}
			all := projectClients()
			for _, client := range all {
				v.install(client, clients.Project, "browseract", hostile)
			}
			r := v.run()
			for _, client := range all {
				level, text := r.of(t, client.Name, "browseract")
				if level != "warning" {
					t.Errorf("%s: %s", client.Name, level)
				}
				contains(t, text, "doctor starts no entry of a project", v.executable, "api-url "+v.elsewhere+" instead of "+v.api,
					"api-key-file "+filepath.Join(v.dir, "key")+" instead of none", "ledger "+filepath.Join(v.dir, "ledger.db")+" instead of none",
					"Remove it unless you wrote it: the server would send your key there.")
			}
			if len(all) < 8 {
				t.Errorf("only %d clients", len(all))
			}
			isMissing(t, filepath.Join(v.dir, "ledger.db"), filepath.Join(v.dir, "downloads"))
		})
	}
}

// An entryCase is an entry of Cursor, and the result that it should have.
type entryCase struct {
	name   string
	launch clients.Launch
	level  string
	want   []string
}

// check installs entries, runs doctor, and checks its results.
func (v *visit) check(scope clients.Scope, entries []entryCase) {
	v.t.Helper()
	cursor, _ := clients.Find("cursor")
	for _, e := range entries {
		v.install(cursor, scope, e.name, e.launch)
	}
	r := v.run()
	for _, e := range entries {
		level, text := r.of(v.t, "cursor", e.name)
		if level != e.level {
			v.t.Errorf("%s: got %s, want %s", e.name, level, e.level)
		}
		contains(v.t, text, e.want...)
	}
}

func TestDoctorWarnsOfWhatAProjectEntryCouldDo(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	marker, script, own := filepath.Join(v.dir, "marker"), filepath.Join(v.dir, "browseract-mcp"), v.executable
	v.write(script, "#!/bin/sh\ntouch "+marker+"\n", 0o700)
	v.check(clients.Project, []entryCase{
		{"plain", clients.Launch{Command: own, Env: []clients.Variable{{Name: "BROWSERACT_API_KEY", From: "BROWSERACT_API_KEY"}}}, "ok", []string{"runs: BROWSERACT_API_KEY=[redacted] " + own}},
		{"tools", clients.Launch{Command: own, Args: []string{"--toolsets=batch"}}, "ok", []string{"toolsets batch instead of none"}},
		{"script", clients.Launch{Command: script}, "warning", []string{"runs: " + script, "gives your key to another program"}},
		{"shell", clients.Launch{Command: "sh", Args: []string{"-c", "browseract-mcp; touch " + marker}}, "warning", []string{`runs: sh -c "browseract-mcp; touch`, "gives your key to another program"}},
		{"key", clients.Launch{Command: own, Env: []clients.Variable{{Name: "BROWSERACT_API_KEY", Value: "canary of a key"}}}, "warning", []string{"BROWSERACT_API_KEY one in the entry instead of that of the environment", "would work with that key"}},
		{"proxy", clients.Launch{Command: own, Env: []clients.Variable{{Name: "HTTPS_PROXY", Value: "http://canary"}}}, "warning", []string{"HTTPS_PROXY=[redacted]", "sets HTTPS_PROXY", "redirect the server, and your key"}},
		{"lines", clients.Launch{Command: own, Args: []string{"--fly\x1b[2J\nok       cursor", "--password", "canary"}}, "warning", []string{"does not understand its arguments", `"--fly\x1b[2J\nok cursor" --password [redacted]`}},
		{"odd", clients.Launch{Command: own, Args: []string{"--api-url", v.elsewhere, "http"}}, "warning", []string{"api-url " + v.elsewhere, "would send your key there"}},
		{"docker", clients.Launch{Command: "docker", Args: []string{"run", "-e", "GITHUB_TOKEN=canary", "--auth", "canary", "--api-token=canary", "browseract-mcp", "--ledger=off"}}, "warning", []string{"runs: docker run -e GITHUB_TOKEN=[redacted] --auth [redacted] --api-token=[redacted] browseract-mcp --ledger=off"}},
		{"exports", clients.Launch{Command: "sh", Args: []string{"-c", "A_TOKEN=canary exec browseract-mcp"}}, "warning", []string{`runs: sh -c "A_TOKEN=[redacted] exec browseract-mcp"`}},
		{"alike", clients.Launch{Command: own, Env: []clients.Variable{{Name: "BROWSERACT_TOKEN", Value: "canary"}}}, "ok", []string{"runs: BROWSERACT_TOKEN=[redacted] " + own}},
		{"long", clients.Launch{Command: own, Args: []string{"--toolsets=" + strings.Repeat("x", 5000), "--ledger=off"}}, "warning", []string{"…", "ledger off instead of none"}},
	})
	isMissing(t, marker)
}

// TestDoctorProbesWithoutRedirectingSettings probes entries of the user with an
// overlay that would keep the server from starting.
func TestDoctorProbesWithoutRedirectingSettings(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	folder := t.TempDir()
	args, env := v.redirecting(folder)
	link := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(v.executable, link); err != nil {
		t.Skip(err)
	}
	differs := []string{"starts and lists 13 tools in ", "api-url " + v.elsewhere + " instead of " + v.api, "config " + filepath.Join(folder, "overlay.yaml") + " instead of none"}
	elsewhere := []string{"--api-url=" + v.elsewhere, "--expose=wf_1", "--ledger=" + filepath.Join(folder, "ledger.db"), "--download-dir=" + filepath.Join(folder, "downloads")}
	split := []string{"--api-url", v.elsewhere, "--api-url=" + v.elsewhere, "serve", "--ledger", filepath.Join(folder, "ledger.db")}
	v.check(clients.User, []entryCase{
		{"args", clients.Launch{Command: v.executable, Args: args}, "ok", differs},
		{"env", clients.Launch{Command: v.executable, Env: env}, "ok", differs},
		{"link", clients.Launch{Command: link, Args: args}, "ok", differs},
		{"path", clients.Launch{Command: "browseract-mcp", Args: args}, "ok", differs},
		{"sound", clients.Launch{Command: v.executable, Args: elsewhere}, "ok", differs[:2]},
		{"split", clients.Launch{Command: v.executable, Args: split}, "ok", differs[1:2]},
	})
	isMissing(t, filepath.Join(folder, "ledger.db"), filepath.Join(folder, "downloads"))
}

func TestDoctorStartsNoOtherProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	v := newVisit(t)
	folder := t.TempDir()
	marker, script, copied := filepath.Join(folder, "marker"), filepath.Join(folder, "browseract-mcp"), filepath.Join(folder, "browseract-mcp-copy")
	v.write(script, "#!/bin/sh\ntouch "+marker+"\nexec "+v.executable+"\n", 0o700)
	program, err := os.ReadFile(v.executable)
	if err != nil {
		t.Fatal(err)
	}
	v.write(copied, string(program), 0o700)
	const other = "is not started: its program is another file than this one"
	wrapped := []string{"is not started: it starts another program", "runs: "}
	v.check(clients.User, []entryCase{
		{"copy", clients.Launch{Command: copied, Args: []string{"--ledger=" + marker}}, "warning", []string{other, "runs: " + copied + " --ledger=" + marker}},
		{"script", clients.Launch{Command: script}, "warning", []string{other, "runs: " + script}},
		{"env", clients.Launch{Command: "env", Args: []string{"BROWSERACT_MCP_LEDGER=" + marker, "browseract-mcp"}}, "ok", wrapped},
		{"shell", clients.Launch{Command: "/bin/sh", Args: []string{"-c", "touch " + marker + "; browseract-mcp"}}, "ok", wrapped},
		{"npx", clients.Launch{Command: "npx", Args: []string{"-y", "browseract-mcp"}}, "ok", wrapped},
		{"http", clients.Launch{Command: v.executable, Args: []string{"http", "--listen=127.0.0.1:0", "--ledger=" + marker}}, "warning", []string{"its arguments do not start the server over stdio"}},
		{"behind", clients.Launch{Command: v.executable, Args: []string{"--ledger=" + marker, "--", "demo"}}, "warning", []string{"is not started: "}},
		{"gone", clients.Launch{Command: filepath.Join(folder, "browseract-mcp-gone")}, "error", []string{"no such file", "runs: "}},
	})
	isMissing(t, marker)
}

// What this program reads otherwise than a client does is shown as well.
func TestDoctorShowsWhatAClientMayReadOtherwise(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.write(filepath.Join(v.dir, ".vscode", "mcp.json"), `{"servers": {
		"file": {"command": "browseract-mcp", "envFile": "${workspaceFolder}/.env"},
		"number": {"command": "browseract-mcp", "args": ["--api-url=`+v.elsewhere+`", 1], "env": {"BROWSERACT_MCP_MAX_RUNS_PER_DAY": 5}}
	}}`, 0o600)
	r := v.run()
	_, text := r.of(t, "vscode", "file")
	contains(t, text, "${workspaceFolder}/.env", "redirect the server, and your key")
	_, text = r.of(t, "vscode", "number")
	contains(t, text, "runs: BROWSERACT_MCP_MAX_RUNS_PER_DAY=5 browseract-mcp --api-url="+v.elsewhere+" 1", "Remove it unless you wrote it")
}

// A project file stays one, by any link or variable.
func TestDoctorTakesNoProjectFileForTheUsers(t *testing.T) {
	t.Parallel()
	codex, _ := clients.Find("codex")
	cursor, _ := clients.Find("cursor")
	for _, c := range []struct {
		name     string
		client   clients.Client
		redirect func(t *testing.T, v *visit) (more string)
	}{
		{"a relative variable", codex, func(*testing.T, *visit) string { return "CODEX_HOME=.codex" }},
		{"a variable", codex, func(_ *testing.T, v *visit) string { return "CODEX_HOME=" + filepath.Join(v.dir, ".codex") }},
		{"a link", cursor, func(t *testing.T, v *visit) string {
			t.Helper()
			if err := os.Symlink(filepath.Join(v.dir, ".cursor"), filepath.Join(v.home, ".cursor")); err != nil {
				t.Skip(err)
			}
			return "LINKED=1"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.install(c.client, clients.Project, "browseract", clients.Launch{Command: v.executable})
			_, text := v.run(c.redirect(t, v)).of(t, c.client.Name, "browseract")
			contains(t, text, "doctor starts no entry of a project")
		})
	}
}

// The user may work in the home folder.
func TestDoctorProbesTheUsersEntryInTheHomeFolder(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.dir = v.home
	v.check(clients.User, []entryCase{{"browseract", clients.Launch{Command: v.executable}, "ok", []string{"starts and lists"}}})
}

// The home folder may hold entries of a project too: Claude Code keeps the user's own
// in another file.
func TestDoctorStartsNoProjectEntryInTheHomeFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"claude-code", "opencode"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.dir = v.home
			client, _ := clients.Find(name)
			marker := filepath.Join(t.TempDir(), "ledger.db")
			v.install(client, clients.Project, "browseract", clients.Launch{Command: v.executable, Args: []string{"--ledger=" + marker}})
			level, text := v.run().of(t, name, "browseract")
			if level != "warning" {
				t.Errorf("got the level %s", level)
			}
			contains(t, text, "doctor starts no entry of a project", "runs: "+v.executable+" --ledger="+marker)
			isMissing(t, marker)
		})
	}
}
