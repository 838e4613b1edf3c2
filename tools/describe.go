package tools

import (
	"fmt"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	maxPreview     = 1200 // bytes
	maxColumns     = 40
	maxFailureText = 500 // characters
	maxStepText    = 200
	maxName        = 80
	maxPoll        = 60 // seconds
)

// describe makes the one shape of every run, wait and status. holders are the
// tasks that run while this one waits for its turn.
func (t *toolset) describe(s *sighting, holders []string) schemas.Task {
	status := s.task.Status
	credits, told := s.task.Credits()
	result := schemas.Task{
		TaskID:         string(s.task.ID),
		TemplateID:     s.templateID,
		Status:         sanitize.OneLine(string(status), maxName),
		Done:           status.Ended(),
		NeedsHuman:     status == browseract.TaskPaused,
		ElapsedSeconds: int(s.elapsed().Seconds()),
		LogURL:         link(s.task.LogURL),
		ProfileID:      string(s.task.ProfileID),
		Deduplicated:   s.deduplicated,
		Warnings:       append([]string{}, s.warnings...),
	}
	if s.templateID == "" {
		result.WorkflowID = string(s.task.WorkflowID)
	}
	if told {
		result.Credits = &credits
	}
	if !status.Ended() {
		result.LiveURL = s.liveView()
	}
	if s.allSteps {
		result.Steps = describeSteps(s.task.Steps)
	}
	switch status {
	case browseract.TaskFinished:
		t.describeFinished(s, &result)
	case browseract.TaskFailed:
		t.describeFailed(s, &result)
	case browseract.TaskCanceled:
		result.Summary = fmt.Sprintf("The run was canceled%s.%s", after(s), billed(told, credits))
		s.describeOutput(&result)
	case browseract.TaskPaused:
		t.describePaused(&result, s.reaction)
	default:
		s.describeActive(&result, holders)
	}
	return result
}

// describeFinished profiles the output and shows how it begins.
func (t *toolset) describeFinished(s *sighting, r *schemas.Task) {
	if !s.whole {
		r.Summary = "The run finished, but its output could not be read just now."
		r.NextStep = schemas.NextTask("get_task", r.TaskID, "to read how the run ended")
		return
	}
	s.describeOutput(r)
	r.Summary = fmt.Sprintf("The run finished%s%s.", after(s), wrote(r))
	if r.Output == nil && len(r.Files) == 0 {
		t.describeEmpty(s, r)
	}
	if r.Output != nil {
		r.NextStep = schemas.NextTask("get_task_output", r.TaskID, "to read the output page by page")
	}
}

// describeOutput adds what the run left: its text, and its files.
func (s *sighting) describeOutput(r *schemas.Task) {
	s.describeFiles(r)
	doc := output.Parse(s.task.Output.String)
	if doc.Kind() == output.Empty {
		return
	}
	r.Output = &schemas.Output{
		Kind:    string(doc.Kind()),
		Bytes:   doc.Bytes(),
		Columns: doc.Columns(),
		Preview: sanitize.Fence(doc.Preview(maxPreview)),
	}
	if n := len(r.Output.Columns); n > maxColumns {
		r.Output.Columns = r.Output.Columns[:maxColumns]
		r.Warnings = append(r.Warnings, fmt.Sprintf("Only the first %d of %d columns are named here.", maxColumns, n))
	}
	if rows, ok := doc.Rows(); ok {
		r.Output.Rows = &rows
	}
	r.Warnings = append(r.Warnings, doc.Warnings()...)
}

func (t *toolset) describePaused(r *schemas.Task, reaction string) {
	where := "the task's log page (log_url)"
	switch {
	case r.LiveURL != "" && !t.HideLiveURLs:
		where = "the live view (live_url)"
	case r.LogURL == "":
		where = "the task in the BrowserAct dashboard"
	}
	r.Summary = fmt.Sprintf("The run waits for a person: ask the user to open %s, to do there what the page asks for (log in, solve a captcha, decide) "+
		"and to say when it is done. The step has a time limit, so ask now.", where)
	if !t.ReadOnly {
		r.Summary += " Call resume_task only after the user says so."
	}
	if reaction != "" {
		r.Summary += " " + reaction
	}
	r.PollAfterSeconds = 30
	r.NextStep = schemas.NextTask("get_task", r.TaskID, "to see whether the run went on, after the user has acted")
}

func (s *sighting) describeActive(r *schemas.Task, holders []string) {
	r.PollAfterSeconds = 5
	if left := remaining(s.typical, s.elapsed()); left > 0 {
		r.ETASeconds = problem.Seconds(left)
		r.PollAfterSeconds = min(max(r.ETASeconds, r.PollAfterSeconds), maxPoll)
	}
	r.NextStep = schemas.NextTask("get_task", r.TaskID, "to wait for the run; running it again would start and bill a second one")
	switch n := len(s.task.Steps); {
	case s.task.Status == browseract.TaskCreated && s.elapsed() >= queuedLong:
		r.Summary = fmt.Sprintf("The run has been queued for %s, probably because of the account's concurrency limit.", span(s.elapsed()))
		r.PollAfterSeconds = 30
		if len(holders) > 0 {
			r.Warnings = append(r.Warnings, "These tasks run meanwhile: "+strings.Join(holders, ", ")+".")
		}
	case s.task.Status == browseract.TaskCreated || s.task.Status == "":
		r.Status = string(browseract.TaskCreated)
		r.Summary = "The run is queued and starts soon."
	case n > 0 && s.task.Status == browseract.TaskRunning:
		r.Summary = fmt.Sprintf("The run is at step %d after %s.", s.task.Steps[n-1].Number, span(s.elapsed()))
	default:
		r.Summary = fmt.Sprintf("The run is %s after %s.", r.Status, span(s.elapsed()))
	}
}

func describeSteps(steps []browseract.Step) []schemas.Step {
	described := make([]schemas.Step, 0, len(steps))
	for _, step := range steps {
		described = append(described, schemas.Step{
			Number:     int(step.Number),
			Status:     sanitize.OneLine(string(step.Status), maxName),
			Goal:       sanitize.OneLine(step.Goal, maxStepText),
			Evaluation: sanitize.OneLine(step.Evaluation, maxStepText),
		})
	}
	return described
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// wrote tells what a finished run left behind, as a part of a sentence.
func wrote(r *schemas.Task) string {
	credits := ""
	if r.Credits != nil {
		credits = fmt.Sprintf(" and used %d credits", *r.Credits)
	}
	switch {
	case r.Output != nil && r.Output.Rows != nil:
		return fmt.Sprintf("%s; its output is %s with %d rows", credits, r.Output.Kind, *r.Output.Rows)
	case r.Output != nil:
		return fmt.Sprintf("%s; its output is %s of %d bytes", credits, r.Output.Kind, r.Output.Bytes)
	case len(r.Files) > 0:
		return fmt.Sprintf("%s; it left %d files", credits, len(r.Files))
	}
	return credits + ", but left no output"
}

// after tells how long a run took, as a part of a sentence; nothing where nobody
// knows.
func after(s *sighting) string {
	if d := s.elapsed(); d > 0 {
		return " after " + span(d)
	}
	return ""
}

func billed(told bool, credits int64) string {
	if !told {
		return ""
	}
	return fmt.Sprintf(" It had used %d credits.", credits)
}

func creditText(credits *int64) string {
	if credits == nil {
		return ""
	}
	return fmt.Sprintf(" (%d credits)", *credits)
}

// span writes a duration as a person says it: 45 s, 2 min 5 s, 3 h 4 min.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
