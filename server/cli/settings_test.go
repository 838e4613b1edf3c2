package cli_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

// settings are all that can be set, how, and to what.
var settings = []struct{ command, flag, variable, standard, value string }{
	{"", "api-key-file", "BROWSERACT_API_KEY_FILE", "", absolute("key")},
	{"", "api-url", "BROWSERACT_API_URL", "https://api.browseract.com", "http://127.0.0.1:8766"},
	{"", "simulator", "BROWSERACT_MCP_SIMULATOR", "false", "true"},
	{"", "simulator-speed", "BROWSERACT_MCP_SIMULATOR_SPEED", "15", "0.5"},
	{"", "callback-hosts", "BROWSERACT_MCP_CALLBACK_HOSTS", "[]", "hooks.example.com"},
	{"", "log-level", "BROWSERACT_MCP_LOG_LEVEL", "info", "debug"},
	{"", "log-format", "BROWSERACT_MCP_LOG_FORMAT", "text", "json"},
	{"", "ledger", "BROWSERACT_MCP_LEDGER", "", "memory"},
	{"", "budget-mode", "BROWSERACT_MCP_BUDGET_MODE", "enforce", "warn"},
	{"", "max-credits-per-day", "BROWSERACT_MCP_MAX_CREDITS_PER_DAY", "0", "500"},
	{"", "max-runs-per-day", "BROWSERACT_MCP_MAX_RUNS_PER_DAY", "0", "20"},
	{"", "max-active-runs", "BROWSERACT_MCP_MAX_ACTIVE_RUNS", "0", "2"},
	{"", "max-credits-per-run", "BROWSERACT_MCP_MAX_CREDITS_PER_RUN", "0", "90"},
	{"", "assume-credits", "BROWSERACT_MCP_ASSUME_CREDITS", "100", "40"},
	{"", "allow-workflows", "BROWSERACT_MCP_ALLOW_WORKFLOWS", "[]", "wf_1"},
	{"", "allow-templates", "BROWSERACT_MCP_ALLOW_TEMPLATES", "[]", "77577579210625331"},
	{"", "toolsets", "BROWSERACT_MCP_TOOLSETS", "[]", "batch"},
	{"", "client-timeout", "BROWSERACT_MCP_CLIENT_TIMEOUT", "0s", "30s"},
	{"", "max-result-tokens", "BROWSERACT_MCP_MAX_RESULT_TOKENS", "8000", "5000"},
	{"", "lockdown", "BROWSERACT_MCP_LOCKDOWN", "false", "true"},
	{"", "hide-live-urls", "BROWSERACT_MCP_HIDE_LIVE_URLS", "false", "true"},
	{"", "read-only", "BROWSERACT_MCP_READ_ONLY", "false", "true"},
	{"", "download-dir", "BROWSERACT_MCP_DOWNLOAD_DIR", "", absolute("downloads")},
	{"", "config", "BROWSERACT_MCP_CONFIG", "", absolute("overlay.yaml")},
	{"", "expose", "BROWSERACT_MCP_EXPOSE", "[]", "wf_1=prices"},
	{"", "expose-template", "BROWSERACT_MCP_EXPOSE_TEMPLATE", "[]", "77577579210625331"},
	{"http", "listen", "BROWSERACT_MCP_LISTEN", "127.0.0.1:8765", "localhost:1"},
	{"http", "allowed-origins", "BROWSERACT_MCP_ALLOWED_ORIGINS", "[]", "https://app.example.com"},
	{"http", "allowed-hosts", "BROWSERACT_MCP_ALLOWED_HOSTS", "[]", "mcp.example.com"},
	{"http", "tls-cert", "BROWSERACT_MCP_TLS_CERT", "", absolute("cert.pem")},
	{"http", "tls-key", "BROWSERACT_MCP_TLS_KEY", "", absolute("key.pem")},
	{"http", "behind-tls-proxy", "BROWSERACT_MCP_BEHIND_TLS_PROXY", "false", "true"},
	{"http", "use-operator-key", "BROWSERACT_MCP_USE_OPERATOR_KEY", "false", "true"},
	{"http", "max-body", "BROWSERACT_MCP_MAX_BODY", "4194304", "1024"},
	{"http", "max-concurrent", "BROWSERACT_MCP_MAX_CONCURRENT", "1000", "7"},
	{"demo", "live", "BROWSERACT_MCP_LIVE", "false", "true"},
	{"doctor", "json", "BROWSERACT_MCP_JSON", "false", "true"},
	{"tools", "markdown", "BROWSERACT_MCP_MARKDOWN", "false", "true"},
	{"tools", "json", "BROWSERACT_MCP_JSON", "false", "true"},
	{"simulator", "listen", "BROWSERACT_MCP_LISTEN", "127.0.0.1:8766", "localhost:1"},
}

