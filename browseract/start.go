package browseract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A WorkflowRun asks for a run of a workflow. Inputs are sent in their order.
type WorkflowRun struct {
	WorkflowID        string  `json:"workflow_id"`
	Inputs            []Input `json:"input_parameters,omitempty"`
	SaveBrowserData   bool    `json:"save_browser_data,omitempty"`
	ProfileID         string  `json:"profile_id,omitempty"`
	CallbackURL       string  `json:"callback_url,omitempty"`
	StatusCallbackURL string  `json:"status_change_callback_url,omitempty"`
}

// A TemplateRun asks for a run of an official template. The empty Region is the
// API's default, US.
type TemplateRun struct {
	TemplateID        string  `json:"workflow_template_id"`
	Inputs            []Input `json:"input_parameters,omitempty"`
	Region            string  `json:"proxyRegion,omitempty"`
	CallbackURL       string  `json:"callback_url,omitempty"`
	StatusCallbackURL string  `json:"status_change_callback_url,omitempty"`
}

// A Started is a run that the API has accepted.
type Started struct {
	TaskID    ID
	ProfileID ID // set where browser data is saved
}

// UnmarshalJSON takes the profile's id from either name that the API has for it.
func (s *Started) UnmarshalJSON(raw []byte) error {
	var wire struct {
		ID           ID `json:"id"`
		ProfileID    ID `json:"profile_id"`
		OldProfileID ID `json:"profileId"`
	}
	err := unmarshal(raw, &wire)
	*s = Started{TaskID: wire.ID, ProfileID: cmp.Or(wire.ProfileID, wire.OldProfileID)}
	return err
}

func (s Started) present() bool { return s.TaskID != "" }

// RunWorkflow starts a run of a workflow, at most once. It fails with [*Error]
// where the API refused, and with [*StartUnknownError] where nobody can say
// whether the run started. (POST /v2/workflow/run-task)
func (c *Client) RunWorkflow(ctx context.Context, run WorkflowRun) (Started, error) {
	return c.start(ctx, request{method: http.MethodPost, endpoint: "run-task", body: run})
}

// RunTemplate starts a run of an official template, as [Client.RunWorkflow] does.
// (POST /v2/workflow/run-task-by-template)
func (c *Client) RunTemplate(ctx context.Context, run TemplateRun) (Started, error) {
	return c.start(ctx, request{method: http.MethodPost, endpoint: "run-task-by-template", body: run})
}

// lastTry is until when a start that never began may be tried once more. What is
// left of its time then is enough for an answer.
const lastTry = 10 * time.Second

// start sends the request of a run. From here on the start belongs to the client
// and not to the call: a caller that goes away does not abort it, since the run
// would be billed without anybody knowing its id. It has 15 s of its own.
func (c *Client) start(ctx context.Context, req request) (Started, error) {
	if err := ctx.Err(); err != nil {
		return Started{}, fmt.Errorf("browseract: %s: not sent: %w", req.endpoint, err)
	}
	defer c.starts.add()()
	own, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), StartTimeout, errNoAnswer)
	defer cancel()
	tries, stop := context.WithTimeout(ctx, lastTry) // a caller that went away wants no further try
	defer stop()

	var sentAt time.Time
	started, err := retry(tries, func() (Started, error) {
		sentAt = time.Now()
		return call[Started](own, c, req)
	}, neverStarted)
	if unclear(err) {
		return started, &StartUnknownError{SentAt: sentAt, Err: err}
	}
	return started, err
}

// neverStarted is the rule for starts: only where the request provably never
// left, or was turned away by a rate limit.
func neverStarted(err error) (wait time.Duration, again bool) {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.RetryAfter, refusal.RateLimited() && !refusal.final()
	}
	return 0, neverLeft(err) && IsTransport(err)
}

// unclear reports whether the request that failed with err may have had its
// effect.
func unclear(err error) bool { return err != nil && !refused(err) && !neverLeft(err) }

// refused reports whether err is the API's clear no. A redirect, a time-out of
// the server's own and a 5xx with a code that says nothing are not.
func refused(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	status := refusal.effective()
	switch {
	case refusal.final():
		return true
	case status == http.StatusRequestTimeout:
		return false
	}
	return status < 300 || (status >= 400 && status < 500)
}

// neverLeft reports whether no byte of the request can have reached the API:
// there was no key, or no connection.
func neverLeft(err error) bool {
	broken, ok := errors.AsType[*transportError](err)
	return errors.Is(err, ErrNoAPIKey) || (ok && broken.unsent)
}

// DrainStarts waits until no start is in flight, or until ctx ends, and reports
// whether there was one. Call it before the program exits: a start that is cut off
// may be billed unseen.
func (c *Client) DrainStarts(ctx context.Context) bool { return c.starts.wait(ctx) }

// inFlight counts starts. A sync.WaitGroup would not do: starts may begin while
// somebody waits.
type inFlight struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0; nil while nobody waits
}

// add counts one start until the function that it returns is called.
func (f *inFlight) add() (done func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.n--
		if f.n == 0 && f.idle != nil {
			close(f.idle)
			f.idle = nil
		}
	}
}

func (f *inFlight) wait(ctx context.Context) bool {
	f.mu.Lock()
	if f.n == 0 {
		f.mu.Unlock()
		return false
	}
	if f.idle == nil {
		f.idle = make(chan struct{})
	}
	idle := f.idle
	f.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	return true
}
