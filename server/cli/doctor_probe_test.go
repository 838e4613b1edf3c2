package cli_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

// TestProbeHasNoRedirectingSettings writes settings in every way that the
// command line has.
func TestProbeHasNoRedirectingSettings(t *testing.T) {
	t.Parallel()
	always := []string{"serve", "--api-url=http://127.0.0.1:0", "--ledger=memory"}
	away := environment{
		"BROWSERACT_API_KEY": "app-elsewhere", "BROWSERACT_API_KEY_FILE": "/elsewhere/key", "BROWSERACT_API_URL": "https://elsewhere.example",
		"BROWSERACT_MCP_LEDGER": "/elsewhere/ledger.db", "BROWSERACT_MCP_CONFIG": "/elsewhere/overlay.yaml", "BROWSERACT_MCP_DOWNLOAD_DIR": "/elsewhere",
		"HTTPS_PROXY": "http://elsewhere.example", "LD_PRELOAD": "/elsewhere/x.so",
	}
	for _, tt := range []struct {
		args []string
		env  environment
		more []string
	}{
		{nil, nil, nil},
		{nil, away, nil},
		{[]string{"--api-url=https://elsewhere.example", "--api-url", "https://elsewhere.example"}, nil, nil},
		{[]string{"serve", "--ledger", "/elsewhere", "--config=/elsewhere", "--download-dir", "/elsewhere", "--api-key-file=/elsewhere"}, away, nil},
		{[]string{"--ledger=memory", "serve", "--ledger=/elsewhere", "--lockdown"}, nil, []string{"--lockdown=true"}},
		{[]string{"--toolsets=batch", "--toolsets", "--api-url=https://elsewhere.example"}, nil, nil},
		{[]string{"--expose=--api-url=x", "--client-timeout", "30s"}, nil, []string{"--client-timeout=30s", "--expose=--api-url=x"}},
		{[]string{"--read-only"}, environment{"BROWSERACT_MCP_MAX_RUNS_PER_DAY": "3"}, []string{"--max-runs-per-day=3", "--read-only=true"}},
	} {
		got, problem := cli.ProbeArgs(tt.args, tt.env.get)
		if problem != "" && tt.more == nil && got == nil {
			continue // it is not started at all
		}
		if diff := cmp.Diff(slices.Concat(always, tt.more), got); diff != "" || problem != "" || strings.Contains(strings.Join(got, " "), "elsewhere") {
			t.Errorf("%v: %s\n%s", tt.args, problem, diff)
		}
	}
}

func TestOnlyStdioServersAreProbed(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"http", "--toolsets=batch http", "-- http", "serve http", "demo", "demo --live", "doctor", "simulator", "install cursor --yes", "__complete x",
		"--help", "--version", "serve --help", "--api-ur=https://elsewhere.example", "--API-URL=https://elsewhere.example", "-u x", "@args", "--json",
	} {
		if got, problem := cli.ProbeArgs(strings.Fields(args), environment{}.get); problem == "" {
			t.Errorf("%s: it is started with %v", args, got)
		}
	}
}

// TestEachSettingIsProbedOrListed fails for a new setting until it is in probedFlags, or
// here among those that name an address, a file or a folder.
func TestEachSettingIsProbedOrListed(t *testing.T) {
	t.Parallel()
	settings, err := cli.Settings([]string{"serve"}, environment{}.get)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cli.ProbedFlags() {
		if _, there := settings[name]; !there {
			t.Errorf("%s is probed and is no setting", name)
		}
		delete(settings, name)
	}
	want := []string{"api-key-file", "api-url", "config", "download-dir", "ledger"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(settings))); diff != "" {
		t.Error(diff)
	}
}
