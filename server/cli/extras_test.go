package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestWhatCannotBeReadOrAskedHasTheCodeOfItsRevision asks the program for resources,
// prompts and completions that there are not.
func TestWhatCannotBeReadOrAskedHasTheCodeOfItsRevision(t *testing.T) {
	t.Parallel()
	facts := []struct {
		method, params     string
		code2025, code2026 int
		want               string
	}{
		{"resources/read", `"uri":"browseract://tasks/424242",`, -32002, -32602, "There is no task with this id for this API key. Check the task_id, or call list_tasks."},
		{"resources/read", `"uri":"browseract://tasks/424242/output",`, -32002, -32602, "There is no task with this id for this API key. Check the task_id, or call list_tasks."},
		{"resources/read", `"uri":"browseract://tasks/424242/files/a",`, -32002, -32602, "There is no task with this id for this API key. Check the task_id, or call list_tasks."},
		{"resources/read", `"uri":"browseract://workflows/424242",`, -32002, -32602, `BrowserAct refused the request: "Workflow is not exist". The same call`},
		{"resources/read", `"uri":"browseract://templates/424242",`, -32002, -32602, `BrowserAct refused the request: "Workflow template is not exist". The same call`},
		{"resources/read", `"uri":"browseract://tasks/a%20b",`, -32602, -32602, "task_id must be an id of letters, digits, _ and -"},
		{"resources/read", `"uri":"browseract://tasks/a%20b/output",`, -32602, -32602, "task_id must be an id of letters, digits, _ and -"},
		{"resources/read", `"uri":"file:///etc/passwd",`, -32002, -32602, `Resource "file:///etc/passwd" not found. Call resources/templates/list`},
		{"prompts/get", `"name":"scrape","arguments":{"wish":" \u200b"},`, -32602, -32602, "The prompt scrape needs the argument wish:"},
		{"prompts/get", `"name":"steal",`, -32602, -32602, `Prompt "steal" not found. Call prompts/list`},
		{"completion/complete", `"ref":{"type":"ref/prompt","name":"steal"},"argument":{"name":"task_id","value":""},`, -32602, -32602, "There is no such prompt or resource template"},
		{"completion/complete", `"ref":{"type":"ref/resource","uri":"browseract://tasks/{task_id}"},"argument":{"name":"workflow_id","value":""},`, -32602, -32602, "it has no such argument"},
	}
	for era, code := range map[string]func(at int) int{
		"2025-11-25": func(at int) int { return facts[at].code2025 },
		"2026-07-28": func(at int) int { return facts[at].code2026 },
	} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := open(t, era, "--simulator")
				p.initialize()
				for at, f := range facts {
					p.request(f.method, f.params)
					got := received(t, <-p.lines)
					if got.Error == nil || got.Error.Code != code(at) || !strings.Contains(got.Error.Message, f.want) {
						t.Errorf("%s %s: got %+v, want %d %s", f.method, f.params, got.Error, code(at), f.want)
					}
				}
				p.end()
			})
		})
	}
}
