package cli_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

// always is a handler that gives every request the same answer.
func always(status int, header http.Header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

func TestDoctorReportsASoundSetUp(t *testing.T) {
	t.Parallel()
	env := environment{
		"BROWSERACT_API_KEY": goodKey, "BROWSERACT_API_URL": serveAccount(t, simulator.New(simulator.WithKeys(goodKey))),
		"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir(),
	}
	got := run(t.Context(), env, "", "doctor")
	if got.err != nil || !strings.Contains(got.stdout, "All is well.") || strings.Contains(got.stdout, "error  ") {
		t.Errorf("got %v and\n%s", got.err, got.stdout)
	}
	for _, want := range []string{"ok       version        v1.2.3 for ", "ok       key            set\n", "the key is valid, the account has 40"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the report lacks %q:\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout+got.stderr, goodKey) {
		t.Errorf("the report holds the key:\n%s", got.stdout)
	}
}

// A ledger in a relative folder would be another one wherever the server is started.
func TestDoctorWarnsOfAMemoryLedgerWithoutAHome(t *testing.T) {
	t.Parallel()
	url := serveAccount(t, simulator.New(simulator.WithKeys(goodKey)))
	for name, env := range map[string]environment{
		"no home":           {},
		"a relative home":   {"HOME": "home"},
		"a relative folder": {"XDG_STATE_HOME": "state"},
	} {
		env["BROWSERACT_API_KEY"], env["BROWSERACT_API_URL"] = goodKey, url
		if got := run(t.Context(), env, "", "doctor"); !strings.Contains(got.stdout, "warning  ledger") || !strings.Contains(got.stdout, "Set HOME, or give --ledger=PATH.") {
			t.Errorf("%s: got %s", name, got.stdout)
		}
		if got := run(t.Context(), env, ""); !strings.Contains(got.stderr, "no folder for the ledger is known") {
			t.Errorf("%s: the server said %s", name, got.stderr)
		}
	}
	for _, chosen := range []string{"--ledger=memory", "--simulator"} {
		if got := run(t.Context(), environment{"BROWSERACT_API_URL": url}, "", chosen); strings.Contains(got.stderr, "ledger") {
			t.Errorf("%s: the server said %s", chosen, got.stderr)
		}
	}
}

func TestDoctorPassesOnTheSimulator(t *testing.T) {
	t.Parallel()
	if got := run(t.Context(), nil, "", "doctor", "--simulator"); got.err != nil || !strings.Contains(got.stdout, "All is well.") {
		t.Errorf("got %v and\n%s", got.err, got.stdout)
	}
}

func TestDoctorExplainsConnectionErrors(t *testing.T) {
	t.Parallel()
	refusing := func(opts ...simulator.Option) http.Handler {
		return simulator.New(append(opts, simulator.WithKeys("app-another-key"))...)
	}
	const (
		newKey    = "Make a new one in the dashboard and set it."
		notTheAPI = "Something answered that is not BrowserAct's API."
		address   = "Check --api-url."
	)
	page := http.Header{"Content-Type": {"text/html"}}
	for name, c := range map[string]struct {
		handler http.Handler
		path    string
		found   string
		todo    string
	}{
		"bad key under 401":           {refusing(simulator.WithAuthStatus(401)), "", "Invalid authorization (HTTP 401, code 401", newKey},
		"bad key under 403":           {refusing(simulator.WithAuthStatus(403)), "", "Invalid authorization (HTTP 403, code 401", newKey},
		"bad key under 400":           {refusing(simulator.WithAuthStatus(400)), "", "Invalid authorization (HTTP 400, code 401", newKey},
		"bad key under 200":           {refusing(simulator.WithAuthStatus(200)), "", "Invalid authorization (HTTP 200, code 401", newKey},
		"bad key under 500":           {refusing(simulator.WithAuthStatus(500)), "", "Invalid authorization (HTTP 500, code 401", newKey},
		"page of a proxy that denies": {always(403, page, "<h1>Denied</h1>"), "", "Forbidden (HTTP 403)", "The key was refused, by BrowserAct or by a proxy before it."},
		"page of a log-in":            {always(200, page, "<h1>Log in</h1>"), "", "the reply is not what the API documents", notTheAPI},
		"empty object":                {always(200, nil, "{}"), "", "the reply is not what the API documents", notTheAPI},
		"nothing":                     {always(200, nil, ""), "", "the reply is not what the API documents", notTheAPI},
		"redirect elsewhere":          {always(302, http.Header{"Location": {"https://login.example.com/"}}, ""), "", "Found (HTTP 302)", address},
		"wrong path":                  {simulator.New(simulator.WithKeys(goodKey)), "/api", "Not Found (HTTP 404, code 404", address},
		"page that is not there":      {always(404, page, "<h1>Not here</h1>"), "", "Not Found (HTTP 404)", address},
		"too many requests":           {always(429, http.Header{"Retry-After": {"60"}}, ""), "", "Too Many Requests (HTTP 429)", "Wait a minute and try again."},
		"gateway without a server":    {always(502, page, "<h1>Bad gateway</h1>"), "", "Bad Gateway (HTTP 502)", "BrowserAct has a problem of its own. Try again later."},
		"broken off":                  {http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "", "list-workflows: ", "Check the network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handler)
			defer server.Close()
			checkDoctor(t, server.URL+c.path, c.found, c.todo)
		})
	}
}

