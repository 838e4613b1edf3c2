package simulator

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Fault is something that goes wrong with requests. All faults that match a request
// apply together, in the order in which they were injected: delays add up, and the
// first that brings an answer of its own wins. Each counts its matches for itself.
type Fault struct {
	Endpoint string // "run-task", "get-task" …, or "files" for links to files; empty: every endpoint
	Key      string // empty: every key

	Skip  int // matches that are left alone first
	Times int // matches it applies to, after those; 0: all

	// Delay passes before the answer, in time of the clock, and ends early with the
	// request's context. A request whose context ends then takes no effect, unless
	// After is set.
	Delay time.Duration
	// After lets the request take effect first: a task is created, and the answer is
	// another one or none.
	After bool

	// An answer instead, if Status, Code, Msg or Body is set: Body as it is, or an
	// envelope with Code and Msg, or for a Status alone a gateway's HTML page. A Status
	// of 0 is 200. Header is added, also to the true answer.
	Status int
	Code   int
	Msg    string
	Header http.Header
	Body   string

	Stall    time.Duration       // passes in the middle of the answer's body, like Delay before it
	Abort    bool                // break the connection without an answer
	Truncate int                 // send that many bytes of the answer with its whole Content-Length, then break the connection
	Mutate   func([]byte) []byte // change the answer's body
}

// replaces reports whether the fault brings an answer of its own.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Code != 0 || f.Msg != "" || f.Body != ""
}

// answer returns what the fault sends.
func (f *Fault) answer() answer {
	status := cmp.Or(f.Status, http.StatusOK)
	switch {
	case f.Body != "":
		return answer{status: status, contentType: http.DetectContentType([]byte(f.Body)), body: []byte(f.Body)}
	case f.Code != 0 || f.Msg != "":
		return answer{status: status, code: f.Code, msg: f.Msg}
	}
	page := fmt.Appendf(nil, "<html>\r\n<head><title>%d %s</title></head>\r\n<body><center><h1>%[1]d %[2]s</h1></center></body>\r\n</html>\r\n",
		status, http.StatusText(status))
	return answer{status: status, contentType: "text/html", body: page}
}

// injected is a fault and how often it has matched.
type injected struct {
	Fault
	matches int
}

// applies counts a match and reports whether the fault applies this time.
func (f *injected) applies(endpoint, key string) bool {
	if f.Endpoint != "" && f.Endpoint != endpoint || f.Key != "" && f.Key != key {
		return false
	}
	f.matches++
	return f.matches > f.Skip && (f.Times == 0 || f.matches <= f.Skip+f.Times)
}

// Inject adds a fault until remove is called. It panics if there is no such endpoint,
// since the fault would never apply.
func (a *Account) Inject(f Fault) (remove func()) {
	if _, ok := endpoints()[f.Endpoint]; f.Endpoint != "" && f.Endpoint != filesEndpoint && !ok {
		panic(fmt.Sprintf("simulator: no endpoint %q", f.Endpoint))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	added := &injected{Fault: f}
	a.faults = append(a.faults, added)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.faults = slices.DeleteFunc(a.faults, func(g *injected) bool { return g == added })
	}
}

// effect is the sum of the faults of one request.
type effect struct {
	delay    time.Duration
	stall    time.Duration
	after    bool
	instead  *Fault
	header   http.Header
	abort    bool
	truncate int
	mutate   []func([]byte) []byte
}

func (a *Account) matchFaults(endpoint, key string) effect {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := effect{header: http.Header{}}
	for _, f := range a.faults {
		if f.applies(endpoint, key) {
			e.add(&f.Fault)
		}
	}
	return e
}

func (e *effect) add(f *Fault) {
	e.delay += f.Delay
	e.stall += f.Stall
	e.after = e.after || f.After
	e.abort = e.abort || f.Abort
	if e.instead == nil && f.replaces() {
		e.instead = f
	}
	e.truncate = cmp.Or(e.truncate, f.Truncate)
	if f.Mutate != nil {
		e.mutate = append(e.mutate, f.Mutate)
	}
	for name, values := range f.Header {
		e.header[http.CanonicalHeaderKey(name)] = values
	}
}

// sleep waits for d and reports whether ctx has not ended before. Without a wait it
// does not look at ctx.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
