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

// A Started is a run that the API accepted.
type Started struct {
	TaskID    ID
	ProfileID ID // set where browser data is saved
}

// UnmarshalJSON accepts both names that the API has for the profile's id.
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

// RunWorkflow starts a run of a workflow, at most once. It fails with an [*Error]
// if the API refused, and with a [*StartUnknownError] if the run may have started.
// (POST /v2/workflow/run-task)
func (c *Client) RunWorkflow(ctx context.Context, run WorkflowRun) (Started, error) {
	return c.start(ctx, request{method: http.MethodPost, endpoint: "run-task", body: run})
}

// RunTemplate starts a run of an official template, as [Client.RunWorkflow] does.
// (POST /v2/workflow/run-task-by-template)
func (c *Client) RunTemplate(ctx context.Context, run TemplateRun) (Started, error) {
	return c.start(ctx, request{method: http.MethodPost, endpoint: "run-task-by-template", body: run})
}

// start sends the request of a run. It lasts up to [StartTimeout], and the end of ctx
// does not abort it: the run could be billed while its id is lost.
func (c *Client) start(ctx context.Context, req request) (Started, error) {
	if err := ctx.Err(); err != nil {
		return Started{}, fmt.Errorf("browseract: %s: not sent: %w", req.endpoint, err)
	}
	defer c.starts.add()()
	own, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), StartTimeout, errNoAnswer)
	defer cancel()
	tries, stop := context.WithTimeout(ctx, startRetryWindow) // no further try for a caller that has gone
	defer stop()

	var sentAt time.Time
	started, err := retry(tries, func() (Started, error) {
		sentAt = time.Now()
		return call[Started](own, c, req)
	}, notStarted)
	if unclear(err) {
		return started, &StartUnknownError{SentAt: sentAt, Err: err}
	}
	return started, err
}

// notStarted is the rule for starts: try again only if the request was certainly not
// sent, or was refused by a rate limit.
func notStarted(err error) (wait time.Duration, again bool) {
	if apiErr, ok := errors.AsType[*Error](err); ok {
		return apiErr.RetryAfter, apiErr.RateLimited() && !apiErr.final()
	}
	return 0, notSent(err) && IsTransport(err)
}

// unclear reports whether the request that failed with err may have taken effect.
func unclear(err error) bool { return err != nil && !refused(err) && !notSent(err) }

// refused reports whether err is a clear refusal. A redirect, a 408 and a 5xx with
// an unknown code are not.
func refused(err error) bool {
	apiErr, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	status := apiErr.effective()
	switch {
	case apiErr.final():
		return true
	case status == http.StatusRequestTimeout:
		return false
	}
	return status < 300 || (status >= 400 && status < 500)
}

// notSent reports whether no byte of the request can have reached the API: there was
// no key, or no connection.
func notSent(err error) bool {
	broken, ok := errors.AsType[*transportError](err)
	return errors.Is(err, ErrNoAPIKey) || (ok && broken.unsent)
}

// DrainStarts waits until no start is in flight, or until ctx ends, and reports
// whether there was one. Call it before the program exits: a start that is cut off
// may be billed and lost.
func (c *Client) DrainStarts(ctx context.Context) bool { return c.starts.wait(ctx) }

// Hold makes [Client.DrainStarts] wait until release is called: for work that
// belongs to a start and follows its answer.
func (c *Client) Hold() (release func()) { return c.starts.add() }

// inFlight counts starts. A sync.WaitGroup does not allow starts that begin while
// another goroutine waits for the end of all.
type inFlight struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0
}

// add counts one start until done is called.
func (f *inFlight) add() (done func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n++; f.n == 1 {
		f.idle = make(chan struct{})
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.n--; f.n == 0 {
			close(f.idle)
		}
	}
}

func (f *inFlight) wait(ctx context.Context) (waited bool) {
	f.mu.Lock()
	idle, waited := f.idle, f.n > 0
	f.mu.Unlock()
	if waited {
		select {
		case <-idle:
		case <-ctx.Done():
		}
	}
	return waited
}
