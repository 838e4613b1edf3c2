package cli

import (
	"context"
	"fmt"
	"io"

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
	Exposed        exposeFlags `embed:""`
	CallbackHosts  []string    `help:"Hosts that a run may report to: names, *.example.com, or * for any public one. Without any, runs take no callback URLs."`
}

// A speed is how many times faster than real time something runs.
type speed float64

// maxSpeed lets seven hours, the longest run, pass in 25 seconds.
const maxSpeed = 1000

// Validate refuses what time cannot do.
func (s speed) Validate() error {
	if !(s > 0 && s <= maxSpeed) {
		return fmt.Errorf("a speed is above 0 and at most %d", maxSpeed)
	}
	return nil
}

// An account is a client of BrowserAct and what there is to say about its key.
type account struct {
	client *browseract.Client
	// key is the operator's key, "" where there is none.
	key string
	// keyProblem says why the configured key cannot be used, "" if it can.
	keyProblem string
	// keyOf tells the key of a caller.
	keyOf browseract.KeyFunc
	// simulated says that the account ends with the process.
	simulated bool
	// connect makes another client of the account, for another's key.
	connect func(browseract.KeyFunc) (*browseract.Client, error)
	// files fetches what its tasks link to; nil: from the internet.
	files *download.Client
	close func()
}

// open connects to the account; keyOf tells the key of a caller, given the
// operator's. A missing or broken key is no error: the tools tell their callers.
func (f *accountFlags) open(sys *system, keyOf func(operator string) browseract.KeyFunc) (*account, error) {
	if f.Simulator {
		return f.openSimulated(sys, keyOf)
	}
	key, problem := f.apiKey(sys.getenv)
	a := &account{key: key, keyOf: keyOf(key), close: func() {}}
	if problem != nil {
		a.keyProblem = problem.Error()
	}
	a.connect = func(key browseract.KeyFunc) (*browseract.Client, error) {
		return browseract.New(key, browseract.WithBaseURL(f.APIURL), sys.userAgent())
	}
	var err error
	a.client, err = a.connect(a.keyOf)
	if err != nil {
		return nil, misused(fmt.Errorf("--api-url: %w", err))
	}
	return a, nil
}

// openSimulated makes an account of its own, in memory.
func (f *accountFlags) openSimulated(sys *system, keyOf func(operator string) browseract.KeyFunc) (*account, error) {
	network := simulator.New(simulator.WithSpeed(float64(f.SimulatorSpeed))).Start()
	connect := func(key browseract.KeyFunc) (*browseract.Client, error) {
		return browseract.New(key,
			browseract.WithBaseURL(network.URL),
			browseract.WithTransport(network.Transport),
			browseract.WithPollRate(float64(f.SimulatorSpeed)),
			sys.userAgent(),
		)
	}
	client, err := connect(keyOf(simulator.Key))
	if err != nil {
		network.Close()
		return nil, err
	}
	return &account{
		client: client, key: simulator.Key, keyOf: keyOf(simulator.Key), simulated: true,
		connect: connect, files: download.NewWithTransport(network.Transport), close: network.Close,
	}, nil
}

// closeAlso closes c when the account is closed.
func (a *account) closeAlso(c io.Closer) {
	before := a.close
	a.close = func() {
		_ = c.Close() // what it had to keep is kept
		before()
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

func (sys *system) userAgent() browseract.Option {
	return browseract.WithUserAgent(program + "/" + sys.program.Version)
}
