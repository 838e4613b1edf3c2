package present

import (
	"errors"
	"slices"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// In lockdown no text that a web page may have written reaches the model: not in outputs,
// steps, screenshots, failure messages, progress, names of columns and of files. What is
// left are counts, and links for the user. Results pass withhold on their way out; pages
// of outputs are made of [output.Document.Locked].

// withheld stands where a text would.
const withheld = "withheld: this server is locked down"

// withhold takes the texts of web pages out of a result.
func withhold(result any) {
	switch r := result.(type) {
	case *schemas.Task:
		withholdTask(r)
	case *schemas.Batch:
		for i := range r.Rows {
			if r.Rows[i].Status == "failed" {
				r.Rows[i].Error = withheld
			}
		}
	case *schemas.TaskList:
		for i := range r.Tasks {
			withholdFailure(r.Tasks[i].Failure)
		}
	}
}

func withholdTask(r *schemas.Task) {
	withholdFailure(r.Failure)
	if r.Output != nil {
		r.Output.Preview = ""
		r.Output.Columns = numbered(r.Output.Columns, "column")
	}
	for i := range r.Steps {
		r.Steps[i].Goal, r.Steps[i].Evaluation = "", ""
	}
	for i := range r.Files {
		r.Files[i].Name = sanitize.NumberedFile(r.Files[i].Name, i+1)
	}
	if next := r.NextStep; next != nil && next.Tool == "get_task_output" {
		next.Arguments["view"] = string(output.ViewProfile)
	}
}

func withholdFailure(f *schemas.Failure) {
	if f != nil {
		f.Message, f.Step = withheld, ""
	}
}

// Showable returns what may be shown of an output: in lockdown its form without its text.
func (p *Presenter) Showable(d *output.Document) *output.Document {
	if p.Lockdown {
		return d.Locked()
	}
	return d
}

// PageError returns a [*problem.Error] for arguments with which an output cannot be paged:
// in lockdown with the call that can be made instead.
func PageError(id schemas.ID, err error) error {
	if errors.Is(err, output.ErrLocked) {
		return &problem.Error{
			Code: "locked_down",
			Message: "This server is locked down: it shows the form of an output, and never its text. Ask for view=profile without select. " +
				"The user can read the output at the links that get_task gives.",
			NextStep: &schemas.NextStep{
				Tool:      "get_task_output",
				Arguments: map[string]any{"task_id": string(id), "view": string(output.ViewProfile)},
				Why:       "to see what the output holds",
			},
		}
	}
	return &problem.Error{Code: problem.CodeInvalidArguments, Message: err.Error()}
}

// ErrLockedKey is the error of a key that no column has: the usual one lists the columns.
var ErrLockedKey = &problem.Error{Code: problem.CodeInvalidArguments, Message: "key names no column of both outputs. Leave it out, or name one as column_1, in the order of get_task_output's profile."}

// WithholdComparison returns the counts of a comparison, without texts of its outputs.
func WithholdComparison(h schemas.Comparison) schemas.Comparison {
	if h.KeyGuessed {
		h.Key = ""
	}
	h.Columns = schemas.ColumnChanges{Added: numbered(h.Columns.Added, "added"), Removed: numbered(h.Columns.Removed, "removed"), Retyped: slices.Clone(h.Columns.Retyped)}
	for i := range h.Columns.Retyped {
		h.Columns.Retyped[i].Name = sanitize.Numbered("retyped", i+1)
	}
	h.Returned, h.NextOffset, h.NextStep = 0, nil, nil
	h.Warnings = append(h.Warnings, "The rows are "+withheld+".")
	return h
}

func numbered(names []string, of string) []string {
	plain := make([]string, len(names))
	for i := range names {
		plain[i] = sanitize.Numbered(of, i+1)
	}
	return plain
}
