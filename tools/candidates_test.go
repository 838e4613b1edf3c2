package tools_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// A candidate counts for ten minutes after its end, whatever the Date header says.
func TestCandidateCountsAfterItsEndByHowLongItTook(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		arguments := d.oneInput("run_workflow", "q", "x", 5*time.Minute)
		d.account.Inject(tellingValue(func(string) string { return "null" }))
		d.loseAnswer()
		d.call(context.Background(), "run_workflow", arguments)
		time.Sleep(11 * time.Minute)
		for range 3 {
			a := d.call(context.Background(), "run_workflow", arguments)
			if n := len(d.account.Tasks()); n != 1 || !strings.Contains(a.Text, d.account.Tasks()[0].ID) {
				t.Fatalf("%d runs were paid: %s", n, a.Text)
			}
			time.Sleep(time.Minute)
		}
	}, simulator.WithHeaderOffset(time.Hour))
}

func TestRunOfAWorkflowAnswersNoStartOfATemplate(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		workflow := d.call(context.Background(), "run_workflow", d.oneInput("run_workflow", "q", "x", 5*time.Hour)).task()
		task := newDeskOn(t, d).call(context.Background(), "run_template", d.oneInput("run_template", "q", "x", 5*time.Hour)).task()
		if task.Deduplicated || task.TaskID == workflow.TaskID {
			t.Errorf("got %+v", task)
		}
	})
}

func TestOwnRunsAreFoundBesideOneThatIsUnclear(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		older := d.oneInput("run_workflow", "q", "x", 5*time.Hour)
		restore := d.account.Inject(simulator.Fault{Endpoint: "list-tasks", Skip: 1, Status: 503})
		d.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true})
		d.call(context.Background(), "run_workflow", older)
		restore()
		d.account.Inject(simulator.Fault{Endpoint: "run-task-by-template", Abort: true})
		d.call(context.Background(), "run_template", d.oneInput("run_template", "q", "x", 5*time.Hour))
		time.Sleep(time.Minute)
		own := d.call(context.Background(), "list_tasks", `{"mine":true}`).Text
		if !strings.Contains(own, d.account.Tasks()[0].ID) || !strings.Contains(own, "may_have_started") {
			t.Errorf("got %s", own)
		}
	})
}

func TestListThatCannotBeReadIsSaidToBeSo(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "list-tasks", Skip: 1, Status: 503})
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
		if p := d.ask("Never Ends", "").problem(); p.Code != "start_unknown" || !strings.Contains(p.Message, "could not be read") {
			t.Errorf("got %+v", p)
		}
	})
}
