package tools

import (
	"context"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// carryOutBehind carries a start out for a client that may give up before it is
// over. The call waits as long as it can, and the start goes on: whoever asks for
// the same run again is given this one by the guard.
func (t *toolset) carryOutBehind(ctx context.Context, s start, c *claim) (sighting, error) {
	type outcome struct {
		seen sighting
		err  error
	}
	done := make(chan outcome, 1)
	release := t.Client.Hold()
	go func() { // ends with its requests; DrainStarts waits for it
		defer release()
		seen, err := t.carryOut(context.WithoutCancel(ctx), s, c)
		done <- outcome{seen, err}
		if err != nil {
			t.Logger.WarnContext(ctx, "a start failed that its call may not have waited for", "kind", s.kind(), "target", s.target(), "code", t.problems.Explain(err).Code)
		}
	}()
	select {
	case o := <-done:
		return o.seen, o.err
	case <-ctx.Done():
		return sighting{}, t.underWay(s)
	}
}

// underWay tells of a start that BrowserAct has not answered yet.
func (t *toolset) underWay(s start) error {
	r := &problem.Error{
		Code: problem.CodeStartInProgress, Retryable: true, RetryAfter: 5,
		Message: "The run is being started, and BrowserAct has not answered yet. Call again with the same arguments in a few seconds: nothing is started twice, and the answer will carry its task_id.",
	}
	if s.guard.AllowDuplicate && s.guard.IdempotencyKey == "" {
		r.Retryable = false
		r.Message = "The run is being started, and BrowserAct has not answered yet. Do not call again with allow_duplicate, which would start one more: look in list_tasks in a few seconds."
		r.NextStep = t.listOwn("to find the run's task_id")
	}
	return r
}

// listOwn is the call that lists the caller's own runs, or all where no ledger tells
// which these are.
func (t *toolset) listOwn(why string) *schemas.NextStep {
	arguments := map[string]any{}
	if t.Ledger != nil {
		arguments["mine"] = true
	}
	return &schemas.NextStep{Tool: "list_tasks", Arguments: arguments, Why: why}
}
