package cli_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tiktoken-go/tokenizer"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// A home is the folder of a user with a key, on an account over HTTP.
func home(t testing.TB, apiURL string) environment {
	t.Helper()
	dir := t.TempDir()
	return environment{
		"BROWSERACT_API_URL": apiURL, "BROWSERACT_API_KEY": simulator.Key, "BROWSERACT_MCP_LEDGER": "memory",
		"XDG_CACHE_HOME": filepath.Join(dir, "cache"), "XDG_CONFIG_HOME": filepath.Join(dir, "config"),
		"HOME": dir, "LOCALAPPDATA": filepath.Join(dir, "cache"), "APPDATA": filepath.Join(dir, "config"),
	}
}

// A tool is what tools/list sends of one.
type tool struct {
	Name, Title, Description string
	InputSchema              json.RawMessage
}

// offeredTools are those of a server that lives only for tools/list, by name.
func offeredTools(t *testing.T, env environment, args ...string) (map[string]tool, outcome) {
	t.Helper()
	got := run(t.Context(), env, toolsList, args...)
	if got.err != nil {
		t.Fatalf("%v\n%s", got.err, got.stderr)
	}
	var reply struct{ Result struct{ Tools []tool } }
	if err := json.Unmarshal([]byte(got.stdout), &reply); err != nil {
		t.Fatal(err)
	}
	tools := map[string]tool{}
	for _, tool := range reply.Result.Tools {
		tools[tool.Name] = tool
	}
	return tools, got
}

func writeOverlay(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "overlay.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExposedWorkflowIsATypedToolOfTheFirstList(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	id := account.Workflow("Price Monitor").ID
	tools, _ := offeredTools(t, env, "--expose", id, "--expose-template", "77577579210625331=maps")
	if len(tools) != 14 || !strings.Contains(string(tools["price_monitor"].InputSchema), `"required":["product_url"]`) || !strings.Contains(string(tools["maps"].InputSchema), `"keywords"`) {
		t.Errorf("got %v", tools)
	}
	if tools, _ := offeredTools(t, env, "--expose", id, "--read-only"); tools["price_monitor"].Name != "" {
		t.Error("a server that only reads has a tool that runs")
	}
	if tools, _ := offeredTools(t, env, "--expose", id, "--toolsets", "templates"); tools["price_monitor"].Name == "" {
		t.Error("a choice of other tools takes it away")
	}
	if tools, _ := offeredTools(t, nil, "--simulator", "--expose", "wf_1", "--toolsets", "templates"); strings.Contains(string(tools["workflow_wf_1"].InputSchema), "get_workflow") {
		t.Errorf("a tool is named that is not offered: %s", tools["workflow_wf_1"].InputSchema)
	}
}

func TestOverlayIsFoundInTheConfigurationFolder(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	text := fmt.Sprintf("expose:\n  - workflow: %q\n    name: prices\n    title: All prices\n    inputs:\n      max_items: {fixed: 7}\n", account.Workflow("Price Monitor").ID)
	folder := filepath.Join(env["XDG_CONFIG_HOME"], "browseract-mcp")
	if runtime.GOOS == "darwin" {
		folder = filepath.Join(env["HOME"], "Library", "Application Support", "browseract-mcp")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "browseract-mcp.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tools, _ := offeredTools(t, env)
	if tools["prices"].Title != "All prices" || strings.Contains(string(tools["prices"].InputSchema), "max_items") {
		t.Errorf("got %+v", tools["prices"])
	}
}

func TestBrokenOverlayIsReportedWithItsLine(t *testing.T) {
	t.Parallel()
	path := writeOverlay(t, "expose:\n  - workflow: 1\n    nme: x\n    title: ''\n")
	got := run(t.Context(), nil, toolsList, "--simulator", "--config", path)
	if want := path + `: line 3: a tool has no "nme"; did you mean "name"?, and 1 more`; !strings.Contains(got.message(), want) {
		t.Errorf("got %q, want %q", got.message(), want)
	}
}

// troubles are what can be wrong with an API when a server starts.
func troubles() map[string]http.Handler {
	return map[string]http.Handler{
		"down":    nil,
		"slow":    http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hold(r, 30*time.Second) }),
		"rubbish": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>\x00{{{")) }),
		"refuses": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }),
	}
}

func hold(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

func TestListComesFromTheCacheDespiteAPIErrors(t *testing.T) {
	t.Parallel()
	for name, handler := range troubles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := simulator.New()
			var broken http.Handler
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if broken != nil {
					broken.ServeHTTP(w, r)
					return
				}
				account.ServeHTTP(w, r)
			}))
			defer api.Close()
			env := home(t, api.URL)
			args := []string{"--expose", account.Workflow("Price Monitor").ID + "=prices"}
			want, _ := offeredTools(t, env, args...)
			if broken = handler; broken == nil {
				api.Close()
			}
			age(t, env)
			began := time.Now()
			got, _ := offeredTools(t, env, args...)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("the list took %v", took)
			}
			if string(got["prices"].InputSchema) != string(want["prices"].InputSchema) || got["prices"].Description != want["prices"].Description {
				t.Errorf("got %+v, want %+v", got["prices"], want["prices"])
			}
		})
	}
}

