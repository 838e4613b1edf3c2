package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools/download"
)

// accountFlags say which BrowserAct account the server works on.
type accountFlags struct {
	APIKeyFile     string      `name:"api-key-file" setting:"BROWSERACT_API_KEY_FILE" type:"path" help:"File that holds the API key, instead of BROWSERACT_API_KEY."`
	APIURL         string      `name:"api-url" setting:"BROWSERACT_API_URL" default:"${api}" help:"Address of the API."`
	Simulator      bool        `help:"Work on a built-in simulated account: no key, no cost, no network."`
	SimulatorSpeed speed       `default:"15" help:"How many times faster than real time the simulated account runs."`
	Policy         policyFlags `embed:""`
	Custom         customFlags `embed:""`
	CallbackHosts  []string    `help:"Hosts that a run may report to: names, *.example.com, or * for any public one. Without any, runs take no callback URLs."`
}

// A speed is how many times faster than real time something runs.
type speed float64

// maxSpeed lets seven hours, the longest run, pass in 25 seconds.
const maxSpeed = 1000

// Validate requires a speed above 0 and at most maxSpeed.
func (s speed) Validate() error {
	if !(s > 0 && s <= maxSpeed) {
		return fmt.Errorf("a speed is above 0 and at most %d", maxSpeed)
	}
	return nil
}

// An account is a client of BrowserAct and what is known of its key.
type account struct {
	client *browseract.Client
	// key is the operator's, "" for none.
	key string
	// keyProblem says why the configured key cannot be used, "" if it can.
	keyProblem string
	// callerKey returns the key of a caller.
	callerKey browseract.KeyFunc
	// simulated accounts end with the process.
	simulated bool
	// connect makes another client of the account, for another key.
	connect func(browseract.KeyFunc) (*browseract.Client, error)
	// files fetches what tasks link to; nil: from the internet.
	files   *download.Client
	closers []func()
}

// open connects to the account; callerKey returns the key of a caller, given the
// operator's. A missing or unusable key is no error: the tools report it.
func (f *accountFlags) open(sys *system, callerKey func(operator string) browseract.KeyFunc) (*account, error) {
	a := &account{simulated: f.Simulator}
	options := []browseract.Option{browseract.WithUserAgent(program + "/" + sys.program.Version)}
	if f.Simulator {
		options = append(options, a.simulate(float64(f.SimulatorSpeed))...)
	} else {
		options = append(options, browseract.WithBaseURL(f.APIURL))
		var problem error
		if a.key, problem = f.apiKey(sys.getenv); problem != nil {
			a.keyProblem = problem.Error()
		}
	}
	a.callerKey = callerKey(a.key)
	a.connect = func(key browseract.KeyFunc) (*browseract.Client, error) { return browseract.New(key, options...) }
	var err error
	if a.client, err = a.connect(a.callerKey); err != nil {
		a.close()
		return nil, usage(fmt.Errorf("--api-url: %w", err))
	}
	return a, nil
}

// simulate starts a simulated account, and returns how to connect to it.
func (a *account) simulate(speed float64) []browseract.Option {
	network := simulator.New(simulator.WithSpeed(speed)).Start()
	a.onClose(network.Close)
	a.key, a.files = simulator.Key, download.NewWithTransport(network.Transport)
	return []browseract.Option{
		browseract.WithBaseURL(network.URL), browseract.WithTransport(network.Transport), browseract.WithPollRate(speed),
	}
}

// onClose has the account's end do something, before what was asked for earlier.
func (a *account) onClose(do func()) { a.closers = append(a.closers, do) }

func (a *account) close() {
	for _, do := range slices.Backward(a.closers) {
		do()
	}
}

// warn logs that calls without a key of their own will fail.
func (a *account) warn(ctx context.Context, sys *system) {
	switch {
	case a.keyProblem != "":
		sys.logger.WarnContext(ctx, "the API key cannot be used", "reason", a.keyProblem)
	case a.key == "":
		sys.logger.WarnContext(ctx, "there is no API key; calls will say how to set one")
	}
}
