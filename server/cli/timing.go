package cli

import (
	"time"

	"github.com/browseract/browseract-mcp/tools/call"
)

const (
	// flushTimeout is how long the end of the program waits for stderr.
	flushTimeout = 200 * time.Millisecond
	// startFetchTimeout is how long the start of a server waits for definitions, once:
	// for targets that are not in the cache and were never tried.
	startFetchTimeout = 750 * time.Millisecond
	// listFetchTimeout is the same for a command that lists tools.
	listFetchTimeout = 4 * time.Second
	// initTimeout is how long reading the account's workflows may take.
	initTimeout = time.Minute
	// pollInterval is how often the overlay is checked for changes. A change is loaded
	// when two checks see the same file: an editor may still be writing.
	pollInterval = time.Second
	// headerTimeout is how long a client of the simulator has to send a request's header.
	headerTimeout = 10 * time.Second

	// callTimeout is how long doctor waits for an answer of the API, and slowCall how
	// long an answer takes that other calls may not get in time.
	callTimeout, slowCall = 20 * time.Second, callTimeout / 4
	// maxSkew is how far clocks may differ before times mislead.
	maxSkew = 30 * time.Second
	// probeTimeout is how long a probed server has to start and to list its tools, as in
	// the strictest clients, and exitTimeout how long to end by itself.
	probeTimeout, exitTimeout = 5 * time.Second, 2 * time.Second

	// defaultWait and maxWait are the default and the maximum of wait_seconds.
	defaultWait, maxWait = 25 * time.Second, 50 * time.Second
	// longestCall is longer than any call takes: a client that gives more needs no
	// setting.
	longestCall = time.Minute
)

// answerTime is how long a call takes at most that waits for a task: it reads the task
// once more, and its answer is on the way for up to a second.
func answerTime(wait time.Duration) time.Duration { return wait + call.LastRead + time.Second }
