package schemas

import "slices"

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

// Untrusted returns the members whose text may come from a web page.
func (b *Batch) Untrusted() []string {
	if slices.ContainsFunc(b.Rows, func(row BatchRow) bool { return row.Error != "" }) {
		return []string{"rows.error"}
	}
	return nil
}

// Untrusted returns the members whose text may come from a web page.
func (l *TaskList) Untrusted() []string {
	if slices.ContainsFunc(l.Tasks, func(task ListedTask) bool { return task.Failure != nil }) {
		return []string{"tasks.failure.message"}
	}
	return nil
}
