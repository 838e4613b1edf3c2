package tools_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

func TestRunIsFoundWhateverItsLastInputEndsIn(t *testing.T) {
	for _, value := range []string{"a;", "a;;", "a; ", "x=1;y=2;", "a\n", " a", "é\u2028<b>&"} {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.account.AddWorkflow(simulator.Workflow{
					Name:     "One Input",
					Inputs:   []simulator.Input{{Name: "q", Required: true}},
					Scenario: simulator.Scenario{Running: 5 * time.Hour},
				})
				d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
				arguments := fmt.Sprintf(`{"workflow_id":%q,"inputs":{"q":%s}}`, id, marshal(t, value))
				d.holdOneTask(t, d.call(context.Background(), "run_workflow", arguments))
				time.Sleep(2 * time.Minute)
				d.holdOneTask(t, d.call(context.Background(), "run_workflow", arguments))
			})
		})
	}
}

func TestUnclearStartIsLookedForWithoutALedger(t *testing.T) {
	d := newDesk(t, simulator.New(), func(c *tools.Config) { c.Ledger = nil })
	d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
	a := d.ask("Never Ends", `,"wait_seconds":0`)
	d.holdOneTask(t, a)
	if len(a.task().Warnings) == 0 {
		t.Errorf("it is not said that the task was found: %s", a.Text)
	}
}

// Two calls wait for a start before theirs, which is refused late. What the last of
// them starts has to be looked for from when it was sent, not from when it was asked.
func TestStartThatWaitedForOthersIsFound(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		for skip := range 2 {
			d.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: skip, Times: 1, Delay: 14 * time.Second, Status: 400, Code: 10118})
		}
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: 2, Times: 1, Delay: 6 * time.Second, Truncate: 5})
		answers := make(chan answer, 3)
		for range cap(answers) {
			go func() { answers <- d.ask("Never Ends", `,"wait_seconds":50`) }()
		}
		for range cap(answers) {
			<-answers
		}
		time.Sleep(2 * time.Minute)
		d.holdOneTask(t, d.ask("Never Ends", ""))
		if n := len(d.account.Tasks()); n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	}, simulator.WithListLag(8*time.Second))
}

func TestStartIsNotLostWhileAWiderLookShowsSomethingLikeIt(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		// The API's clock runs on, and its Date header tells of another one.
		d.account.Inject(simulator.Fault{Header: http.Header{"Date": {time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)}}, Endpoint: "get-workflow"})
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
		d.ask("Never Ends", "")
		time.Sleep(2 * time.Minute)
		d.ask("Never Ends", "")
		if n := len(d.account.Tasks()); n != 1 {
			t.Errorf("%d runs were started", n)
		}
	})
}

func TestDeletedTaskDoesNotBlockItsLike(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.start("Never Ends")
		gone := simulator.Fault{Status: 400, Code: 10112, Msg: "Task is not exist."}
		for _, endpoint := range []string{"get-task", "get-task-status"} {
			gone.Endpoint = endpoint
			defer d.account.Inject(gone)()
		}
		time.Sleep(time.Hour)
		d.ask("Never Ends", `,"wait_seconds":0`)
		if n := len(d.account.Tasks()); n != 2 {
			t.Errorf("%d runs were started, want a second", n)
		}
	})
}