func TestDoctorReportsARefusedConnection(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	checkDoctor(t, gone.URL, "dial tcp", "Check the network")
}

func TestDoctorReportsAnUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	checkDoctor(t, server.URL, "certificate", "This machine does not trust the server's certificate.")
}

// checkDoctor runs doctor on an address and holds its report against what it has
// to find and to advise.
func checkDoctor(t *testing.T, url, found, todo string) {
	t.Helper()
	got := run(t.Context(), environment{"BROWSERACT_API_KEY": goodKey, "BROWSERACT_API_URL": url}, "", "doctor")
	text := strings.Join(strings.Fields(got.stdout), " ")
	if got.err == nil || !strings.Contains(got.message(), "1 of 11 checks found an error") {
		t.Errorf("got %v, want a failure", got.err)
	}
	if _, call, _ := strings.Cut(text, "error call "); !strings.Contains(call, found) || !strings.Contains(call, todo) {
		t.Errorf("got %q, want %q and %q", text, found, todo)
	}
	if strings.Contains(text+got.stderr+got.message(), goodKey) {
		t.Errorf("the report holds the key: %s", text)
	}
}

func TestDoctorShowsTheLimitsInForce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const standard = "the client's timeout is unknown: calls answer within 53 s, and within 28 s unless asked to wait longer " +
		"(over stdio known by name, in the older era: spring-ai-mcp-client 20s, @librechat/api-client 30s); a page of an output has at most 8000 tokens"
	for args, want := range map[string]string{
		"":                         "limits " + standard,
		"--client-timeout=30s":     "limits the client gives a call 30s; a page of an output has at most 8000 tokens",
		"--max-result-tokens=5000": "a page of an output has at most 5000 tokens",
		"--max-runs-per-day=20 --budget-mode=warn": "budgets 20 runs a day (warn)",
		"--ledger=off":    "warning ledger off: runs are remembered until the server stops, without idempotency keys, batches and budgets → Leave --ledger=off out.",
		"--ledger=memory": "ok ledger memory",
		"--ledger=" + filepath.Join(dir, "ledger.db"): "ok ledger " + filepath.Join(dir, "ledger.db"),
		"--ledger=" + dir: "error ledger ledger: check: the ledger is unavailable: in its place is something that is not a file",
	} {
		got := run(t.Context(), nil, "", append([]string{"doctor", "--simulator"}, strings.Fields(args)...)...)
		if text := strings.Join(strings.Fields(got.stdout), " "); !strings.Contains(text, want) {
			t.Errorf("%s: got %q, want %q", args, text, want)
		}
		if wrong := strings.HasPrefix(want, "error"); wrong != (got.err != nil) {
			t.Errorf("%s: ended with %v", args, got.err)
		}
	}
}

func TestDoctorTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := simulator.New()
		account.Inject(simulator.Fault{Delay: time.Hour})
		network := account.Start()
		defer network.Close()
		client, err := browseract.New(func(context.Context) string { return simulator.Key },
			browseract.WithBaseURL(network.URL), browseract.WithTransport(network.Transport))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		found, todo := cli.CheckCall(ctx, client)
		if !strings.Contains(found, "list-workflows: no answer in 20s") || !strings.Contains(todo, "Check the network") {
			t.Errorf("found %q, advised %q", found, todo)
		}
	})
}
