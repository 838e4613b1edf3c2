package tools_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// startFaults are what can happen to the request of a run. Refused connections are
// counted, since no handler sees them.
var startFaults = map[string]simulator.Fault{
	"clear answer":             {Times: 1},
	"reset before creation":    {Abort: true},
	"reset after creation":     {After: true, Abort: true},
	"time-out before creation": {Delay: time.Hour},
	"time-out after creation":  {After: true, Delay: time.Hour},
	"500":                      {Status: 500},
	"500 after creation":       {After: true, Status: 500},
	"502":                      {Status: 502},
	"502 after creation":       {After: true, Status: 502},
	"503":                      {Status: 503, Code: 503, Msg: "busy"},
	"503 after creation":       {After: true, Status: 503, Code: 503, Msg: "busy"},
	"200 with a code":          {Code: 10999, Msg: "no"},
	"200 with code 500":        {After: true, Code: 500, Msg: "system error"},
	"empty object":             {Body: "{}"},
	"empty object after":       {After: true, Body: "{}"},
	"html":                     {Body: "<html>"},
	"html after":               {After: true, Body: "<html>"},
	"truncated after":          {After: true, Truncate: 5},
	"302":                      {Status: 302, Header: http.Header{"Location": {"/v2/workflow/run-task"}}},
	"307":                      {Status: 307, Header: http.Header{"Location": {"/v2/workflow/run-task"}}},
	"307 after creation":       {After: true, Status: 307, Header: http.Header{"Location": {"/v2/workflow/run-task"}}},
	"429":                      {Status: 429},
	"429 with Retry-After":     {Status: 429, Header: http.Header{"Retry-After": {"2"}}},
	"429 for an hour":          {Status: 429, Header: http.Header{"Retry-After": {"3600"}}},
	"limit reached":            {Status: 400, Code: 10118, Msg: "Running tasks number exceeds."},
}

// gaps are how long an agent takes to ask for the same run again.
var retryGaps = map[string]time.Duration{"at once": 0, "after 60 s": time.Minute, "after it ended unseen": 6 * time.Minute}

func TestStartFaultMakesNoSecondRun(t *testing.T) {
	for name, fault := range startFaults {
		for _, tool := range []string{"run_workflow", "run_template"} {
			for gapName, gap := range retryGaps {
				t.Run(fmt.Sprintf("%s/%s/%s", name, tool, gapName), func(t *testing.T) {
					skipInRace(t)
					runSynctest(t, func(t *testing.T, srv *testServer) {
						for _, endpoint := range []string{"run-task", "run-task-by-template"} {
							f := fault
							f.Endpoint, f.Times = endpoint, 1
							if name != "clear answer" {
								srv.account.Inject(f)
							}
						}
						srv.runTwice(t, tool, gap)
					}, simulator.WithListLag(2*time.Second), simulator.WithDateOffset(-90*time.Second))
				})
			}
		}
	}
}

func TestRefusedConnectionMakesOneRun(t *testing.T) {
	for gapName, gap := range retryGaps {
		for _, tool := range []string{"run_workflow", "run_template"} {
			t.Run(tool+"/"+gapName, func(t *testing.T) {
				runSynctest(t, func(t *testing.T, srv *testServer) {
					srv.network.Refuse(1)
					srv.runTwice(t, tool, gap)
				})
			})
		}
	}
}

// runTwice runs the same twice, and checks that there is at most one task and that the
// answers have its id.
func (srv *testServer) runTwice(t *testing.T, tool string, gap time.Duration) {
	t.Helper()
	arguments := srv.allCalls("Price Monitor", "1")[tool]
	first := srv.call(context.Background(), tool, arguments)
	srv.checkOneTask(t, first)
	time.Sleep(gap)
	second := srv.call(context.Background(), tool, arguments)
	srv.checkOneTask(t, second)
}

func (srv *testServer) checkOneTask(t *testing.T, a answer) {
	t.Helper()
	created := srv.account.Tasks()
	if len(created) > 1 {
		t.Fatalf("%d runs were started; the answer: %s", len(created), a.Text)
	}
	if len(created) == 1 && !strings.Contains(a.Text, created[0].ID) {
		t.Errorf("the answer does not carry the task's id: %s", a.Text)
	}
}

