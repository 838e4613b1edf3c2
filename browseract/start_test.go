package browseract_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// outcome is how a start ends for its caller.
type outcome string

const (
	started   outcome = "started"
	refusedBy outcome = "refused by the API" // *Error: certainly nothing was started
	unsent    outcome = "not sent"           // certainly nothing was started either
	unknown   outcome = "unknown"            // *StartUnknownError
)

func outcomeOf(s browseract.Started, err error) outcome {
	var refusal *browseract.Error
	switch {
	case err == nil && s.TaskID != "":
		return started
	case errors.As(err, new(*browseract.StartUnknownError)):
		return unknown
	case errors.As(err, &refusal):
		return refusedBy
	case err != nil:
		return unsent
	}
	return "no id and no error"
}

// both are the two ways to start a run.
func both(r *rig) map[string]func(context.Context, *browseract.Client) (browseract.Started, error) {
	return map[string]func(context.Context, *browseract.Client) (browseract.Started, error){
		"run-task": func(ctx context.Context, c *browseract.Client) (browseract.Started, error) {
			return c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: r.account.Workflow("Price Monitor").ID})
		},
		"run-task-by-template": func(ctx context.Context, c *browseract.Client) (browseract.Started, error) {
			return c.RunTemplate(ctx, browseract.TemplateRun{TemplateID: "77577579210625331"})
		},
	}
}