// cacheOf is the folder of the cache.
func cacheOf(env environment) string {
	if runtime.GOOS == "darwin" {
		return filepath.Join(env["HOME"], "Library", "Caches", "browseract-mcp")
	}
	return filepath.Join(env["XDG_CACHE_HOME"], "browseract-mcp")
}

// A cacheEntry is what the cache has of a workflow.
type cacheEntry struct {
	Definition *custom.Definition
	ReadAt     time.Time
}

const cacheForm = "browseract-mcp definitions 1\n"

func writeCache(t testing.TB, path string, entries map[custom.Target]cacheEntry) {
	t.Helper()
	raw := bytes.NewBufferString(cacheForm)
	if err := gob.NewEncoder(raw).Encode(entries); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// age lets the cache look a day old, so that it is read again.
func age(t *testing.T, env environment) {
	t.Helper()
	path := custom.CachePath(cacheOf(env), env["BROWSERACT_API_URL"], simulator.Key)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var entries map[custom.Target]cacheEntry
	if err := gob.NewDecoder(bytes.NewReader(raw[len(cacheForm):])).Decode(&entries); err != nil || len(entries) == 0 {
		t.Fatalf("the cache has %d entries, %v", len(entries), err)
	}
	for target, entry := range entries {
		entry.ReadAt = entry.ReadAt.Add(-24 * time.Hour)
		entries[target] = entry
	}
	writeCache(t, path, entries)
}

func TestWithoutACacheTheToolTakesAnyInputs(t *testing.T) {
	t.Parallel()
	for name, handler := range troubles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := httptest.NewServer(handler)
			defer api.Close()
			if handler == nil {
				api.Close()
			}
			env := home(t, api.URL)
			overlay := writeOverlay(t, "expose:\n  - workflow: wf_2\n    name: said\n    inputs: {city: {required: true}}\n")
			for _, again := range []bool{false, true} {
				began := time.Now()
				tools, got := offeredTools(t, env, "--expose", "wf_1", "--config", overlay)
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("the list took %v", took)
				}
				if !strings.Contains(string(tools["workflow_wf_1"].InputSchema), `"inputs":{"type":"object","description":"Named as in get_workflow","properties":{},"additionalProperties":true}`) {
					t.Errorf("again %t: got %s", again, tools["workflow_wf_1"].InputSchema)
				}
				if !strings.Contains(string(tools["said"].InputSchema), `"required":["city"]`) || len(tools) != 14 {
					t.Errorf("got %+v of %d", tools["said"], len(tools))
				}
				if !strings.Contains(got.stderr, "definitions of exposed tools are not known yet") || strings.Contains(got.stderr, simulator.Key) {
					t.Errorf("the log says %s", got.stderr)
				}
			}
		})
	}
}

func TestCacheIsItsOwnersAndEachKeysOwn(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys("app-one", "app-two"))
	env := home(t, serveAccount(t, account))
	for _, key := range []string{"app-one", "app-two"} {
		env["BROWSERACT_API_KEY"] = key
		offeredTools(t, env, "--expose", account.WorkflowsOf(key)[0].ID)
	}
	files, err := filepath.Glob(filepath.Join(cacheOf(env), "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
		raw, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(raw)+file, "app-") {
			t.Errorf("the cache holds a key, or %v: %s", err, raw)
		}
	}
	for _, broken := range []string{"", "{", cacheForm, cacheForm + "{}", cacheForm + strings.Repeat("\xff", 100)} {
		if err := os.WriteFile(files[0], []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"app-one", "app-two"} {
			env["BROWSERACT_API_KEY"] = key
			if tools, _ := offeredTools(t, env, "--expose", account.WorkflowsOf(key)[0].ID); !strings.Contains(string(tools["price_monitor"].InputSchema), "product_url") {
				t.Errorf("%q breaks the list", broken)
			}
		}
	}
}

func TestExposedWorkflowOverHTTPIsReadWithTheOperatorsKeyOnly(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys("app-operator", "app-caller"))
	env := home(t, serveAccount(t, account))
	args := []string{"--expose", account.Workflow("Price Monitor").ID + "=prices"}
	for operator, want := range map[string]bool{"app-operator": true, "": false} {
		env := maps.Clone(env)
		env["BROWSERACT_API_KEY"] = operator
		url, s := startHTTP(t, env, args...)
		got := post(t.Context(), new(http.Client), url, "app-caller", toolsList)
		if !strings.Contains(got.body, `"prices"`) || strings.Contains(got.body, `"product_url"`) != want {
			t.Errorf("with the operator's key %q: %+v", operator, got)
		}
		s.stop()
	}
	for _, r := range account.Requests() {
		if r.Key != "app-operator" {
			t.Errorf("%s was asked with %s", r.Endpoint, r.Key)
		}
	}
}

