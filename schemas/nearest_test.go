package schemas_test

import (
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
)

func TestNearestName(t *testing.T) {
	t.Parallel()
	valid := []string{"task_id", "Search_Keywords", "language", "languages", "Maximum number of pages", "国家", "url"}
	tests := []struct{ name, want string }{
		{"task_id", "task_id"},
		{"taskId", "task_id"},
		{"TASK-ID", "task_id"},
		{"tsk_id", "task_id"},
		{"search keywords", "Search_Keywords"},
		{"Search_Keyword", "Search_Keywords"},
		{"languages", "languages"},
		{"langauge", "language"},
		{"rul", "url"},
		{"maximum_number_of_page", "Maximum number of pages"},
		{"国家", "国家"},
		{"id", ""},
		{"ab", ""},
		{"keywords", ""},
		{"", ""},
		{"_", ""},
		{strings.Repeat("_", 300) + "task_id", ""},
	}
	for _, test := range tests {
		got, ok := schemas.Nearest(test.name, valid)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%.20q: got %q, %v, want %q", test.name, got, ok, test.want)
		}
	}
}

func TestNearestOfNoNamesIsNone(t *testing.T) {
	t.Parallel()
	if got, ok := schemas.Nearest("task_id", nil); ok {
		t.Errorf("got %q, want none", got)
	}
}
