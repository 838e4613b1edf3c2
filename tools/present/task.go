package present

import (
	"fmt"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// MaxColumns is how many columns an answer names.
	MaxColumns = 40

	maxPreview     = 1200 // bytes
	maxFailureText = 500  // characters
	maxStepText    = 200  // characters

	// When to call again, in seconds: at the estimated end, within these bounds, or
	// where the task waits for a person or in the queue.
	minPoll     = 5
	maxPoll     = 60
	waitingPoll = 30
)

func (p *Presenter) describe(s *runs.Snapshot, o Options) schemas.Task {
	status := s.Task.Status
	result := schemas.Task{
		TaskID:         s.ID(),
		TemplateID:     s.TemplateID,
		Status:         sanitize.OneLine(string(status), runs.MaxName),
		Done:           status.Ended(),
		NeedsHuman:     status == browseract.TaskPaused,
		ElapsedSeconds: int(s.Elapsed().Seconds()),
		LogURL:         Link(s.Task.LogURL),
		ProfileID:      string(s.Task.ProfileID),
		Deduplicated:   s.Deduplicated,
		Warnings:       append([]string{}, s.Warnings...),
	}
	if s.TemplateID == "" {
		result.WorkflowID = string(s.Task.WorkflowID)
	}
	if credits, known := s.Task.Credits(); known {
		result.Credits = &credits
	}
	if !status.Ended() {
		result.LiveURL = s.LiveURL()
	}
	if o.AllSteps {
		result.Steps = describeSteps(s.Task.Steps)
	}
	p.describeStatus(s, o, &result)
	return result
}

// describeStatus adds what there is to say of a task in its status.
func (p *Presenter) describeStatus(s *runs.Snapshot, o Options, r *schemas.Task) {
	switch s.Task.Status {
	case browseract.TaskFinished:
		p.describeFinished(s, o, r)
	case browseract.TaskFailed:
		p.describeFailed(s, o, r)
	case browseract.TaskCanceled:
		r.Summary = fmt.Sprintf("The run was canceled%s.%s", elapsedText(s), creditText(" It had used %d credits.", r.Credits))
		describeOutput(s, r)
	case browseract.TaskPaused:
		p.describePaused(r, o.Reaction)
	default:
		describeActive(s, r)
	}
}

// describeFinished profiles the output and shows how it begins.
func (p *Presenter) describeFinished(s *runs.Snapshot, o Options, r *schemas.Task) {
	if !s.Detail {
		r.Summary = "The run finished, but its output could not be read just now."
		r.NextStep = schemas.NextTask("get_task", r.TaskID, "to read how the run ended")
		return
	}
	describeOutput(s, r)
	r.Summary = fmt.Sprintf("The run finished%s%s.", elapsedText(s), outputText(r))
	if r.Output == nil && len(r.Files) == 0 {
		p.describeEmpty(s, o, r)
	}
	if r.Output != nil {
		r.NextStep = schemas.NextTask("get_task_output", r.TaskID, "to read the output page by page")
	}
}

// describeOutput adds the text and the files that the run left.
func describeOutput(s *runs.Snapshot, r *schemas.Task) {
	describeFiles(s, r)
	doc := output.Parse(s.Task.Output.String)
	if doc.Kind() == output.Empty {
		return
	}
	r.Output = &schemas.Output{
		Kind:    string(doc.Kind()),
		Bytes:   doc.Bytes(),
		Columns: doc.Columns(),
		Preview: sanitize.Fence(doc.Preview(maxPreview)),
	}
	if n := len(r.Output.Columns); n > MaxColumns {
		r.Output.Columns = r.Output.Columns[:MaxColumns]
		r.Warnings = append(r.Warnings, fmt.Sprintf("Only the first %d of %d columns are named here.", MaxColumns, n))
	}
	if rows, ok := doc.Rows(); ok {
		r.Output.Rows = &rows
	}
	r.Warnings = append(r.Warnings, doc.Warnings()...)
}

