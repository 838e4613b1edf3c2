// Package present shows a [runs.Snapshot] as a [schemas.Task]: a summary, what to do next,
// and what a failure means. It is the one place where a deployment hides from models what
// they must not see.
//
// Begin with [Presenter.Task] and task.go; hide.go and lockdown.go are what is hidden.
//
// The package reads nothing from BrowserAct but a screenshot, starts nothing, and does
// not know the ledger.
package present

import (
	"context"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// A Config says what a deployment shows.
type Config struct {
	// Lockdown keeps from the model all text that a web page may have written.
	Lockdown bool
	// HideLiveURLs keeps the addresses of live views and of files from the model.
	HideLiveURLs bool
	// ReadOnly says that no tool resumes tasks.
	ReadOnly bool
	// WorkflowTool and TemplateTool are the tools that read a definition; "" is that it
	// is not offered.
	WorkflowTool, TemplateTool string
	// Mask removes from a text of inputs what is kept from the model. Nil: nothing.
	Mask func(string) string
	// Files fetches screenshots, in calls of Calls. Both are required.
	Files *download.Client
	Calls *call.Calls
}

// A Presenter shows tasks.
type Presenter struct {
	Config
	drawing chan struct{} // has one while a picture is unpacked
}

// New returns a presenter.
func New(cfg Config) *Presenter { return &Presenter{Config: cfg, drawing: make(chan struct{}, 1)} }

// Options say how an answer shows a task.
type Options struct {
	// AllSteps asks for every step.
	AllSteps bool
	// Screenshot asks for the picture of the step that decided how the run stands.
	Screenshot bool
	// Reaction is what the user did when asked to act, a sentence; "": nothing.
	Reaction string
}

// Task is the one shape of every run, wait and status. It cannot fail: what cannot be
// shown is a warning.
func (p *Presenter) Task(ctx context.Context, s *runs.Snapshot, o Options) schemas.Task {
	result := p.describe(s, o)
	if o.Screenshot {
		p.addScreenshot(ctx, s, &result)
	}
	if s.Task.Status == browseract.TaskFailed && result.NextStep == nil {
		result.NextStep = p.definitionStep(s)
	}
	return result
}

func (p *Presenter) mask(text string) string {
	if p.Mask == nil {
		return text
	}
	return p.Mask(text)
}
