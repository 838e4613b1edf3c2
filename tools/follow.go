package tools

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// A waitInput is the argument of tools that wait for a task.
type waitInput struct {
	WaitSeconds int `json:"wait_seconds,omitempty" jsonschema:"minimum=0,maximum=50,default=25" jsonschema_description:"Wait this long for the task to end"`
}

func (w waitInput) wait() time.Duration { return time.Duration(w.WaitSeconds) * time.Second }

// A dedupeInput is the arguments by which a caller steers the duplicate guard.
type dedupeInput struct {
	IdempotencyKey string `json:"idempotency_key,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Your name for this run; asked again within 24 h, it answers with the same run"`
	AllowDuplicate bool   `json:"allow_duplicate,omitempty" jsonschema_description:"Start it although the same run is under way"`
}

func (in dedupeInput) dedupe(r runs.Request) runs.Request {
	r.IdempotencyKey, r.AllowDuplicate = in.IdempotencyKey, in.AllowDuplicate
	return r
}

// A runAnswer is a task, and what the user is to be asked about it.
type runAnswer struct {
	task     schemas.Task
	question call.Question
}

// definition reads what a workflow or template takes; one of the ids is "".
func (t *tools) definition(ctx context.Context, workflowID, templateID string) (runs.Definition, error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	if templateID != "" {
		template, err := t.Client.RecentTemplate(ctx, templateID)
		return runs.Definition{Owner: "template", Inputs: template.Inputs}, problem.WithNext(problem.NotStarted(err), findTemplate())
	}
	workflow, err := t.Client.RecentWorkflow(ctx, workflowID)
	return runs.Definition{Owner: "workflow", Inputs: workflow.Inputs}, problem.WithNext(problem.NotStarted(err), findWorkflow())
}

// startAndFollow starts a run, unless it is known, and follows it.
func (t *tools) startAndFollow(ctx context.Context, w waitInput, r runs.Request) (runAnswer, error) {
	r.WillWait = w.WaitSeconds > 0
	s, err := t.runs.Start(ctx, r)
	if err != nil {
		return runAnswer{}, err
	}
	return t.follow(ctx, s, runs.WaitOptions{Wait: w.wait()}, present.Options{}), nil
}

// follow waits for a task and answers with all that is known of it then.
func (t *tools) follow(ctx context.Context, s *runs.Snapshot, w runs.WaitOptions, o present.Options) (a runAnswer) {
	ctx, leave := t.history.Enter(ctx, t.keyOf(ctx, s), s.Deduplicated)
	defer leave()
	if w.Wait > 0 {
		w.Progress = t.present.Progress
		t.runs.Wait(ctx, s, w)
		a.question, o.Reaction = t.elicitIfPaused(ctx, s, w, o.Reaction)
	}
	t.runs.ObserveForAnswer(ctx, s)
	t.runs.WarnOfOvershoot(ctx, s)
	t.runs.Complete(ctx, s)
	a.task = t.present.Task(ctx, s, o)
	return a
}
