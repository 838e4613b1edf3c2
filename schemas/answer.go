package schemas

import (
	"bytes"
	"encoding/json"
	"time"
)

// Marshal returns v as JSON without the escapes for HTML, which a model would pay for.
// The error is that of [json.Marshal].
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// Timestamp returns an instant as RFC 3339 in UTC, in whole seconds; the zero time as "".
func Timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// NextTask returns the call of a tool for a task.
func NextTask(tool, taskID, why string) *NextStep {
	return &NextStep{Tool: tool, Arguments: map[string]any{"task_id": taskID}, Why: why}
}

// NextList returns a call of list_tasks without arguments.
func NextList(why string) *NextStep {
	return &NextStep{Tool: "list_tasks", Arguments: map[string]any{}, Why: why}
}
