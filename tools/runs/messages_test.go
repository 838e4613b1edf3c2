package runs

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

var update = flag.Bool("update", false, "write the golden file of messages")

const golden = "testdata/messages.golden"

var sentAt = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func TestMessages(t *testing.T) {
	t.Parallel()
	var messages []problem.Error
	for _, err := range failures() {
		messages = append(messages, problem.Table{}.Explain(err))
	}
	for _, text := range []string{
		exceededWarning(&ledger.Exceeded{Limit: ledger.RunsPerDay, Used: 5, Max: 5, Requested: 1}),
		degradedWarning(&ledger.UnavailableError{Reason: "the disk is full"}),
		Request{WorkflowID: "1"}.activeWarning(sameInputs),
		Request{TemplateID: "1"}.activeWarning(sameInputs),
		Request{TemplateID: "1"}.activeWarning(unclearInputs),
	} {
		messages = append(messages, problem.Error{Code: "warning", Message: text})
	}
	var got strings.Builder
	for _, m := range messages {
		next, _ := json.Marshal(m.NextStep)
		fmt.Fprintf(&got, "%s, retryable %v after %d s\n  %s\n  next: %s\n", m.Code, m.Retryable, m.RetryAfter, m.Message, next)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./tools/runs -update\n%s", golden, diff)
	}
}

// failures are the errors of starts that this package describes.
func failures() []error {
	task := browseract.TaskSummary{ID: "7", CreatedAt: browseract.Time{Time: sentAt.Add(2 * time.Second)}}
	start := AmbiguousStartError{
		StartUnknownError: &browseract.StartUnknownError{},
		run:               ledger.Run{Kind: Workflow, TargetID: "1", SentAt: sentAt, BegunAt: sentAt},
		nextOwn:           schemas.NextList("to see whether the run was found"),
	}
	with := func(change func(*AmbiguousStartError)) error {
		changed := start
		change(&changed)
		return &changed
	}
	definition := Definition{Owner: "workflow", Inputs: []browseract.Parameter{{Name: "url"}}}
	_, unknown := definition.Check(schemas.Inputs{{Name: "ulr", Value: "x"}})
	e := &Engine{}
	unrepeatable := Request{WorkflowID: "1", AllowDuplicate: true}
	return []error{
		&start,
		with(func(a *AmbiguousStartError) { a.unread = true }),
		with(func(a *AmbiguousStartError) { a.unread, a.run.Absence.Candidates = true, []string{"7"} }),
		with(func(a *AmbiguousStartError) { a.partial = true }),
		with(func(a *AmbiguousStartError) { a.request = unrepeatable }),
		with(func(a *AmbiguousStartError) { a.request.IdempotencyKey = "k" }),
		with(func(a *AmbiguousStartError) {
			a.candidates = []candidate{{task: task, inputs: sameInputs, timely: true}}
		}),
		with(func(a *AmbiguousStartError) {
			a.candidates = slices.Repeat([]candidate{{task: task, inputs: unclearInputs}}, MaxNamed+1)
		}),
		(&claim{e: e, request: Request{WorkflowID: "1"}}).inProgress(),
		(&claim{e: e, request: unrepeatable}).inProgress(),
		keyConflict(ledger.Run{TaskID: "7"}),
		rowsMayBeActive(task),
		overBudget(&ledger.Exceeded{Limit: ledger.RunsPerDay, Used: 5, Max: 5, Requested: 1, AvailableAt: sentAt}),
		overBudget(&ledger.Exceeded{Limit: ledger.ActiveRuns, Used: 2, Max: 2, Requested: 1}),
		overBudget(&ledger.Exceeded{Limit: ledger.CreditsPerDay, Used: 90, Max: 100, Requested: 200}),
		notAllowed(),
		unknown,
	}
}

func notAllowed() error {
	_, err := Policy{Mode: BudgetEnforce, AllowWorkflows: []string{"1", "2"}, AllowTemplates: []string{"3"}}.Permit(Workflow, "4")
	return err
}
