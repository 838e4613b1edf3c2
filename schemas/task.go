package schemas

// A Task is what every tool that starts, follows or changes a run answers with.
type Task struct {
	TaskID     string `json:"task_id"`
	WorkflowID string `json:"workflow_id,omitempty"`
	TemplateID string `json:"template_id,omitempty"`
	Status     string `json:"status"`
	// Done says that the task has ended; it will not change any more.
	Done bool `json:"done"`
	// NeedsHuman says that the task waits for a person to act.
	NeedsHuman bool `json:"needs_human"`
	// Summary is one sentence for a person.
	Summary string `json:"summary"`
	// NextStep is the one call that makes sense now; nil when there is none.
	NextStep         *NextStep `json:"next_step,omitempty"`
	PollAfterSeconds int       `json:"poll_after_seconds,omitempty"`
	ElapsedSeconds   int       `json:"elapsed_seconds"`
	// ETASeconds is how long the run still takes, as its like did; 0 where nobody
	// knows.
	ETASeconds int `json:"eta_seconds,omitempty"`
	// Credits is nil where the API does not tell, which is not the same as none.
	Credits   *int64   `json:"credits,omitempty"`
	Output    *Output  `json:"output,omitempty"`
	Files     []File   `json:"files,omitempty"`
	Failure   *Failure `json:"failure,omitempty"`
	Steps     []Step   `json:"steps,omitempty"`
	LiveURL   string   `json:"live_url,omitempty"`
	LogURL    string   `json:"log_url,omitempty"`
	ProfileID string   `json:"profile_id,omitempty"`
	// Deduplicated says that this run was asked for before and not started again.
	Deduplicated bool     `json:"deduplicated,omitempty"`
	Warnings     []string `json:"warnings"`
	// Screenshot is a JPEG of the page, sent beside the result; nil: none.
	Screenshot []byte `json:"-"`
}

// Picture returns what is sent beside the result as an image.
func (t *Task) Picture() []byte { return t.Screenshot }

// A NextStep is one call of a tool, ready to send.
type NextStep struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments"`
	Why       string         `json:"why"`
}

// An Output tells what a finished run wrote, without all of it.
type Output struct {
	Kind  string `json:"kind"`
	Bytes int    `json:"bytes"`
	// Rows is nil for an output that has none.
	Rows    *int     `json:"rows,omitempty"`
	Columns []string `json:"columns,omitempty"`
	// Preview is the beginning, fenced as untrusted data.
	Preview string `json:"preview,omitempty"`
}

// A File is a file that a run produced. URL is empty until it can be fetched.
type File struct {
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes,omitempty"`
	URL       string `json:"url,omitempty"`
	ExpiresAt string `json:"expires_at,omitempty"`
	State     string `json:"state,omitempty"`
}

// A Failure tells why a run failed.
type Failure struct {
	Code    int    `json:"code,omitempty"`
	Message string `json:"message"`
	// Step is the goal of the step that failed, and StepNumber its place in the run;
	// 0: nobody knows.
	Step       string `json:"step,omitempty"`
	StepNumber int    `json:"step_number,omitempty"`
	// LikelyCause is what such a failure mostly comes from, and WhatToChange what
	// helps before another run. Both are ours.
	LikelyCause  string `json:"likely_cause,omitempty"`
	WhatToChange string `json:"what_to_change,omitempty"`
}

// A Step is one step of a run. Goal and Evaluation were written by the agent that
// reads the page: data, cleaned to one line.
type Step struct {
	Number     int    `json:"number"`
	Status     string `json:"status"`
	Goal       string `json:"goal,omitempty"`
	Evaluation string `json:"evaluation,omitempty"`
}
