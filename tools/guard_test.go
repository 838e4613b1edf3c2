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
var gaps = map[string]time.Duration{"at once": 0, "after 60 s": time.Minute, "after it ended unseen": 6 * time.Minute}

func TestNoFaultMakesASecondRun(t *testing.T) {
	for name, fault := range startFaults {
		for _, tool := range []string{"run_workflow", "run_template"} {
			for gapName, gap := range gaps {
				t.Run(fmt.Sprintf("%s/%s/%s", name, tool, gapName), func(t *testing.T) {
					bubble(t, func(t *testing.T, d *desk) {
						for _, endpoint := range []string{"run-task", "run-task-by-template"} {
							f := fault
							f.Endpoint, f.Times = endpoint, 1
							if name != "clear answer" {
								d.account.Inject(f)
							}
						}
						d.askTwice(t, tool, gap)
					}, simulator.WithListLag(2*time.Second), simulator.WithDateOffset(-90*time.Second))
				})
			}
		}
	}
}

func TestRefusedConnectionMakesOneRun(t *testing.T) {
	for gapName, gap := range gaps {
		for _, tool := range []string{"run_workflow", "run_template"} {
			t.Run(tool+"/"+gapName, func(t *testing.T) {
				bubble(t, func(t *testing.T, d *desk) {
					d.network.Refuse(1)
					d.askTwice(t, tool, gap)
				})
			})
		}
	}
}

// askTwice asks for the same run as an agent does that got no good answer, and
// holds what must be true of it: one task at the most, and its id in the answers.
func (d *desk) askTwice(t *testing.T, tool string, gap time.Duration) {
	t.Helper()
	arguments := d.everyCallOf("Price Monitor", "1")[tool]
	first := d.call(context.Background(), tool, arguments)
	d.holdOneTask(t, first)
	time.Sleep(gap)
	second := d.call(context.Background(), tool, arguments)
	d.holdOneTask(t, second)
}

