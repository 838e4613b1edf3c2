package simulator

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Fault is something that goes wrong with a request, or with all of them. Those
// that match a request apply together, in the order in which they were
// injected: their delays add up, the first that brings an answer is the one
// that is sent, and each counts its matches for itself.
type Fault struct {
	Endpoint string // "run-task", "get-task" …, or "files" for what links point to; empty: every endpoint
	Key      string // empty: every key

	Skip  int // matches that are left alone first
	Times int // matches it applies to, after those; 0: all

	// Delay passes before the answer, in time of the clock. It ends early with
	// the request's context. Without After a request whose context ended takes
	// no effect.
	Delay time.Duration
	// After lets the request take its effect first: a task is created, and the
	// answer says something else or nothing.
	After bool

	// An answer instead, if any of Status, Code, Msg and Body is set: Body as it
	// is, or an envelope with Code and Msg, or for a Status alone the HTML page
	// of a gateway. A Status of 0 is 200. Header is added, also to the true
	// answer.
	Status int
	Code   int
	Msg    string
	Header http.Header
	Body   string

	Stall    time.Duration       // passes in the middle of the answer's body, like Delay before it
	Abort    bool                // break the connection without an answer
	Truncate int                 // send that many bytes of the answer under its whole Content-Length, then break the connection
	Mutate   func([]byte) []byte // change the answer's body
}

// replaces tells whether the fault brings an answer of its own.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Code != 0 || f.Msg != "" || f.Body != ""
}

// injected is a fault and how often it has matched.
type injected struct {
	Fault
	matches int
}

// applies counts a match and tells whether the fault shows this time.
func (f *injected) applies(endpoint, key string) bool {
	if f.Endpoint != "" && f.Endpoint != endpoint || f.Key != "" && f.Key != key {
		return false
	}
	f.matches++
	return f.matches > f.Skip && (f.Times == 0 || f.matches <= f.Skip+f.Times)
}

// Inject adds a fault for requests that match it. remove takes it away again.
// It panics at an endpoint that does not exist, since the fault would never
// show.
func (a *Account) Inject(f Fault) (remove func()) {
	if _, ok := a.endpoints[f.Endpoint]; f.Endpoint != "" && f.Endpoint != filesEndpoint && !ok {
		panic(fmt.Sprintf("simulator: no endpoint %q", f.Endpoint))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	added := &injected{Fault: f}
	a.faults = append(a.faults, added)
	return func() { a.removeFault(added) }
}

func (a *Account) removeFault(f *injected) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = slices.DeleteFunc(a.faults, func(g *injected) bool { return g == f })
}

// trouble is all that is wrong with one request.
type trouble struct {
	delay    time.Duration
	stall    time.Duration
	after    bool
	instead  *Fault
	header   http.Header
	abort    bool
	truncate int
	mutate   []func([]byte) []byte
}

// trouble collects the faults for a request.
func (a *Account) trouble(endpoint, key string) trouble {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := trouble{header: http.Header{}}
	for _, f := range a.faults {
		if f.applies(endpoint, key) {
			t.add(&f.Fault)
		}
	}
	return t
}

func (t *trouble) add(f *Fault) {
	t.delay += f.Delay
	t.stall += f.Stall
	t.after = t.after || f.After
	t.abort = t.abort || f.Abort
	if t.instead == nil && f.replaces() {
		t.instead = f
	}
	if t.truncate == 0 {
		t.truncate = f.Truncate
	}
	if f.Mutate != nil {
		t.mutate = append(t.mutate, f.Mutate)
	}
	for name, values := range f.Header {
		t.header[http.CanonicalHeaderKey(name)] = values
	}
}

// hold waits for d and tells whether the request is still wanted then. Without
// a wait it is: nobody looks whether the client has gone.
func hold(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// faultAnswer is what the fault sends.
func (a *Account) faultAnswer(f *Fault) answer {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case f.Body != "":
		return answer{status: status, contentType: http.DetectContentType([]byte(f.Body)), body: []byte(f.Body)}
	case f.Code != 0 || f.Msg != "":
		return a.failure(&refusal{status: status, code: f.Code, msg: f.Msg})
	}
	page := fmt.Sprintf("<html>\r\n<head><title>%d %s</title></head>\r\n<body><center><h1>%[1]d %[2]s</h1></center></body>\r\n</html>\r\n",
		status, http.StatusText(status))
	return answer{status: status, contentType: "text/html", body: []byte(page)}
}
