package tools_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

func TestRunIsFoundWithAnyEndOfItsLastInput(t *testing.T) {
	for _, value := range []string{"a;", "a;;", "a; ", "x=1;y=2;", "a\n", " a", "é\u2028<b>&"} {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.account.AddWorkflow(simulator.Workflow{
					Name:     "One Input",
					Inputs:   []simulator.Input{{Name: "q", Required: true}},
					Scenario: simulator.Scenario{Running: 5 * time.Hour},
				})
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
				arguments := fmt.Sprintf(`{"workflow_id":%q,"inputs":{"q":%s}}`, id, marshal(t, value))
				srv.checkOneTask(t, srv.call(context.Background(), "run_workflow", arguments))
				time.Sleep(2 * time.Minute)
				srv.checkOneTask(t, srv.call(context.Background(), "run_workflow", arguments))
			})
		})
	}
}

func TestRunIsFoundInAnyShapeOfItsInputs(t *testing.T) {
	reshaped := func(separator string) simulator.Fault {
		return simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
			return []byte(strings.ReplaceAll(string(raw), `a=1;2=3;b=x=y; z`, `a=1;2=3`+separator+`b=x=y; z`))
		}}
	}
	for name, f := range map[string]struct {
		odd   simulator.Quirks
		fault simulator.Fault
	}{
		"k=v;k=v":        {},
		"k=v; k=v":       {fault: reshaped("; ")},
		"ends in a sign": {fault: simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte { return []byte(strings.ReplaceAll(string(raw), "x=y; z", "x=y; z;")) }}},
		"with what was left blank": {fault: simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
			return []byte(strings.ReplaceAll(string(raw), "a=1;2=3;b=x=y; z", "lang=en;a=1;2=3;b=x=y; z;c=10"))
		}}},
		"names and values":  {odd: simulator.Quirks{InputsAsArray: true}},
		"the ledger is off": {odd: simulator.Quirks{InputsAsArray: true}},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *testServer {
				return newServer(t, newAccount(), func(cfg *tools.Config) {
					if name == "the ledger is off" {
						cfg.Ledger = nil
					}
				})
			}
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				id := srv.account.AddWorkflow(simulator.Workflow{
					Name:     "Two Inputs",
					Inputs:   []simulator.Input{{Name: "a", Required: true}, {Name: "b"}, {Name: "c"}},
					Scenario: simulator.Scenario{Running: 5 * time.Hour, Quirks: f.odd},
				})
				if f.fault.Endpoint != "" {
					srv.account.Inject(f.fault)
				}
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
				// Sent in the order of the definition, in any order of the call.
				a := srv.call(context.Background(), "run_workflow", fmt.Sprintf(`{"workflow_id":%q,"wait_seconds":0,"inputs":{"c":"","b":"x=y; z","a":"1;2=3"}}`, id))
				srv.checkOneTask(t, a)
				if len(srv.account.Tasks()) != 1 || len(a.task().Warnings) == 0 {
					t.Errorf("got %s", a.Text)
				}
			})
		})
	}
}

// Another client's run of the same workflow with other inputs is not taken for it.
func TestRunWithOtherInputsIsNotAdopted(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.account.Workflow("Never Ends").ID
		run := browseract.WorkflowRun{WorkflowID: id}
		for _, in := range srv.account.Workflow("Never Ends").Inputs {
			run.Inputs = append(run.Inputs, browseract.Input{Name: in.Name, Value: "https://shop.example/other"})
		}
		if _, err := srv.client.RunWorkflow(context.Background(), run); err != nil {
			t.Fatal(err)
		}
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Abort: true})
		if p := srv.run("Never Ends", "").problem(); p.Code != "start_unknown" || strings.Contains(p.Message, srv.account.Tasks()[0].ID) {
			t.Errorf("got %+v", p)
		}
	})
}

// A process that was killed holds its lease to the end, which is longer than calls wait.
func TestRunOfAKilledProcessIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Delay: time.Hour, Times: 1})
		go srv.run("Never Ends", "") // it gets no answer for 15 s, as if it were killed
		time.Sleep(time.Second)
		began := time.Now()
		srv.checkOneTask(t, newServerOn(t, srv, withFile(t, path)).run("Never Ends", `,"wait_seconds":0`))
		if took := time.Since(began); took > 8*time.Second || len(srv.account.Tasks()) != 1 {
			t.Errorf("took %v", took)
		}
		time.Sleep(time.Minute)
	})
}