// No row has more than one task, with any answer.
func TestARunIsNeverRepeatedUnlessItCannotHaveStarted(t *testing.T) {
	t.Parallel()
	const (
		page  = "<html><body>Sign in</body></html>"
		atMax = 15 * time.Second
	)
	redirect := func(status int, to string) simulator.Fault {
		return simulator.Fault{Status: status, Header: http.Header{"Location": {to}}}
	}
	limited := func(header ...string) simulator.Fault {
		f := simulator.Fault{Status: 429}
		if len(header) > 0 {
			f.Header = http.Header{"Retry-After": header}
		}
		return f
	}
	times := func(n int, f simulator.Fault) simulator.Fault { f.Times = n; return f }
	after := func(f simulator.Fault) simulator.Fault { f.After = true; return f }
	for _, tt := range []struct {
		name     string
		fault    simulator.Fault
		refuse   int // dials
		want     outcome
		requests int
		tasks    int
		within   time.Duration
	}{
		{name: "no fault", want: started, requests: 1, tasks: 1},

		// Certainly not sent, or refused by a limit: up to three tries.
		{name: "refused connection", refuse: 1, want: started, requests: 1, tasks: 1, within: time.Second},
		{name: "refused connections", refuse: 2, want: started, requests: 1, tasks: 1, within: 2 * time.Second},
		{name: "always refused", refuse: 9, want: unsent, within: 2 * time.Second},
		{name: "429", fault: times(1, limited()), want: started, requests: 2, tasks: 1, within: time.Second},
		{name: "429 twice", fault: times(2, limited()), want: started, requests: 3, tasks: 1, within: 2 * time.Second},
		{name: "429 always", fault: limited(), want: refusedBy, requests: 3, within: 2 * time.Second},
		{name: "429 in an envelope", fault: times(1, simulator.Fault{Status: 429, Code: 99999}), want: started, requests: 2, tasks: 1, within: time.Second},
		{name: "200 with code 429", fault: times(1, simulator.Fault{Code: 429}), want: started, requests: 2, tasks: 1, within: time.Second},
		{name: "429 for 3 s", fault: times(1, limited("3")), want: started, requests: 2, tasks: 1, within: 4 * time.Second},
		{name: "429 for longer than a start may take", fault: times(1, limited("12")), want: refusedBy, requests: 1},
		{name: "429 for a minute", fault: times(1, limited("60")), want: refusedBy, requests: 1},

		// A clear refusal.
		{name: "too many tasks", fault: simulator.Fault{Status: 400, Code: 10118}, want: refusedBy, requests: 1},
		{name: "too many tasks by status 200", fault: simulator.Fault{Code: 10118}, want: refusedBy, requests: 1},
		{name: "too many tasks by status 429", fault: simulator.Fault{Status: 429, Code: 10118}, want: refusedBy, requests: 1},
		{name: "too many tasks by status 500", fault: simulator.Fault{Status: 500, Code: 10118}, want: refusedBy, requests: 1},
		{name: "bad key by status 200", fault: simulator.Fault{Code: 401}, want: refusedBy, requests: 1},
		{name: "bad key by status 500", fault: simulator.Fault{Status: 500, Code: 401}, want: refusedBy, requests: 1},
		{name: "200 with an unknown code", fault: simulator.Fault{Code: 99999}, want: refusedBy, requests: 1},
		{name: "400 in an envelope", fault: simulator.Fault{Status: 400, Code: 99999}, want: refusedBy, requests: 1},
		{name: "401", fault: simulator.Fault{Status: 401}, want: refusedBy, requests: 1},
		{name: "403", fault: simulator.Fault{Status: 403}, want: refusedBy, requests: 1},
		{name: "404", fault: simulator.Fault{Status: 404}, want: refusedBy, requests: 1},
		{name: "413", fault: simulator.Fault{Status: 413}, want: refusedBy, requests: 1},

		// It may have started or not.
		{name: "broken before", fault: simulator.Fault{Abort: true}, want: unknown, requests: 1},
		{name: "broken after", fault: after(simulator.Fault{Abort: true}), want: unknown, requests: 1, tasks: 1},
		{name: "answer truncated", fault: simulator.Fault{Truncate: 8}, want: unknown, requests: 1, tasks: 1},
		{name: "500", fault: simulator.Fault{Status: 500}, want: unknown, requests: 1},
		{name: "500 after", fault: after(simulator.Fault{Status: 500}), want: unknown, requests: 1, tasks: 1},
		{name: "500 in an envelope", fault: simulator.Fault{Status: 500, Code: 99999}, want: unknown, requests: 1},
		{name: "500 in an envelope after", fault: after(simulator.Fault{Status: 500, Code: 99999}), want: unknown, requests: 1, tasks: 1},
		{name: "502", fault: simulator.Fault{Status: 502}, want: unknown, requests: 1},
		{name: "502 after", fault: after(simulator.Fault{Status: 502}), want: unknown, requests: 1, tasks: 1},
		{name: "503", fault: simulator.Fault{Status: 503}, want: unknown, requests: 1},
		{name: "503 after", fault: after(simulator.Fault{Status: 503}), want: unknown, requests: 1, tasks: 1},
		{name: "503 with Retry-After, after", fault: after(simulator.Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}}), want: unknown, requests: 1, tasks: 1},
		{name: "504 after", fault: after(simulator.Fault{Status: 504}), want: unknown, requests: 1, tasks: 1},
		{name: "408 after", fault: after(simulator.Fault{Status: 408}), want: unknown, requests: 1, tasks: 1},
		{name: "408 with code 400, after", fault: after(simulator.Fault{Status: 408, Code: 400}), want: unknown, requests: 1, tasks: 1},
		{name: "200 with code 500, after", fault: after(simulator.Fault{Code: 500}), want: unknown, requests: 1, tasks: 1},
		{name: "400 with code 500, after", fault: after(simulator.Fault{Status: 400, Code: 500}), want: unknown, requests: 1, tasks: 1},
		{name: "200 with an empty object, after", fault: after(simulator.Fault{Body: "{}"}), want: unknown, requests: 1, tasks: 1},
		{name: "200 with code 0 and no data, after", fault: after(simulator.Fault{Body: `{"code":0,"msg":"success","data":null}`}), want: unknown, requests: 1, tasks: 1},
		{name: "HTML with 200, after", fault: after(simulator.Fault{Body: page}), want: unknown, requests: 1, tasks: 1},
		{name: "JSON cut off, after", fault: after(simulator.Fault{Body: `{"id":"85175`}), want: unknown, requests: 1, tasks: 1},
		{name: "no id, after", fault: after(simulator.Fault{Body: `{"id":null,"profile_id":"1"}`}), want: unknown, requests: 1, tasks: 1},
		{name: "301", fault: redirect(301, "/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "302", fault: redirect(302, "/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "303 after", fault: after(redirect(303, "/v2/workflow/get-task")), want: unknown, requests: 1, tasks: 1},
		{name: "307", fault: redirect(307, "/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "307 after", fault: after(redirect(307, "/v2/workflow/run-task")), want: unknown, requests: 1, tasks: 1},
		{name: "308", fault: redirect(308, "/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "301 to another host", fault: redirect(301, "http://elsewhere.example/"), want: unknown, requests: 1},
		{name: "302 to another host", fault: redirect(302, "http://elsewhere.example/"), want: unknown, requests: 1},
		{name: "307 to another host", fault: redirect(307, "http://elsewhere.example/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "308 to another host", fault: redirect(308, "http://elsewhere.example/v2/workflow/run-task"), want: unknown, requests: 1},
		{name: "a redirect to no address", fault: redirect(302, "http://%zz/"), want: unknown, requests: 1},
		{name: "no answer", fault: simulator.Fault{Delay: time.Hour}, want: unknown, requests: 1, within: atMax},
		{name: "no answer after", fault: after(simulator.Fault{Delay: time.Hour}), want: unknown, requests: 1, tasks: 1, within: atMax},
		{name: "half an answer", fault: simulator.Fault{Stall: time.Hour}, want: unknown, requests: 1, tasks: 1, within: atMax},
		{name: "a late answer", fault: simulator.Fault{Delay: 14 * time.Second}, want: started, requests: 1, tasks: 1, within: atMax},
		{name: "an answer in two late halves", fault: simulator.Fault{Delay: 9 * time.Second, Stall: 5 * time.Second}, want: started, requests: 1, tasks: 1, within: atMax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, endpoint := range []string{"run-task", "run-task-by-template"} {
				onRig(t, func(t *testing.T, r *rig) {
					if tt.fault.Header.Get("Location") != "" {
						tt.fault.Header.Set("Location", strings.Replace(tt.fault.Header.Get("Location"), "run-task", endpoint, 1))
					}
					r.network.Refuse(tt.refuse)
					r.account.Inject(tt.fault)
					began := time.Now()
					s, err := both(r)[endpoint](t.Context(), r.client)
					if took := time.Since(began); took > tt.within {
						t.Errorf("%s took %v, want at most %v", endpoint, took, tt.within)
					}
					if got := outcomeOf(s, err); got != tt.want {
						t.Errorf("%s: %s (%v), want %s", endpoint, got, err, tt.want)
					}
					if requests, tasks := len(r.sent("")), len(r.account.Tasks()); requests != tt.requests || tasks != tt.tasks {
						t.Errorf("%s: %d requests made %d tasks, want %d and %d", endpoint, requests, tasks, tt.requests, tt.tasks)
					}
					for _, req := range r.sent("") {
						if len(req.Header["Idempotency-Key"])+len(req.Header["X-Idempotency-Key"]) > 0 {
							t.Errorf("%s: net/http repeats requests with the headers %v", endpoint, req.Header)
						}
					}
				}, simulator.WithoutGzip())
			}
		})
	}
}

func TestA429ThatTurnsIntoSilenceIsUnknown(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Status: 429, Times: 1, Header: http.Header{"Retry-After": {"3"}}})
		r.account.Inject(simulator.Fault{Skip: 1, Abort: true, After: true})
		began := time.Now()
		s, err := both(r)["run-task"](t.Context(), r.client)
		var uncertain *browseract.StartUnknownError
		if outcomeOf(s, err) != unknown || len(r.account.Tasks()) != 1 || !errors.As(err, &uncertain) || uncertain.SentAt.Sub(began) < 3*time.Second {
			t.Errorf("%v; want unknown, sent after 3 s", err)
		}
	})
}