func (p *Presenter) describePaused(r *schemas.Task, reaction string) {
	where := "the task's log page (log_url)"
	switch {
	case r.LiveURL != "" && !p.HideLiveURLs:
		where = "the live view (live_url)"
	case r.LogURL == "":
		where = "the task in the BrowserAct dashboard"
	}
	r.Summary = fmt.Sprintf("The run waits for a person: ask the user to open %s, do what the page asks for (log in, solve a captcha, decide) "+
		"and say when it is done. The step has a time limit, so ask now.", where)
	if !p.ReadOnly {
		r.Summary += " Call resume_task only after the user says so."
	}
	if reaction != "" {
		r.Summary += " " + reaction
	}
	r.PollAfterSeconds = waitingPoll
	r.NextStep = schemas.NextTask("get_task", r.TaskID, "to see whether the run went on, after the user has acted")
}

func describeActive(s *runs.Snapshot, r *schemas.Task) {
	r.ETASeconds = problem.Seconds(remaining(s))
	r.PollAfterSeconds = min(max(r.ETASeconds, minPoll), maxPoll)
	r.NextStep = schemas.NextTask("get_task", r.TaskID, "to wait for the run; running it again would start and bill a second one")
	switch n := len(s.Task.Steps); {
	case s.Task.Status == browseract.TaskCreated && s.Elapsed() >= runs.QueuedLong:
		r.Summary = fmt.Sprintf("The run has been queued for %s, probably because of the account's concurrency limit.", formatDuration(s.Elapsed()))
		r.PollAfterSeconds = waitingPoll
		if len(s.RunningMeanwhile) > 0 {
			r.Warnings = append(r.Warnings, "These tasks run meanwhile: "+strings.Join(s.RunningMeanwhile, ", ")+".")
		}
	case s.Task.Status == browseract.TaskCreated || s.Task.Status == "":
		r.Status = string(browseract.TaskCreated)
		r.Summary = "The run is queued and starts soon."
	case n > 0 && s.Task.Status == browseract.TaskRunning:
		r.Summary = fmt.Sprintf("The run is at step %d after %s.", s.Task.Steps[n-1].Number, formatDuration(s.Elapsed()))
	default:
		r.Summary = fmt.Sprintf("The run is %s after %s.", r.Status, formatDuration(s.Elapsed()))
	}
}

func describeSteps(steps []browseract.Step) []schemas.Step {
	described := make([]schemas.Step, 0, len(steps))
	for _, step := range steps {
		described = append(described, schemas.Step{
			Number:     int(step.Number),
			Status:     sanitize.OneLine(string(step.Status), runs.MaxName),
			Goal:       sanitize.OneLine(step.Goal, maxStepText),
			Evaluation: sanitize.OneLine(step.Evaluation, maxStepText),
		})
	}
	return described
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// outputText is what a finished run cost and left, as a part of a sentence.
func outputText(r *schemas.Task) string {
	credits := creditText(" and used %d credits", r.Credits)
	switch {
	case r.Output != nil && r.Output.Rows != nil:
		return fmt.Sprintf("%s; its output is %s with %d rows", credits, r.Output.Kind, *r.Output.Rows)
	case r.Output != nil:
		return fmt.Sprintf("%s; its output is %s of %d bytes", credits, r.Output.Kind, r.Output.Bytes)
	case len(r.Files) > 0:
		return credits + "; it left " + CountFiles(len(r.Files))
	}
	return credits + ", but left no output"
}

// elapsedText is how long a run took, as a part of a sentence; "" where it is not known.
func elapsedText(s *runs.Snapshot) string {
	if d := s.Elapsed(); d > 0 {
		return " after " + formatDuration(d)
	}
	return ""
}

// creditText writes credits in a format with one number; "" where they are not known.
func creditText(format string, credits *int64) string {
	if credits == nil {
		return ""
	}
	return fmt.Sprintf(format, *credits)
}

// formatDuration writes a duration in the units that suit it: 45 s, 2 min 5 s, 3 h 4 min.
func formatDuration(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