func (d *desk) holdOneTask(t *testing.T, a answer) {
	t.Helper()
	created := d.account.Tasks()
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
			for gapName, gap := range gaps {
				t.Run(fmt.Sprintf("%s/%v/%s", tool, after, gapName), func(t *testing.T) {
					bubble(t, func(t *testing.T, d *desk) {
						d.account.Inject(simulator.Fault{Delay: time.Second, Times: 6})
						arguments := d.everyCallOf("Price Monitor", "1")[tool]
						ctx, cancel := cancelled(after)
						defer cancel()
						d.call(ctx, tool, arguments)
						time.Sleep(gap)
						d.holdOneTask(t, d.call(context.Background(), tool, arguments))
						if len(d.account.Tasks()) != 1 {
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
			bubble(t, func(t *testing.T, d *desk) {
				r := rand.New(rand.NewPCG(seed, 1))
				var faults []func()
				for _, endpoint := range []string{"run-task", "list-tasks", "get-task", "get-task-status", "get-workflow"} {
					f := startFaults[names[r.IntN(len(names))]]
					f.Endpoint = endpoint
					f.Times, f.Skip = 1+r.IntN(3), r.IntN(2)
					faults = append(faults, d.account.Inject(f))
				}
				for range 2 + r.IntN(3) {
					ctx, cancel := cancelled(time.Duration(1+r.IntN(60)) * time.Second)
					d.call(ctx, "run_workflow", d.runArguments("Never Ends", fmt.Sprintf(`,"wait_seconds":%d`, r.IntN(51))))
					cancel()
					time.Sleep(time.Duration(r.IntN(90)) * time.Second)
				}
				for _, end := range faults {
					end()
				}
				a := d.call(context.Background(), "run_workflow", d.runArguments("Never Ends", ""))
				for strings.Contains(a.Text, `"retryable":true`) {
					time.Sleep(20 * time.Second)
					a = d.call(context.Background(), "run_workflow", d.runArguments("Never Ends", ""))
				}
				d.holdOneTask(t, a)
			}, simulator.WithListLag(time.Duration(seed%4)*time.Second))
		})
	}
}

func TestGuardFollowsTheRule(t *testing.T) {
	for _, tt := range []struct {
		name  string
		play  func(d *desk)
		tasks int
	}{
		{"a run under way counts however old it is", func(d *desk) { d.ask("Never Ends", ""); time.Sleep(6 * time.Hour); d.ask("Never Ends", "") }, 1},
		{"an end that was told counts for two minutes", func(d *desk) { d.priceToTheEnd(""); time.Sleep(time.Minute); d.ask("Price Monitor", "") }, 1},
		{"and lets it start again then", func(d *desk) { d.priceToTheEnd(""); time.Sleep(2 * time.Minute); d.ask("Price Monitor", "") }, 2},
		{"or with allow_duplicate", func(d *desk) { d.priceToTheEnd(""); d.ask("Price Monitor", `,"allow_duplicate":true`) }, 2},
		{"an end counts for ten minutes if the run was asked for twice", func(d *desk) {
			d.ask("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(5 * time.Second)
			d.priceToTheEnd("")
			time.Sleep(8 * time.Minute)
			d.ask("Price Monitor", "")
		}, 1},
		{"and not longer than that", func(d *desk) {
			d.ask("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(5 * time.Second)
			d.priceToTheEnd("")
			time.Sleep(11 * time.Minute)
			d.ask("Price Monitor", "")
		}, 2},
		{"an end that nobody was told counts for ten minutes", func(d *desk) {
			d.ask("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(8 * time.Minute)
			d.ask("Price Monitor", "")
		}, 1},
		{"and not longer", func(d *desk) {
			d.ask("Price Monitor", `,"wait_seconds":0`)
			time.Sleep(time.Hour)
			d.ask("Price Monitor", "")
		}, 2},
		{"allow_duplicate starts a second one", func(d *desk) { d.ask("Never Ends", ""); d.ask("Never Ends", `,"allow_duplicate":true`) }, 2},
		{"another profile is another run", func(d *desk) { d.ask("Never Ends", ""); d.ask("Never Ends", `,"profile_id":"p1"`) }, 2},
		{"another region is another run, and US is that of none", func(d *desk) { d.inRegion(""); d.inRegion("US"); d.inRegion("de"); d.inRegion("Germany") }, 2},
		{"another workflow is another run", func(d *desk) { d.ask("Never Ends", ""); d.ask("Stuck In Queue", "") }, 2},
		{"the wait makes no difference", func(d *desk) { d.ask("Never Ends", ""); d.ask("Never Ends", `,"wait_seconds":1`) }, 1},
		{"a refused start does not count", func(d *desk) {
			d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Status: 400, Code: 10118})
			d.ask("Never Ends", "")
			d.ask("Never Ends", "")
		}, 1},
		{"an idempotency key answers in any state", func(d *desk) {
			d.priceToTheEnd(`,"idempotency_key":"k"`)
			time.Sleep(20 * time.Hour)
			d.ask("Price Monitor", `,"idempotency_key":"k"`)
		}, 1},
		{"for a day", func(d *desk) {
			d.priceToTheEnd(`,"idempotency_key":"k"`)
			time.Sleep(25 * time.Hour)
			d.ask("Price Monitor", `,"idempotency_key":"k"`)
		}, 2},
		{"another key does not start a run under way again", func(d *desk) {
			d.ask("Never Ends", `,"idempotency_key":"a"`)
			d.ask("Never Ends", `,"idempotency_key":"b"`)
		}, 1},
		{"a key with other arguments is refused", func(d *desk) {
			d.ask("Never Ends", `,"idempotency_key":"k"`)
			d.ask("Stuck In Queue", `,"idempotency_key":"k"`)
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				tt.play(d)
				if n := len(d.account.Tasks()); n != tt.tasks {
					t.Errorf("%d runs were started, want %d", n, tt.tasks)
				}
			})
		})
	}
}

func (d *desk) ask(workflow, more string) answer {
	return d.call(context.Background(), "run_workflow", d.runArguments(workflow, more))
}

func (d *desk) inRegion(region string) {
	d.call(context.Background(), "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":{"keywords":"x"},"region":%q,"wait_seconds":0}`, googleMaps, region))
}

// priceToTheEnd runs Price Monitor and is told of its end.
func (d *desk) priceToTheEnd(more string) {
	d.t.Helper()
	task := d.ask("Price Monitor", more).task()
	for !task.Done {
		task = d.call(context.Background(), "get_task", taskArgument(task.TaskID)).task()
	}
}

func TestDeduplicatedAnswerSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		first := d.ask("Never Ends", "").task()
		second := d.ask("Never Ends", "").task()
		if first.Deduplicated || !second.Deduplicated || second.TaskID != first.TaskID || second.Status != "running" {
			t.Errorf("got %+v, then %+v", first, second)
		}
	})
}

func TestConcurrentIdenticalStartsMakeOneRun(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 3 * time.Second})
		answers := make(chan answer, 50)
		for range cap(answers) {
			go func() { answers <- d.ask("Never Ends", `,"wait_seconds":10`) }()
		}
		for range cap(answers) {
			d.holdOneTask(t, <-answers)
		}
	})
}

func TestImpatientClientGetsItsRunAtLast(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 9 * time.Second})
		for range 9 {
			ctx, cancel := cancelled(5 * time.Second)
			d.call(ctx, "run_workflow", d.runArguments("Never Ends", ""))
			cancel()
		}
		a := d.ask("Never Ends", `,"wait_seconds":1`)
		d.holdOneTask(t, a)
		if len(d.account.Tasks()) != 1 {
			t.Errorf("no task: %s", a.Text)
		}
	})
}

// somebodyRuns starts a run as ask does, past this server.
func (d *desk) somebodyRuns(workflow string) {
	d.t.Helper()
	run := browseract.WorkflowRun{WorkflowID: d.account.Workflow(workflow).ID}
	for _, in := range d.account.Workflow(workflow).Inputs {
		if in.Required {
			run.Inputs = append(run.Inputs, browseract.Input{Name: in.Name, Value: "https://shop.example/1"})
		}
	}
	if _, err := d.client.RunWorkflow(context.Background(), run); err != nil {
		d.t.Fatal(err)
	}
}

func TestOtherPeoplesIdenticalRunsAreNamedAndNotTaken(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		for range 2 { // at the same moment
			d.somebodyRuns("Never Ends")
		}
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true})
		p := d.ask("Never Ends", `,"allow_duplicate":true`).problem()
		for _, task := range d.account.Tasks() {
			if !strings.Contains(p.Message, task.ID) {
				t.Errorf("%s is not named: %s", task.ID, p.Message)
			}
		}
		if p.Code != "start_unknown" {
			t.Errorf("got %+v", p)
		}
	})
}

func TestFiveMinuteRunCostsAtMostFiftyRequests(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.account.AddWorkflow(simulator.Workflow{Name: "Five Minutes", Scenario: simulator.Scenario{Running: 5 * time.Minute}})
		task := d.call(context.Background(), "run_workflow", fmt.Sprintf(`{"workflow_id":%q}`, id)).task()
		for !task.Done {
			task = d.call(context.Background(), "get_task", taskArgument(task.TaskID)).task()
		}
		n := len(d.account.Requests())
		t.Logf("%d requests", n)
		if n > 50 {
			t.Errorf("%d requests, want at most 50", n)
		}
	})
}