func TestCancelAtAnyStepMakesOneRun(t *testing.T) {
	for _, tool := range []string{"run_workflow", "run_template"} {
		for after := 500 * time.Millisecond; after < 8*time.Second; after += time.Second {
			for gapName, gap := range retryGaps {
				t.Run(fmt.Sprintf("%s/%v/%s", tool, after, gapName), func(t *testing.T) {
					runSynctest(t, func(t *testing.T, srv *testServer) {
						srv.account.Inject(simulator.Fault{Delay: time.Second, Times: 6})
						arguments := srv.allCalls("Price Monitor", "1")[tool]
						ctx, cancel := cancelled(after)
						defer cancel()
						srv.call(ctx, tool, arguments)
						time.Sleep(gap)
						srv.checkOneTask(t, srv.call(context.Background(), tool, arguments))
						if len(srv.account.Tasks()) != 1 {
							t.Error("the second call started nothing")
						}
					})
				})
			}
		}
	}
}

func TestRandomSchedulesMakeOneRun(t *testing.T) {
	names := slices.Sorted(maps.Keys(startFaults))
	for seed := range uint64(1000 / fewerSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				r := rand.New(rand.NewPCG(seed, 1))
				var faults []func()
				for _, endpoint := range []string{"run-task", "list-tasks", "get-task", "get-task-status", "get-workflow"} {
					f := startFaults[names[r.IntN(len(names))]]
					f.Endpoint = endpoint
					f.Times, f.Skip = 1+r.IntN(3), r.IntN(2)
					faults = append(faults, srv.account.Inject(f))
				}
				for range 2 + r.IntN(3) {
					ctx, cancel := cancelled(time.Duration(1+r.IntN(60)) * time.Second)
					srv.call(ctx, "run_workflow", srv.runArguments("Never Ends", fmt.Sprintf(`,"wait_seconds":%d`, r.IntN(51))))
					cancel()
					time.Sleep(time.Duration(r.IntN(90)) * time.Second)
				}
				for _, end := range faults {
					end()
				}
				srv.checkOneTask(t, srv.runUntilAccepted("Never Ends"))
			}, simulator.WithListLag(time.Duration(seed%4)*time.Second))
		})
	}
}

func TestDeduplicationRules(t *testing.T) {
	for _, tt := range []struct {
		name  string
		play  func(srv *testServer)
		tasks int
	}{
		{"an active run counts at any age", func(srv *testServer) { srv.run("Never Ends", ""); time.Sleep(6 * time.Hour); srv.run("Never Ends", "") }, 1},
		{"a reported end counts for two minutes", func(srv *testServer) {
			srv.finishPriceMonitor("")
			time.Sleep(time.Minute)
			srv.run("Price Monitor", "")
		}, 1},
		{"and lets it start again then", func(srv *testServer) {
			srv.finishPriceMonitor("")
			time.Sleep(2 * time.Minute)
			srv.run("Price Monitor", "")
		}, 2},
		{"or with allow_duplicate", func(srv *testServer) { srv.finishPriceMonitor(""); srv.run("Price Monitor", `,"allow_duplicate":true`) }, 2},
		{"an end counts for ten minutes if the run was asked for twice", func(srv *testServer) {
			srv.run("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(5 * time.Second)
			srv.finishPriceMonitor("")
			time.Sleep(8 * time.Minute)
			srv.run("Price Monitor", "")
		}, 1},
		{"and not longer than that", func(srv *testServer) {
			srv.run("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(5 * time.Second)
			srv.finishPriceMonitor("")
			time.Sleep(11 * time.Minute)
			srv.run("Price Monitor", "")
		}, 2},
		{"an unreported end counts for ten minutes", func(srv *testServer) {
			srv.run("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(8 * time.Minute)
			srv.run("Price Monitor", "")
		}, 1},
		{"and not longer", func(srv *testServer) {
			srv.run("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(time.Hour)
			srv.run("Price Monitor", "")
		}, 2},
		{"allow_duplicate starts a second one", func(srv *testServer) { srv.run("Never Ends", ""); srv.run("Never Ends", `,"allow_duplicate":true`) }, 2},
		{"another profile is another run", func(srv *testServer) { srv.run("Never Ends", ""); srv.run("Never Ends", `,"profile_id":"p1"`) }, 2},
		{"another region is another run, and US is that of none", func(srv *testServer) {
			srv.inRegion("")
			srv.inRegion("US")
			srv.inRegion("de")
			srv.inRegion("Germany")
		}, 2},
		{"another workflow is another run", func(srv *testServer) { srv.run("Never Ends", ""); srv.run("Stuck In Queue", "") }, 2},
		{"the wait makes no difference", func(srv *testServer) { srv.run("Never Ends", ""); srv.run("Never Ends", `,"wait_seconds":1`) }, 1},
		{"a refused start does not count", func(srv *testServer) {
			srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Status: 400, Code: 10118})
			srv.run("Never Ends", "")
			srv.run("Never Ends", "")
		}, 1},
		{"an idempotency key answers in any state", func(srv *testServer) {
			srv.finishPriceMonitor(`,"idempotency_key":"k"`)
			time.Sleep(20 * time.Hour)
			srv.run("Price Monitor", `,"idempotency_key":"k"`)
		}, 1},
		{"for a day", func(srv *testServer) {
			srv.finishPriceMonitor(`,"idempotency_key":"k"`)
			time.Sleep(25 * time.Hour)
			srv.run("Price Monitor", `,"idempotency_key":"k"`)
		}, 2},
		{"another key does not start an active run again", func(srv *testServer) {
			srv.run("Never Ends", `,"idempotency_key":"a"`)
			srv.run("Never Ends", `,"idempotency_key":"b"`)
		}, 1},
		{"a key with other arguments is refused", func(srv *testServer) {
			srv.run("Never Ends", `,"idempotency_key":"k"`)
			srv.run("Stuck In Queue", `,"idempotency_key":"k"`)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				tt.play(srv)
				if n := len(srv.account.Tasks()); n != tt.tasks {
					t.Errorf("%d runs were started, want %d", n, tt.tasks)
				}
			})
		})
	}
}

