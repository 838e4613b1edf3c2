package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

type saveTaskOutputInput struct {
	TaskID schemas.ID `json:"task_id"`
	File   string     `json:"file,omitempty" jsonschema:"maxLength=255" jsonschema_description:"One of its files, by name; else its text"`
}

type savedOutput struct {
	TaskID string `json:"task_id"`
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	// Existed says that the same bytes had been saved there before.
	Existed  bool     `json:"existed,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// Untrusted names the member that holds text which a web page may have written.
func (savedOutput) Untrusted() []string { return []string{"path"} }

// saveTaskOutput is offered where the operator has named a folder, which only one
// who serves a client on this machine can sensibly do: elsewhere get_task hands
// over the links.
func saveTaskOutput(t *tools) server.ServerTool {
	return define(t, spec{
		name:        "save_task_output",
		title:       "Save task output",
		description: "Save a task's whole output text, or one of its files, into the user's download folder. Overwrites nothing.",
		effects:     effects{readOnly: false, destructive: false, idempotent: true, openWorld: true},
	}, func(ctx context.Context, in saveTaskOutputInput) (savedOutput, error) {
		seen, err := t.runs.Fetch(ctx, string(in.TaskID), 0)
		if err != nil {
			return savedOutput{}, err
		}
		save := t.saveText
		if in.File != "" {
			save = t.saveFile
		}
		return save(ctx, seen, in)
	})
}

func (t *tools) saved(id schemas.ID, s download.Saved, err error) (savedOutput, error) {
	return savedOutput{TaskID: string(id), Path: s.Path, Bytes: s.Bytes, Existed: s.Existed}, t.saveError(id, err)
}

// saveText saves what the run wrote, byte by byte.
func (t *tools) saveText(_ context.Context, s *runs.Snapshot, in saveTaskOutputInput) (savedOutput, error) {
	if err := readable(s.Task); err != nil {
		return savedOutput{}, err
	}
	written := output.Parse(s.Task.Output.String)
	saved, err := t.Downloads.Save(string(in.TaskID)+extensionOf(written.Kind()), strings.NewReader(s.Task.Output.String))
	result, err := t.saved(in.TaskID, saved, err)
	result.Warnings = output.FormulaWarning(written.Formulas())
	return result, err
}

func extensionOf(kind output.Kind) string {
	switch kind {
	case output.Markdown:
		return ".md"
	case output.Text, output.Empty:
		return ".txt"
	}
	return "." + string(kind)
}

// saveFile fetches a file and saves it.
func (t *tools) saveFile(ctx context.Context, s *runs.Snapshot, in saveTaskOutputInput) (savedOutput, error) {
	file, err := t.fileNamed(s, in)
	if err != nil {
		return savedOutput{}, err
	}
	body, err := t.Files.Open(ctx, file.URL, download.MaxBytes)
	if err != nil {
		return savedOutput{}, t.saveError(in.TaskID, err)
	}
	defer body.Close()
	saved, err := t.Downloads.Save(file.Original, body)
	return t.saved(in.TaskID, saved, err)
}

// fileNamed finds a file by the name that get_task shows.
func (t *tools) fileNamed(s *runs.Snapshot, in saveTaskOutputInput) (present.File, error) {
	for i, f := range present.Files(s) {
		if t.Lockdown { // what a page wrote appears neither here nor in the path
			f.Name = sanitize.NumberedFile(f.Name, i+1)
			f.Original = f.Name
		}
		switch {
		case f.Name != in.File:
		case f.Expired():
			return f, fileRefusal(in.TaskID, "file_expired", "BrowserAct has deleted this file: it keeps files for a few days only.")
		case f.URL == "":
			return f, fileRefusal(in.TaskID, "file_not_ready", "This file has no link that could be fetched: it is not uploaded yet, or its upload failed. get_task shows its state.")
		default:
			return f, nil
		}
	}
	return present.File{}, fileRefusal(in.TaskID, "no_such_file", fmt.Sprintf("The task has %s, and none of that name. Use a name as get_task shows it.", present.CountFiles(len(present.Files(s)))))
}