// absolute is a path that stays what it is on this system.
func absolute(name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		panic(err)
	}
	return path
}

func TestEachSettingIsAFlagAndAVariable(t *testing.T) {
	t.Parallel()
	for _, s := range settings {
		t.Run(strings.TrimSpace(s.command+" --"+s.flag), func(t *testing.T) {
			t.Parallel()
			value := "=" + s.value
			for _, c := range []struct {
				name string
				env  environment
				args []string
				want string
			}{
				{"neither", nil, nil, s.standard},
				{"flag", nil, []string{"--" + s.flag + value}, s.value},
				{"variable", environment{s.variable: s.value}, nil, s.value},
				{"blank variable", environment{s.variable: ""}, nil, s.standard},
				{"both", environment{s.variable: "1"}, []string{"--" + s.flag + value}, s.value},
			} {
				got, err := cli.Settings(append(strings.Fields(s.command), c.args...), c.env.get)
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				if want := strings.Trim(c.want, "[]"); strings.Trim(got[s.flag], "[]") != want {
					t.Errorf("%s: got %q, want %q", c.name, got[s.flag], want)
				}
			}
		})
	}
}

func TestEverySettingIsListed(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "http", "demo", "doctor", "tools", "simulator"} {
		var want []string
		for _, s := range settings {
			if s.command == "" || s.command == command {
				want = append(want, s.flag)
			}
		}
		got, err := cli.Settings([]string{command}, environment{}.get)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("settings of %s (-listed +there):\n%s", command, diff)
		}
	}
}

func TestUsageErrorIsASentenceAndStartsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		env  environment
		want string
	}{
		{"fly", nil, "unexpected argument fly; see browseract-mcp --help"},
		{"--fly", nil, "unknown flag --fly"},
		{"serve extra", nil, "unexpected argument extra"},
		{"--log-level=loud", nil, `--log-level must be one of "debug","info","warn","error" but got "loud"`},
		{"", environment{"BROWSERACT_MCP_LOG_LEVEL": "loud"}, `--log-level must be one of "debug","info","warn","error" but got "loud"`},
		{"--log-format=xml", nil, `--log-format must be one of "text","json"`},
		{"--simulator=perhaps", nil, "--simulator: bool value must be true"},
		{"", environment{"BROWSERACT_MCP_SIMULATOR": "perhaps"}, "--simulator: bool value must be true"},
		{"--simulator-speed=fast", nil, "--simulator-speed: expected a float"},
		{"--simulator-speed=0", nil, "a speed is above 0 and at most 1000"},
		{"--simulator-speed=-1", nil, "a speed is above 0 and at most 1000"},
		{"--simulator-speed=NaN", nil, "a speed is above 0 and at most 1000"},
		{"--simulator-speed=Inf", nil, "a speed is above 0 and at most 1000"},
		{"", environment{"BROWSERACT_MCP_SIMULATOR_SPEED": "0"}, "a speed is above 0 and at most 1000"},
		{"--budget-mode=loose", nil, `--budget-mode must be one of "off","warn","enforce"`},
		{"--max-credits-per-day=-1", nil, "a budget cannot be below 0"},
		{"--expose=a/b", nil, "--expose has the form ID or ID=TOOL_NAME"},
		{"--simulator --expose=wf_1=get_task", nil, "get_task is a tool of this server: choose another name for the workflow wf_1"},
		{"--simulator --expose-template=1=x --expose=2=x", nil, "two tools are named x"},
		{"--config=none.yaml", nil, "none.yaml: no such file"},
		{"--client-timeout=-1s", nil, "a client gives a call a second at least"},
		{"--client-timeout=500ms", nil, "a client gives a call a second at least"},
		{"--max-result-tokens=0", nil, "a page has 500 to 100000 tokens"},
		{"--max-result-tokens=100001", nil, "a page has 500 to 100000 tokens"},
		{"--api-url=ftp://api.example.com", nil, "--api-url: browseract: the API address has to start with https://"},
		{"--api-url=http://api.example.com", nil, "http to api.example.com would send the API key in the clear"},
		{"doctor", environment{"BROWSERACT_API_URL": "nowhere"}, "the API address has to start with https://"},
		{"--callback-hosts=https://hooks.example.com", nil, `"https://hooks.example.com" is no callback host`},
		{"http --listen=0.0.0.0:0", nil, "listening on 0.0.0.0:0 would send API keys unencrypted"},
		{"http --listen=:0", nil, "listening on :0 would send API keys unencrypted"},
		{"http --listen=nowhere", nil, "listen address"},
		{"http --listen=127.0.0.1:0 --tls-cert=cert.pem", nil, "TLS needs a certificate file and a key file"},
		{"http --listen=127.0.0.1:0 --allowed-origins=app.example.com", nil, `allowed origin "app.example.com"`},
		{"http --listen=127.0.0.1:0 --allowed-hosts=https://mcp.example.com", nil, `allowed host "https://mcp.example.com"`},
		{"http --listen=127.0.0.1:0 --max-body=-1", nil, "a limit on bodies or calls is negative"},
		{"http --max-concurrent=many", nil, "--max-concurrent: expected a valid 64 bit int"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			got := run(t.Context(), c.env, "", strings.Fields(c.args)...)
			if !errors.Is(got.err, cli.ErrUsage) {
				t.Errorf("got %v, want an ErrUsage", got.err)
			}
			if !strings.HasPrefix(got.message(), "browseract-mcp: ") || !strings.Contains(got.message(), c.want) {
				t.Errorf("got %q, want %q", got.message(), c.want)
			}
			if got.stdout != "" {
				t.Errorf("stdout is %q, want nothing", got.stdout)
			}
		})
	}
}

func TestUsageErrorsHoldNoKey(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"app-1234567890"}, {"--api-key=app-1234567890"}, {"--log-level=app-1234567890"}} {
		if got := run(t.Context(), nil, "", args...); strings.Contains(got.message(), "1234567890") {
			t.Errorf("%v: got %q", args, got.message())
		}
	}
}

func TestHelpShowsEachSettingOnStdout(t *testing.T) {
	t.Parallel()
	for _, s := range settings {
		got := run(t.Context(), nil, "", append(strings.Fields(s.command), "--help")...)
		if got.err != nil || got.stderr != "" {
			t.Errorf("--help ended with %v and %q on stderr", got.err, got.stderr)
		}
		help := strings.Join(strings.Fields(got.stdout), " ")
		if !strings.Contains(help, "--"+s.flag) || !strings.Contains(help, "($"+s.variable+").") {
			t.Errorf("%s --help lacks --%s and %s:\n%s", s.command, s.flag, s.variable, got.stdout)
		}
	}
}

func TestVersionIsThatOfTheProgram(t *testing.T) {
	t.Parallel()
	for _, env := range []environment{nil, {"BROWSERACT_MCP_VERSION": "9.9", "BROWSERACT_MCP_HELP": "no"}} {
		if got := run(t.Context(), env, "", "--version"); got.err != nil || got.stdout != "v1.2.3\n" {
			t.Errorf("got %q and %v, want v1.2.3", got.stdout, got.err)
		}
		if got := run(t.Context(), env, "", "tools"); got.err != nil {
			t.Errorf("tools with %v ended with %v", env, got.err)
		}
	}
}

func TestReadmeHasEachSettingOfAServer(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if (s.command == "" || s.command == "http") && !strings.Contains(string(readme), "--"+s.flag+"`") {
			t.Errorf("README.md lacks --%s", s.flag)
		}
	}
}
