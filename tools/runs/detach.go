package runs

import (
	"context"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// startDetached sends a start for a client that may give up before it is over. The call
// waits as long as it can, and the start goes on: the same run asked for again gets this
// one from the guard.
func (e *Engine) startDetached(ctx context.Context, r Request, c *claim) (*Snapshot, error) {
	type result struct {
		seen *Snapshot
		err  error
	}
	done := make(chan result, 1)
	release := e.Client.Hold()
	go func() { // ends with its requests; DrainStarts waits for it
		defer release()
		seen, err := e.send(context.WithoutCancel(ctx), r, c)
		done <- result{seen, err}
		if err != nil {
			e.Logger.WarnContext(ctx, "a detached start failed", "kind", r.Kind(), "target", r.Target(), "code", e.Problems.Explain(err).Code)
		}
	}()
	select {
	case o := <-done:
		return o.seen, o.err
	case <-ctx.Done():
		return nil, e.errInProgress(r)
	}
}

// errInProgress says that BrowserAct has not answered a start yet.
func (e *Engine) errInProgress(r Request) error {
	if r.cannotBeRepeated() {
		return &problem.Error{
			Code: problem.CodeStartInProgress, RetryAfter: 5,
			Message:  "The run is being started, and BrowserAct has not answered yet. Do not call again with allow_duplicate, which would start one more: look in list_tasks in a few seconds.",
			NextStep: e.nextOwn("to find the run's task_id"),
		}
	}
	return &problem.Error{
		Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: 5,
		Message: "The run is being started, and BrowserAct has not answered yet. Call again with the same arguments in a few seconds: nothing is started twice, and the answer will carry its task_id.",
	}
}

// nextOwn is the call that lists the caller's own runs, or all where no ledger knows
// which these are.
func (e *Engine) nextOwn(why string) *schemas.NextStep {
	next := schemas.NextList(why)
	if e.HasLedger() {
		next.Arguments["mine"] = true
	}
	return next
}