func (srv *testServer) run(workflow, more string) answer {
	return srv.call(context.Background(), "run_workflow", srv.runArguments(workflow, more))
}

func (srv *testServer) inRegion(region string) {
	srv.call(context.Background(), "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":{"keywords":"x"},"region":%q,"wait_seconds":0}`, googleMaps, region))
}

// finishPriceMonitor runs Price Monitor until its end is reported.
func (srv *testServer) finishPriceMonitor(more string) {
	srv.t.Helper()
	task := srv.run("Price Monitor", more).task()
	srv.waitForEnd(task.TaskID)
}

func TestDeduplicatedAnswerIsMarked(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		first := srv.run("Never Ends", "").task()
		second := srv.run("Never Ends", "").task()
		if first.Deduplicated || !second.Deduplicated || second.TaskID != first.TaskID || second.Status != "running" {
			t.Errorf("got %+v, then %+v", first, second)
		}
	})
}

func TestConcurrentIdenticalStartsMakeOneRun(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 3 * time.Second})
		answers := make(chan answer, 50)
		for range cap(answers) {
			go func() { answers <- srv.run("Never Ends", `,"wait_seconds":10`) }()
		}
		for range cap(answers) {
			srv.checkOneTask(t, receive(t, answers))
		}
	})
}

func TestRunIsReturnedAfterClientTimeouts(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 9 * time.Second})
		for range 9 {
			ctx, cancel := cancelled(5 * time.Second)
			srv.call(ctx, "run_workflow", srv.runArguments("Never Ends", ""))
			cancel()
		}
		a := srv.run("Never Ends", `,"wait_seconds":1`)
		srv.checkOneTask(t, a)
		if len(srv.account.Tasks()) != 1 {
			t.Errorf("no task: %s", a.Text)
		}
	})
}

// runDirectly starts a run as run does, but not through this server.
func (srv *testServer) runDirectly(workflow string) {
	srv.t.Helper()
	run := browseract.WorkflowRun{WorkflowID: srv.account.Workflow(workflow).ID}
	for _, in := range srv.account.Workflow(workflow).Inputs {
		if in.Required {
			run.Inputs = append(run.Inputs, browseract.Input{Name: in.Name, Value: "https://shop.example/1"})
		}
	}
	if _, err := srv.client.RunWorkflow(context.Background(), run); err != nil {
		srv.t.Fatal(err)
	}
}

func TestIdenticalRunsOfOthersAreNamedAndNotAdopted(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		for range 2 { // at the same moment
			srv.runDirectly("Never Ends")
		}
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true})
		p := srv.run("Never Ends", `,"allow_duplicate":true`).problem()
		for _, task := range srv.account.Tasks() {
			if !strings.Contains(p.Message, task.ID) {
				t.Errorf("%s is not named: %s", task.ID, p.Message)
			}
		}
		if p.Code != "start_unknown" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestFiveMinuteRunCostsUpToFiftyRequests(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.account.AddWorkflow(simulator.Workflow{Name: "Five Minutes", Scenario: simulator.Scenario{Running: 5 * time.Minute}})
		task := srv.call(context.Background(), "run_workflow", fmt.Sprintf(`{"workflow_id":%q}`, id)).task()
		srv.waitForEnd(task.TaskID)
		n := len(srv.account.Requests())
		t.Logf("%d requests", n)
		if n > 50 {
			t.Errorf("%d requests, want at most 50", n)
		}
	})
}