func TestKnownRunIsNotAdoptedTwice(t *testing.T) {
	for created, fault := range map[bool]simulator.Fault{false: {Abort: true}, true: {Abort: true, After: true}} {
		t.Run(fmt.Sprint(created), func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				known := srv.start("Never Ends")
				fault.Endpoint, fault.Times = "run-task", 1
				srv.account.Inject(fault)
				a := srv.run("Never Ends", `,"wait_seconds":0,"allow_duplicate":true`)
				if created && a.task().TaskID == known {
					t.Errorf("got %s", a.Text)
				}
				if !created && (a.problem().Code != "start_unknown" || strings.Contains(a.Text, known)) {
					t.Errorf("got %s", a.Text)
				}
			})
		})
	}
}

// BrowserAct may fill in what was left blank. Then nothing says that a run without
// inputs is this one but its workflow and its time.
func TestRunWithoutInputsIsFoundByItsWorkflowAndTime(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.account.AddWorkflow(simulator.Workflow{Name: "Optional", Inputs: []simulator.Input{{Name: "a"}}, Scenario: simulator.Scenario{Running: 5 * time.Hour}})
		srv.start("Never Ends") // another workflow's, at the same time
		srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
			return []byte(strings.ReplaceAll(string(raw), `"input_parameters":""`, `"input_parameters":"a=10"`))
		}})
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
		task := srv.call(context.Background(), "run_workflow", fmt.Sprintf(`{"workflow_id":%q,"wait_seconds":0}`, id)).task()
		if created := srv.account.Tasks(); task.TaskID != created[0].ID && task.TaskID != created[1].ID || task.WorkflowID != id {
			t.Errorf("got %+v", task)
		}
	})
}

func TestAmbiguousStartIsFoundWithoutLedger(t *testing.T) {
	srv := newServer(t, newAccount(), func(c *tools.Config) { c.Ledger = nil })
	srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
	a := srv.run("Never Ends", `,"wait_seconds":0`)
	srv.checkOneTask(t, a)
	if len(a.task().Warnings) == 0 {
		t.Errorf("it is not said that the task was found: %s", a.Text)
	}
}

// Two calls wait for a start before theirs, which is refused late. What the last of
// them starts has to be looked for from when it was sent, not from when it was asked.
func TestDelayedStartIsFound(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		for skip := range 2 {
			srv.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: skip, Times: 1, Delay: 14 * time.Second, Status: 400, Code: 10118})
		}
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: 2, Times: 1, Delay: 6 * time.Second, Truncate: 5})
		answers := make(chan answer, 3)
		for range cap(answers) {
			go func() { answers <- srv.run("Never Ends", `,"wait_seconds":50`) }()
		}
		for range cap(answers) {
			receive(t, answers)
		}
		time.Sleep(2 * time.Minute)
		srv.checkOneTask(t, srv.run("Never Ends", ""))
		if n := len(srv.account.Tasks()); n != 1 {
			t.Errorf("%d tasks, want 1", n)
		}
	}, simulator.WithListLag(8*time.Second))
}

func TestRunIsFoundWithAWrongDateHeader(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		// The API's clock runs on, and its Date header is that of another one.
		srv.account.Inject(simulator.Fault{Header: http.Header{"Date": {time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)}}, Endpoint: "get-workflow"})
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Abort: true})
		srv.run("Never Ends", "")
		time.Sleep(2 * time.Minute)
		srv.checkOneTask(t, srv.run("Never Ends", ""))
		if n := posts(srv.account); n != 1 {
			t.Errorf("%d starts were sent", n)
		}
	})
}

func TestDeletedTaskDoesNotBlockAnotherStart(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.start("Never Ends")
		gone := simulator.Fault{Status: 400, Code: 10112, Msg: "Task is not exist."}
		for _, endpoint := range []string{"get-task", "get-task-status"} {
			gone.Endpoint = endpoint
			defer srv.account.Inject(gone)()
		}
		time.Sleep(time.Hour)
		srv.run("Never Ends", `,"wait_seconds":0`)
		if n := len(srv.account.Tasks()); n != 2 {
			t.Errorf("%d runs were started, want a second", n)
		}
	})
}
