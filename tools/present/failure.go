package present

import (
	"fmt"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// lastSteps is how many steps show how a run came to a bad end.
const lastSteps = 3

// The failures whose codes BrowserAct documents.
const (
	failureCaptcha    = 1011
	failureNavigation = 10001
)

// describeFailed adds where and why a run failed, as far as is known, what it cost, and
// what to change.
func (p *Presenter) describeFailed(s *runs.Snapshot, o Options, r *schemas.Task) {
	r.Summary = fmt.Sprintf("The run failed%s. This run was billed%s; do not run it again unchanged.", elapsedText(s), creditText(" (%d credits)", r.Credits))
	r.Failure = Failure(s)
	describeOutput(s, r)
	if r.Output != nil {
		r.NextStep = schemas.NextTask("get_task_output", r.TaskID, "to read what the run wrote before it failed")
	}
	p.showEnd(s, o, r)
}

// describeEmpty names the usual causes of a finished run without an output.
func (p *Presenter) describeEmpty(s *runs.Snapshot, o Options, r *schemas.Task) {
	r.Warnings = append(r.Warnings, "The run finished with no output. Usual causes: nothing on the page matched the inputs, "+
		"the site asked for a login or a captcha, or the workflow's last step writes nothing. "+
		"It was billed; look at its steps before running it again.")
	p.showEnd(s, o, r)
}

// showEnd shows the last steps of a run, and the call that shows all of them.
func (p *Presenter) showEnd(s *runs.Snapshot, o Options, r *schemas.Task) {
	if !o.AllSteps {
		r.Steps = describeSteps(last(s.Task.Steps, lastSteps))
	}
	pictures := !p.Lockdown
	if r.NextStep != nil || len(s.Task.Steps) == 0 || o.AllSteps && (o.Screenshot || !pictures) {
		return
	}
	r.NextStep = schemas.NextTask("get_task", r.TaskID, "to see every step")
	r.NextStep.Arguments["include_steps"] = true
	if pictures {
		r.NextStep.Arguments["include_screenshot"] = true
		r.NextStep.Why += " and how the page looked"
	}
}

// Failure describes why a run failed: a message, what is likely to have caused it, and
// what to change. Its code is 0 where the API gives no reason.
func Failure(s *runs.Snapshot) *schemas.Failure {
	f := &schemas.Failure{Message: "BrowserAct gives no reason. The log page may show one."}
	if given := s.Task.Failure; given != nil {
		f.Code, f.Message = given.Code, sanitize.OneLine(given.Message, maxFailureText)
	}
	if step, ok := decisiveStep(s); ok && step.Status == browseract.StepFailed {
		f.Step, f.StepNumber = sanitize.OneLine(step.Goal, maxStepText), int(step.Number)
	}
	f.LikelyCause, f.WhatToChange = causeOf(f.Code)
	return f
}

// causeOf is the usual cause of failures of a code, and what helps.
func causeOf(code int) (cause, change string) {
	switch code {
	case failureCaptcha:
		return "The site asked for a captcha, and it could not be solved automatically.",
			"Ask the user to add a Human Interaction step before that step of the workflow, or to run it with a profile that is logged in (profile_id); a template can run in another region."
	case failureNavigation:
		return "A page did not load in time: the address is wrong, the site is slow, or it blocks visitors from that region.",
			"Check that the addresses among the inputs open in a browser; then run once more, a template in another region."
	}
	return "", "Find the cause first: the failed step, its screenshot and the log page show the page. Then change the inputs, or have the user change that step of the workflow."
}

// decisiveStep is the step that failed, the last of them, else the last step.
func decisiveStep(s *runs.Snapshot) (step browseract.Step, ok bool) {
	for _, each := range s.Task.Steps {
		if each.Status == browseract.StepFailed || step.Status != browseract.StepFailed {
			step, ok = each, true
		}
	}
	return step, ok
}

// definitionStep is the call that shows which inputs the run takes; nil where it is not
// known what it was a run of, or no tool shows that.
func (p *Presenter) definitionStep(s *runs.Snapshot) *schemas.NextStep {
	tool, argument := p.WorkflowTool, "workflow_id"
	if s.Kind == runs.Template {
		tool, argument = p.TemplateTool, "template_id"
	}
	if s.Target == "" || tool == "" {
		return nil
	}
	return &schemas.NextStep{Tool: tool, Arguments: map[string]any{argument: s.Target}, Why: "to check the inputs before the run is changed"}
}
