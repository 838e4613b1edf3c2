package schemas

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
	for _, row := range b.Rows {
		if row.Error != "" {
			return []string{"rows.error"}
		}
	}
	return nil
}

// Untrusted returns the members whose text may come from a web page.
func (l *TaskList) Untrusted() []string {
	for _, task := range l.Tasks {
		if task.Failure != nil {
			return []string{"tasks.failure.message"}
		}
	}
	return nil
}
