package tools_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// bubbleWith is bubble with other settings of the tools.
func runSynctestWith(t *testing.T, opt serverOption, f func(t *testing.T, srv *testServer)) {
	t.Helper()
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), opt) }, f)
}

func withPolicy(p runs.Policy) serverOption { return func(cfg *tools.Config) { cfg.Policy = p } }

// distinct asks for runs that differ, so that the guard lets all of them pass.
func (srv *testServer) runDistinct(n int) answer {
	return srv.call(context.Background(), "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":{"keywords":"%d"},"wait_seconds":0}`, googleMaps, n))
}

func TestBudgetsRefuseWithTheirFigures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy runs.Policy
		runs   int
		want   string
	}{
		{"runs a day", runs.Policy{Mode: runs.BudgetEnforce, MaxRunsPerDay: 3}, 3, "3 of 3 "},
		{"runs at a time", runs.Policy{Mode: runs.BudgetEnforce, MaxActiveRuns: 2}, 2, "2 of 2 "},
		{"credits a day", runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerDay: 250}, 2, "200 of 250 "},
		{"credits a day, assumed lower", runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerDay: 250, AssumeCredits: 50}, 5, "250 of 250 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runSynctestWith(t, withPolicy(tt.policy), func(t *testing.T, srv *testServer) {
				for i := range tt.runs {
					srv.runDistinct(i).task()
				}
				a := srv.runDistinct(tt.runs)
				a.checkMessages()
				p := a.problem()
				if p.Code != "over_budget" || !strings.Contains(p.Message, tt.want) {
					t.Errorf("got %+v", p)
				}
				if n := len(srv.account.Tasks()); n != tt.runs {
					t.Errorf("%d runs were started", n)
				}
			})
		})
	}
}

func TestBudgetThatWarnsLetsTheRunStart(t *testing.T) {
	runSynctestWith(t, withPolicy(runs.Policy{Mode: runs.BudgetWarn, MaxRunsPerDay: 1}), func(t *testing.T, srv *testServer) {
		if first := srv.runDistinct(1).task(); len(first.Warnings) != 0 {
			t.Errorf("the first run warns: %q", first.Warnings)
		}
		second := srv.runDistinct(2)
		second.checkMessages()
		if task := second.task(); len(task.Warnings) != 1 {
			t.Errorf("warnings %q", task.Warnings)
		}
	})
}

func TestBudgetFreesAfterADay(t *testing.T) {
	runSynctestWith(t, withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxActiveRuns: 1, MaxRunsPerDay: 2}), func(_ *testing.T, srv *testServer) {
		srv.runDistinct(1).task()
		srv.runDistinct(2).problem()
		time.Sleep(10 * time.Minute) // the first has ended, unreported
		srv.runDistinct(2).task()
		time.Sleep(10 * time.Minute)
		srv.runDistinct(3).problem()
		time.Sleep(25 * time.Hour)
		srv.runDistinct(3).task()
	})
}

func TestParallelStartsDoNotExceedTheBudget(t *testing.T) {
	for name, f := range map[string]struct {
		policy runs.Policy
		runs   int
	}{
		"runs a day":         {runs.Policy{MaxRunsPerDay: 7, MaxCreditsPerDay: 10_000}, 7},
		"runs at a time":     {runs.Policy{MaxActiveRuns: 5}, 5},
		"reserved credits":   {runs.Policy{MaxCreditsPerDay: 1000}, 10},
		"fewer are reserved": {runs.Policy{MaxCreditsPerDay: 1000, AssumeCredits: 33}, 30},
	} {
		for _, file := range []string{"", filepath.Join(t.TempDir(), "ledger.db")} {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				f.policy.Mode = runs.BudgetEnforce
				open := func(t *testing.T) *testServer {
					opts := []serverOption{withPolicy(f.policy)}
					if file != "" {
						opts = append(opts, withFile(t, file))
					}
					return newServer(t, newAccount(simulator.WithConcurrency(200)), opts...)
				}
				runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
					srv.account.Inject(simulator.Fault{Endpoint: "run-task-by-template", Delay: 2 * time.Second})
					var starts sync.WaitGroup
					for i := range 100 {
						starts.Go(func() { srv.runDistinct(i) })
					}
					starts.Wait()
					if n := len(srv.account.Tasks()); n != f.runs {
						t.Errorf("%d runs were started, want %d", n, f.runs)
					}
				})
			})
		}
	}
}

func TestBudgetOvershootIsAWarning(t *testing.T) {
	for name, f := range map[string]struct {
		policy runs.Policy
		warns  bool
	}{
		"more than reserved, and the budget is exceeded": {runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerDay: 20, AssumeCredits: 5}, true},
		"where budgets warn":                             {runs.Policy{Mode: runs.BudgetWarn, MaxCreditsPerDay: 20, AssumeCredits: 5}, true},
		"within the budget":                              {runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerDay: 200, AssumeCredits: 5}, false},
		"no more than reserved":                          {runs.Policy{Mode: runs.BudgetWarn, MaxCreditsPerDay: 20}, false},
		"where budgets are off":                          {runs.Policy{MaxCreditsPerDay: 20, AssumeCredits: 5}, false},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctestWith(t, withPolicy(f.policy), func(t *testing.T, srv *testServer) {
				task := srv.runToEnd("run_workflow", srv.runArguments("Price Monitor", ""))
				figures := fmt.Sprintf("%d of 20 credits", *task.Credits)
				if warned := strings.Contains(strings.Join(task.Warnings, " "), figures); warned != f.warns {
					t.Errorf("warnings %q, want one: %v", task.Warnings, f.warns)
				}
			})
		})
	}
}

func TestOnlyAllowedIdsRun(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy runs.Policy
		runs   bool
	}{
		{"on the list", runs.Policy{Mode: runs.BudgetEnforce, AllowTemplates: []string{googleMaps}}, true},
		{"not on the list", runs.Policy{Mode: runs.BudgetEnforce, AllowTemplates: []string{"1"}}, false},
		{"only workflows are listed", runs.Policy{Mode: runs.BudgetEnforce, AllowWorkflows: []string{"1"}}, false},
		{"not on the list that warns", runs.Policy{Mode: runs.BudgetWarn, AllowTemplates: []string{"1"}}, true},
		{"not on the list that is off", runs.Policy{Mode: runs.BudgetOff, AllowTemplates: []string{"1"}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runSynctestWith(t, withPolicy(tt.policy), func(t *testing.T, srv *testServer) {
				if a := srv.runDistinct(1); a.IsError == tt.runs {
					t.Errorf("got %s", a.Text)
				}
			})
		})
	}
}

func TestRunOverItsCreditLimitIsStopped(t *testing.T) {
	for mode, status := range map[runs.BudgetMode]string{runs.BudgetEnforce: "canceled", runs.BudgetWarn: "running", runs.BudgetOff: "running"} {
		t.Run(string(mode), func(t *testing.T) {
			runSynctestWith(t, withPolicy(runs.Policy{Mode: mode, MaxCreditsPerRun: 5}), func(t *testing.T, srv *testServer) {
				srv.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(raw []byte) []byte {
					return []byte(strings.Replace(string(raw), `"credit":null`, `"credit":6`, 1))
				}})
				a := srv.run("Never Ends", `,"wait_seconds":50`)
				a.checkMessages()
				task := a.task()
				if task.Status != status || (mode != runs.BudgetOff) != strings.Contains(strings.Join(task.Warnings, " "), "6 credits") {
					t.Errorf("got %s %q", task.Status, task.Warnings)
				}
			})
		})
	}
}

func TestReadOnlyServerRegistersReadOnlyToolsOnly(t *testing.T) {
	t.Parallel()
	for _, tool := range definitions(t, func(cfg *tools.Config) { cfg.ReadOnly = true }) {
		if !tool.Annotations["readOnlyHint"] {
			t.Errorf("%s is offered", tool.Name)
		}
	}
}

func TestReadOnlyServerNamesReadOnlyToolsOnly(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Needs A Human")
		time.Sleep(time.Minute)
		watching := newServerOn(t, srv, func(cfg *tools.Config) { cfg.ReadOnly = true })
		text := watching.call(context.Background(), "get_task", taskArgument(id)).Text
		for _, tool := range []string{"run_", "resume_task", "stop_task"} {
			if strings.Contains(text, tool) {
				t.Errorf("%s is named: %s", tool, text)
			}
		}
	})
}

func TestMineListsWhatThisServerStarted(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		workflow := srv.start("Never Ends")
		template := srv.runDistinct(1).task().TaskID
		if _, err := srv.client.RunTemplate(context.Background(), templateRun("another caller's")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		text := srv.call(context.Background(), "list_tasks", `{"mine":true}`).Text
		for _, want := range []string{workflow, template, `"template_id":"` + googleMaps + `"`, `"status":"finished"`, `"status":"running"`, `"total_count":2`} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s in %s", want, text)
			}
		}
	})
}

func TestMineListsTheRunOfALostReply(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true})
		lists := srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Status: 503, Skip: 1}) // after that before the start
		srv.run("Never Ends", "").problem()
		lists()
		time.Sleep(time.Minute)
		text := srv.call(context.Background(), "list_tasks", `{"mine":true}`).Text
		if !strings.Contains(text, srv.account.Tasks()[0].ID) || strings.Contains(text, "may_have_started") {
			t.Errorf("got %s", text)
		}
	})
}

func TestUnusableLedgerIsAWarning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // a folder stands where the file should
	srv := newServer(t, newAccount(), func(cfg *tools.Config) { cfg.Ledger = openLedger(t, dir) })
	first := srv.run("Never Ends", `,"wait_seconds":0`).task()
	second := srv.run("Never Ends", `,"wait_seconds":0`).task()
	if first.TaskID != second.TaskID || len(srv.account.Tasks()) != 1 {
		t.Errorf("the guard forgot the run: %q, %q", first.TaskID, second.TaskID)
	}
	if !strings.Contains(strings.Join(first.Warnings, " "), "ledger") {
		t.Errorf("no warning in %q", first.Warnings)
	}
}

func TestUnusableLedgerRefusesWithEnforcedBudget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := newServer(t, newAccount(), func(cfg *tools.Config) {
		cfg.Ledger = openLedger(t, dir)
		cfg.Policy = runs.Policy{Mode: runs.BudgetEnforce, MaxRunsPerDay: 5}
	})
	if p := srv.run("Never Ends", `,"wait_seconds":0`).problem(); p.Code != "ledger_unavailable" || len(srv.account.Tasks()) != 0 {
		t.Errorf("got %+v", p)
	}
}

func TestWithoutLedgerAnIdempotencyKeyIsRefused(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount(), func(cfg *tools.Config) { cfg.Ledger = nil })
	if p := srv.run("Never Ends", `,"wait_seconds":0,"idempotency_key":"k"`).problem(); p.Code != "no_ledger" {
		t.Errorf("got %+v", p)
	}
	srv.run("Never Ends", `,"wait_seconds":0`).task()
}

func openLedger(t *testing.T, path string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
