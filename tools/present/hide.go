package present

import (
	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
)

// The address of a live view lets its holder act in the browser, and a pre-signed link
// lets its holder read the file. Where the operator hides them, a model and its
// transcript get neither: the user opens the log page or the dashboard instead. A
// question to the user still has the address: the client shows it to the user, not to
// the model.

// Hide removes from a result what the deployment keeps from models. Every result that
// describes tasks or a batch has to pass here: a pointer to a [schemas.Task],
// [schemas.Batch] or [schemas.TaskList].
func (p *Presenter) Hide(result any) {
	if p.Lockdown {
		withhold(result)
	}
	if p.HideLiveURLs {
		hideAddresses(result)
	}
}

const hiddenFiles = "This server keeps links to files out of the conversation: the user finds the files on the task's log page (log_url)."

// hideAddresses removes addresses, and cuts those in texts of BrowserAct and of pages to
// their hosts: a failure's message may name the live view too.
func hideAddresses(result any) {
	switch r := result.(type) {
	case *schemas.Task:
		hideInTask(r)
	case *schemas.Batch:
		for i := range r.Rows {
			r.Rows[i].LiveURL = ""
			r.Rows[i].Error = browseract.RedactURLs(r.Rows[i].Error)
		}
	case *schemas.TaskList:
		for i := range r.Tasks {
			hideInFailure(r.Tasks[i].Failure)
		}
	}
}

func hideInTask(r *schemas.Task) {
	r.LiveURL = ""
	linked := false
	for i := range r.Files {
		linked = linked || r.Files[i].URL != ""
		r.Files[i].URL = ""
	}
	if linked {
		r.Warnings = append(r.Warnings, hiddenFiles)
	}
	for i := range r.Steps {
		r.Steps[i].Goal = browseract.RedactURLs(r.Steps[i].Goal)
		r.Steps[i].Evaluation = browseract.RedactURLs(r.Steps[i].Evaluation)
	}
	hideInFailure(r.Failure)
}

func hideInFailure(f *schemas.Failure) {
	if f != nil {
		f.Message, f.Step = browseract.RedactURLs(f.Message), browseract.RedactURLs(f.Step)
	}
}
