package present

import (
	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
)

// Whoever has the address of a live view can act in its browser, and whoever has a
// pre-signed link can read its file. Where the operator hides them, a model and its
// transcript get neither: the user opens the log page or the dashboard instead. A
// question to the user still has the address, which the client puts before them and
// not before the model.

// Hide takes out of a result what the deployment keeps from models. Whatever
// tells a task or a batch has to pass here.
func (p *Presenter) Hide(result any) {
	if p.Lockdown {
		withhold(result)
	}
	if p.HideLiveURLs {
		hideAddresses(result)
	}
}

const hiddenFiles = "This server keeps links to files out of the conversation: the user finds the files on the task's log page (log_url)."

// hideAddresses cuts the addresses in texts of the vendor and of pages to their
// hosts: a failure's message may name the live view too.
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