// Without a connection nothing is sent, however long the dial takes.
func TestADialWithoutEndStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &http.Transport{DialContext: pipes{conns: nil}.dial})
		began := time.Now()
		s, err := c.RunWorkflow(t.Context(), browseract.WorkflowRun{WorkflowID: "1"})
		if outcomeOf(s, err) != unsent || !browseract.IsTransport(err) || time.Since(began) != 15*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// A transport that does not report connections is taken for one that sent.
func TestAnUnknownTransportIsNotTrusted(t *testing.T) {
	t.Parallel()
	sent := 0
	c := newClient(t, roundTripper(func(*http.Request) (*http.Response, error) { sent++; return nil, refused() }))
	s, err := c.RunWorkflow(t.Context(), browseract.WorkflowRun{WorkflowID: "1"})
	if outcomeOf(s, err) != unknown || sent != 1 {
		t.Errorf("%v after %d requests", err, sent)
	}
}

func TestACallerThatIsGoneStartsNothing(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for endpoint, run := range both(r) {
			if s, err := run(ctx, r.client); !errors.Is(err, context.Canceled) || outcomeOf(s, err) != unsent {
				t.Errorf("%s: %v", endpoint, err)
			}
		}
		if n := len(r.sent("")); n != 0 {
			t.Errorf("%d requests, want none", n)
		}
	})
}

