package schemas

// A Task is the result of each tool that starts, follows or changes a run.
type Task struct {
	TaskID     string `json:"task_id"`
	WorkflowID string `json:"workflow_id,omitempty"`
	TemplateID string `json:"template_id,omitempty"`
	Status     string `json:"status"`
	// Done says that the task has ended and does not change any more.
	Done bool `json:"done"`
	// NeedsHuman says that the task is paused until the user acts.
	NeedsHuman bool `json:"needs_human"`
	// Summary is one sentence for the user.
	Summary string `json:"summary"`
	// NextStep is the call to make now; nil: none.
	NextStep         *NextStep `json:"next_step,omitempty"`
	PollAfterSeconds int       `json:"poll_after_seconds,omitempty"`
	ElapsedSeconds   int       `json:"elapsed_seconds"`
	// ETASeconds is how long the run still takes, estimated from earlier ones; 0:
	// unknown.
	ETASeconds int `json:"eta_seconds,omitempty"`
	// Credits is nil where the API does not report them, which does not mean 0.
	Credits   *int64   `json:"credits,omitempty"`
	Output    *Output  `json:"output,omitempty"`
	Files     []File   `json:"files,omitempty"`
	Failure   *Failure `json:"failure,omitempty"`
	Steps     []Step   `json:"steps,omitempty"`
	LiveURL   string   `json:"live_url,omitempty"`
	LogURL    string   `json:"log_url,omitempty"`
	ProfileID string   `json:"profile_id,omitempty"`
	// Deduplicated says that the run had been started before, and not again.
	Deduplicated bool     `json:"deduplicated,omitempty"`
	Warnings     []string `json:"warnings"`
	// Screenshot is a JPEG of the page, sent as image content; nil: none.
	Screenshot []byte `json:"-"`
}

// Picture returns the screenshot, nil if there is none.
func (t *Task) Picture() []byte { return t.Screenshot }

// A NextStep is a tool call that is ready to send.
type NextStep struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments"`
	Why       string         `json:"why"`
}

// An Output describes the output of a finished run.
type Output struct {
	Kind  string `json:"kind"`
	Bytes int    `json:"bytes"`
	// Rows is nil for an output without rows.
	Rows    *int     `json:"rows,omitempty"`
	Columns []string `json:"columns,omitempty"`
	// Preview is the beginning of the output, fenced as untrusted data.
	Preview string `json:"preview,omitempty"`
}

// A File is a file of a run's output. URL is empty until it can be downloaded.
type File struct {
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes,omitempty"`
	URL       string `json:"url,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
	State     string `json:"state,omitempty"`
}

// A Failure is why a run failed.
type Failure struct {
	Code    int    `json:"code,omitempty"`
	Message string `json:"message"`
	// Step is the goal of the step that failed, and StepNumber its position in the
	// run from 1; 0: unknown.
	Step       string `json:"step,omitempty"`
	StepNumber int    `json:"step_number,omitempty"`
	// LikelyCause is the usual cause of such a failure, and WhatToChange what to do
	// before another run. Both are written by this server.
	LikelyCause  string `json:"likely_cause,omitempty"`
	WhatToChange string `json:"what_to_change,omitempty"`
}

// A Step is one step of a run. Goal and Evaluation were written by the agent that
// reads the page: untrusted text on one line.
type Step struct {
	Number     int    `json:"number"`
	Status     string `json:"status"`
	Goal       string `json:"goal,omitempty"`
	Evaluation string `json:"evaluation,omitempty"`
}

// Untrusted returns the members whose text may come from a web page.
func (t *Task) Untrusted() []string {
	var where []string
	if t.Output != nil && t.Output.Preview != "" {
		where = append(where, "output.preview")
	}
	if t.Output != nil && len(t.Output.Columns) > 0 {
		where = append(where, "output.columns")
	}
	if len(t.Files) > 0 {
		where = append(where, "files.name")
	}
	if t.Failure != nil {
		where = append(where, "failure.message", "failure.step")
	}
	if len(t.Steps) > 0 {
		where = append(where, "steps.goal", "steps.evaluation")
	}
	if t.Screenshot != nil {
		where = append(where, "content.image")
	}
	return where
}
