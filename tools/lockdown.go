package tools

import (
	"errors"
	"slices"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// In lockdown no text that a web page may have written reaches the model: not in
// outputs, steps, screenshots, failure messages, progress, names of columns and of files. What
// is left is what was counted, and links for the user. Results pass withhold on
// their way out; pages of outputs are made of [output.Document.Locked].

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
	case *listTasksResult:
		for i := range r.Tasks {
			withholdFailure(r.Tasks[i].Failure)
		}
	}
}

func withholdTask(r *schemas.Task) {
	withholdFailure(r.Failure)
	if r.Output != nil {
		r.Output.Preview = ""
		r.Output.Columns = plainNames(r.Output.Columns, "column")
	}
	for i := range r.Steps {
		r.Steps[i].Goal, r.Steps[i].Evaluation = "", ""
	}
	for i := range r.Files {
		r.Files[i].Name = output.PlainName(r.Files[i].Name, "file", i+1)
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

// showable is what of an output may be shown.
func (t *toolset) showable(d *output.Document) *output.Document {
	if t.Lockdown {
		return d.Locked()
	}
	return d
}

// pageError says what is wrong with the arguments for a page.
func pageError(id schemas.ID, err error) error {
	if errors.Is(err, output.ErrLocked) {
		return &refusal{
			Code: "locked_down",
			Message: "This server is locked down: it tells what an output holds, and never shows its text. Ask for view=profile without select. " +
				"The user can read the output at the links that get_task gives.",
			NextStep: &schemas.NextStep{
				Tool:      "get_task_output",
				Arguments: map[string]any{"task_id": string(id), "view": string(output.ViewProfile)},
				Why:       "to see what the output holds",
			},
		}
	}
	return &refusal{Code: "invalid_arguments", Message: err.Error()}
}

// withholdComparison leaves of a comparison what was counted.
func withholdComparison(h comparisonHeader) comparisonHeader {
	h.Key = output.PlainName(h.Key, "key", 1)
	h.Columns = output.Drift{Added: plainNames(h.Columns.Added, "added"), Removed: plainNames(h.Columns.Removed, "removed"), Retyped: slices.Clone(h.Columns.Retyped)}
	for i, c := range h.Columns.Retyped {
		h.Columns.Retyped[i].Name = output.PlainName(c.Name, "retyped", i+1)
	}
	h.Returned, h.NextOffset, h.NextStep = 0, nil, nil
	h.Warnings = append(h.Warnings, "The rows are "+withheld+".")
	return h
}

func plainNames(names []string, of string) []string {
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = output.PlainName(name, of, i+1)
	}
	return plain
}