// The end of the caller's context does not stop a start that was sent: it returns its
// task, and the end of the program waits for it.
func TestASentStartOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		want  outcome
		tasks int
		takes time.Duration
	}{
		{"answered", simulator.Fault{Delay: 4 * time.Second}, started, 1, 4 * time.Second},
		{"answered in two halves", simulator.Fault{Stall: 4 * time.Second}, started, 1, 4 * time.Second},
		{"broken after", simulator.Fault{Delay: 4 * time.Second, After: true, Abort: true}, unknown, 1, 4 * time.Second},
		{"never answered", simulator.Fault{Delay: time.Hour, After: true}, unknown, 1, 15 * time.Second},
		{"turned away: not sent again", simulator.Fault{Delay: 4 * time.Second, Status: 429}, refusedBy, 0, 4 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				r.account.Inject(tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				var got outcome
				go func() {
					s, err := both(r)["run-task"](ctx, r.client)
					got = outcomeOf(s, err)
				}()
				synctest.Wait()
				r.client.DrainStarts(t.Context())
				synctest.Wait()
				if took := time.Since(began); took != tt.takes || got != tt.want {
					t.Errorf("%q after %v, want %q after %v", got, took, tt.want, tt.takes)
				}
				if requests, tasks := len(r.sent("")), len(r.account.Tasks()); requests != 1 || tasks != tt.tasks {
					t.Errorf("%d requests made %d tasks", requests, tasks)
				}
			}, simulator.WithoutGzip())
		})
	}
}

// The end of the caller's context ends the tries of a start.
func TestAStartThatWaitsEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {"5"}}})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		began := time.Now()
		s, err := both(r)["run-task"](ctx, r.client)
		if outcomeOf(s, err) != refusedBy || time.Since(began) != 2*time.Second || len(r.sent("")) != 1 {
			t.Errorf("%v after %v and %d requests", err, time.Since(began), len(r.sent("")))
		}
	})
}

func TestDrainStartsWaitsForAllAndNotForEver(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		began := time.Now()
		r.client.DrainStarts(t.Context())
		for i := range 3 {
			r.account.Inject(simulator.Fault{Times: 1, Delay: time.Duration(i+1) * time.Second})
			go func() { _, _ = both(r)["run-task"](t.Context(), r.client) }()
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		r.client.DrainStarts(ctx)
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("gave up after %v, want 500 ms", took)
		}
		r.client.DrainStarts(t.Context())
		if took := time.Since(began); took != 3*time.Second || len(r.account.Tasks()) != 3 {
			t.Errorf("drained %d tasks after %v, want 3 after 3 s", len(r.account.Tasks()), took)
		}
	})
}

func TestStartUnknownErrorHasTimeAndCause(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 8, 11, 54, 10, 5, time.FixedZone("", 7200))
	why := errors.New("why")
	err := &browseract.StartUnknownError{SentAt: at, Err: why}
	if want := "browseract: a run requested at 2025-10-08T09:54:10Z may have started: why"; err.Error() != want || !errors.Is(err, why) {
		t.Errorf("got %s", err)
	}
	if got := fmt.Sprint(&browseract.NotPausedError{Status: "run\nning"}); got != "browseract: resume-task: the task is run ning, not paused" {
		t.Errorf("got %s", got)
	}
}