// What clients and providers refuse would cost their users all tools at once.
func TestListOfACrowdIsSoundAndSmall(t *testing.T) {
	t.Parallel()
	env := home(t, "http://127.0.0.1:9")
	listed, _ := offeredTools(t, env, "--config", crowd(t, env))
	again, _ := offeredTools(t, env, "--config", filepath.Join(env["HOME"], "crowd.yaml"))
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	sound := regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,39}$`)
	for name, tool := range listed {
		for _, broken := range hygiene.Input(tool.InputSchema) {
			t.Errorf("%s: %s", name, broken)
		}
		if !sound.MatchString(name) || tool.Title == "" || string(again[name].InputSchema) != string(tool.InputSchema) {
			t.Errorf("%s: %+v", name, tool)
		}
		if !strings.HasPrefix(name, "workflow_") {
			continue
		}
		n, err := codec.Count(name + tool.Description + string(tool.InputSchema))
		if err != nil || n > 150 {
			t.Errorf("%s has %d tokens, %v", name, n, err)
		}
		if got, exact := tools.Tokens(name, tool.Description, tool.InputSchema); exact || got < n || got > 2*n {
			t.Errorf("%s: got %d tokens, want %d to twice as many", name, got, n)
		}
	}
	if len(listed) != 212 {
		t.Errorf("%d tools are offered", len(listed))
	}
}

func TestToolsPrintsWhatIsExposedWithAnEstimate(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	args := []string{"--expose", account.Workflow("Price Monitor").ID + "=a_name_as_long_as_the_name_of_a_tool_is_"}
	served, _ := offeredTools(t, env, args...)
	got := run(t.Context(), env, "", append([]string{"tools"}, args...)...)
	inOrder(t, got.stdout, "a_name_as_long_as_the_name_of_a_tool_is_ acts  ~1", "Runs Price", "get_task ", "13 tools cost a prompt about")
	for line := range strings.Lines(got.stdout) {
		if len(line) > 81 {
			t.Errorf("%d columns: %q", len(line)-1, line)
		}
	}
	got = run(t.Context(), env, "", append([]string{"tools", "--json"}, args...)...)
	var printed struct{ Tools []tool }
	if err := json.Unmarshal([]byte(got.stdout), &printed); err != nil || len(printed.Tools) != 13 {
		t.Fatalf("%d tools, %v", len(printed.Tools), err)
	}
	for _, tool := range printed.Tools {
		var compact bytes.Buffer
		if err := json.Compact(&compact, tool.InputSchema); err != nil || compact.String() != string(served[tool.Name].InputSchema) {
			t.Errorf("%s: printed %s, %v", tool.Name, tool.InputSchema, err)
		}
	}
	if got := run(t.Context(), nil, "", "tools", "--expose", "wf_1"); got.err != nil || !strings.Contains(got.stdout, "workflow_wf_1") {
		t.Errorf("without a key: %v", got.err)
	}
}

func TestDoctorFindsWhatHasDrifted(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	id := account.Workflow("Price Monitor").ID
	good := fmt.Sprintf("expose:\n  - {workflow: %q, name: fits, source_name: Price Monitor}\n", id)
	for _, c := range []struct {
		overlay string
		want    []string
		err     bool
	}{
		{good, []string{"ok       exposed        1 tool, by"}, false},
		{good + fmt.Sprintf("  - {workflow: %q, name: drifts, source_name: Old, inputs: {gone: {}}}\n", id), []string{
			"warning  exposed", `there is no input "gone"`, `the input "product_url" is required`, `it is now called "Price Monitor", and was called "Old"`,
		}, false},
		{good + "  - {workflow: nowhere}\n", []string{"error    exposed", "workflow nowhere", "Check the id"}, true},
		{"expose: [", []string{"error    exposed", "config check"}, true},
		{"expose:\n  - {workflow: a, name: get_task}\n", []string{"error    exposed", "is a tool of this server"}, true},
	} {
		got := run(t.Context(), env, "", "doctor", "--config", writeOverlay(t, c.overlay))
		text := strings.Join(strings.Fields(got.stdout), " ")
		for _, want := range c.want {
			if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: no %q in %s", c.overlay, want, got.stdout)
			}
		}
		if (got.err != nil) != c.err {
			t.Errorf("%s: ended with %v", c.overlay, got.err)
		}
	}
}
