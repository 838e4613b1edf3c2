package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// accountFlags say which BrowserAct account the server works on.
type accountFlags struct {
	APIKeyFile     string   `name:"api-key-file" setting:"BROWSERACT_API_KEY_FILE" type:"path" help:"File that holds the API key, instead of BROWSERACT_API_KEY."`
	APIURL         string   `name:"api-url" setting:"BROWSERACT_API_URL" default:"https://api.browseract.com" help:"Address of the API."`
	Simulator      bool     `help:"Work on a built-in simulated account: no key, no cost, no network."`
	SimulatorSpeed float64  `default:"15" help:"How many times faster than real time the simulated account runs."`
	CallbackHosts  []string `help:"Hosts that a run may report to: names, *.example.com, or * for any public one. Without any, runs take no callback URLs."`
}

// An account is a client of BrowserAct and what there is to say about its key.
type account struct {
	client *browseract.Client
	// key is the operator's key, "" where there is none.
	key string
	// keyProblem says why the configured key cannot be used, "" if it can.
	keyProblem string
	close      func()
}

// open connects to the account; keyOf tells the key of a caller, given the
// operator's. A missing or broken key is no error: the tools tell their callers.
func (f *accountFlags) open(sys *system, keyOf func(operator string) browseract.KeyFunc) (*account, error) {
	key, problem := f.apiKey(sys.getenv)
	a := &account{key: key, close: func() {}}
	if problem != nil {
		a.keyProblem = problem.Error()
		sys.logger.WarnContext(sys.ctx, "the API key cannot be used", "reason", a.keyProblem)
	}
	address, transport := f.APIURL, http.RoundTripper(nil)
	if f.Simulator {
		simulated := simulator.New(simulator.WithSpeed(f.SimulatorSpeed)).Start()
		a.key, a.keyProblem, a.close = simulator.Key, "", simulated.Close
		address, transport = simulated.URL, simulated.Transport
	}
	opts := []browseract.Option{browseract.WithBaseURL(address), browseract.WithUserAgent(program + "/" + sys.version)}
	if transport != nil {
		opts = append(opts, browseract.WithTransport(transport), browseract.WithPace(f.SimulatorSpeed))
	}
	client, err := browseract.New(keyOf(a.key), opts...)
	if err != nil {
		a.close()
		return nil, fmt.Errorf("--api-url: %w", err)
	}
	a.client = client
	return a, nil
}

// apiKey returns the operator's key, or why it cannot be used. The environment
// wins over the file; "" without an error means that none is configured.
func (f *accountFlags) apiKey(getenv func(string) string) (string, error) {
	key := getenv("BROWSERACT_API_KEY")
	source := "BROWSERACT_API_KEY"
	if key == "" && f.APIKeyFile != "" {
		raw, err := os.ReadFile(f.APIKeyFile)
		if err != nil {
			return "", fmt.Errorf("the file of the API key cannot be read: %w", err)
		}
		key, source = string(raw), "the file of the API key"
	}
	key = strings.Trim(strings.TrimSpace(key), `"'`)
	switch {
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", fmt.Errorf("%s holds blanks, line breaks or characters that no key has", source)
	case strings.HasPrefix(key, "${") || strings.HasPrefix(key, "<"):
		return "", fmt.Errorf("%s holds a placeholder and not a key", source)
	}
	return key, nil
}

// own is the KeyFunc of a server with one user: every call has the operator's key.
func own(operator string) browseract.KeyFunc {
	return func(context.Context) string { return operator }
}
