package browseract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
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
	err := json.Unmarshal(raw, &wire)
	*s = Started{TaskID: wire.ID, ProfileID: wire.ProfileID}
	if s.ProfileID == "" {
		s.ProfileID = wire.OldProfileID
	}
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

// start sends the request of a run. From here on the start belongs to the client
// and not to the call: a caller that goes away does not abort it, since the run
// would be billed without anybody knowing its id. It has 15 s of its own.
func (c *Client) start(ctx context.Context, req request) (Started, error) {
	if err := ctx.Err(); err != nil {
		return Started{}, fmt.Errorf("browseract: %s: not sent: %w", req.endpoint, err)
	}
	defer c.starts.add()()
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.startTimeout)
	defer cancel()

	sentAt := time.Now()
	started, err := retry(own, func() (Started, error) { return call[Started](own, c, req) }, neverStarted)
	if err == nil || refused(err) || neverLeft(err) {
		return started, err
	}
	return started, &StartUnknownError{SentAt: sentAt, Err: err}
}

// neverStarted reports whether a start may be sent again: only where the request
// provably never left, or was turned away by a rate limit.
func neverStarted(err error) bool {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.effective() == http.StatusTooManyRequests && !refusal.final()
	}
	return neverLeft(err) && !errors.Is(err, ErrNoAPIKey)
}

// refused reports whether err is the API's clear no. A redirect, a time-out of
// the server's own and a 5xx with a code that says nothing are not.
func refused(err error) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	status := refusal.effective()
	switch {
	case refusal.final():
		return true
	case status == http.StatusRequestTimeout:
		return false
	case status < 300:
		return refusal.Code != 0
	}
	return status >= 400 && status < 500
}

// neverLeft reports whether no byte of the request can have reached the API:
// there was no key, or no connection.
func neverLeft(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	return errors.Is(err, ErrNoAPIKey)
}

// DrainStarts waits until no start is in flight, or until ctx ends. Call it
// before the program exits: a start that is cut off may be billed unseen.
func (c *Client) DrainStarts(ctx context.Context) { c.starts.wait(ctx) }

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

func (f *inFlight) wait(ctx context.Context) {
	f.mu.Lock()
	if f.n == 0 {
		f.mu.Unlock()
		return
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
}
