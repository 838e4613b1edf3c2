package tools_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // what the ledger's file is

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// A breakage makes the ledger's file unusable, and returns what makes it usable.
type breakage func(t *testing.T, path string) (repair func())

var breakages = map[string]breakage{
	"held by a writer": func(t *testing.T, path string) func() { return execSQL(t, path, "BEGIN IMMEDIATE", "ROLLBACK") },
	"full": func(t *testing.T, path string) func() {
		return execSQL(t, path,
			"CREATE TRIGGER full_1 BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'full'); END; CREATE TRIGGER full_2 BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'full'); END; CREATE TRIGGER full_3 BEFORE INSERT ON keys BEGIN SELECT RAISE(ABORT, 'full'); END",
			"DROP TRIGGER full_1; DROP TRIGGER full_2; DROP TRIGGER full_3")
	},
	"deleted":              func(t *testing.T, path string) func() { remove(t, path); return func() {} },
	"deleted with its log": func(t *testing.T, path string) func() { remove(t, path, path+"-wal", path+"-shm"); return func() {} },
	"a folder in its place": func(t *testing.T, path string) func() {
		remove(t, path)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return func() { remove(t, path) }
	},
	"overwritten": func(t *testing.T, path string) func() {
		for _, name := range []string{path, path + "-wal"} {
			if err := os.WriteFile(name, []byte(strings.Repeat("no ledger ", 10_000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return func() { remove(t, path, path+"-wal", path+"-shm") }
	},
}

// loud are the breakages that every start meets. A file that was deleted is made
// anew, and what needs no writing, or is in SQLite's memory, still works.
var blockingBreakages = []string{"held by a writer", "a folder in its place"}

// statements breaks the file by what another program does to it.
func execSQL(t *testing.T, path, begin, end string) (repair func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(context.Background(), begin); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := db.ExecContext(context.Background(), end); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// withFile keeps the ledger in a file.
func withFile(t *testing.T, path string) serverOption {
	return func(cfg *tools.Config) { cfg.Ledger = openLedger(t, path) }
}

func TestFailedLedgerLosesNoRun(t *testing.T) {
	for name, breakIt := range breakages {
		for moment, at := range map[string]time.Duration{"before the start": 0, "in the start": time.Second, "after the start": 3 * time.Second} {
			for _, key := range []string{"", `,"idempotency_key":"k"`} {
				t.Run(name+"/"+moment+"/"+key, func(t *testing.T) {
					path := filepath.Join(t.TempDir(), "ledger.db")
					open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
					runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
						srv.run("Stuck In Queue", `,"wait_seconds":0`).task() // the file is in use
						before := len(srv.account.Tasks())
						broke := true
						ask := func(srv *testServer, warned bool) {
							t.Helper()
							a := srv.run("Never Ends", `,"wait_seconds":0`+key)
							created := srv.account.Tasks()
							if len(created) != before+1 || a.task().TaskID != created[len(created)-1].ID && a.task().TaskID != created[0].ID {
								t.Fatalf("%d runs were started; the answer: %s", len(created)-before, a.Text)
							}
							said := strings.Contains(a.Text, "ledger of runs")
							if said && !broke || !said && warned && slices.Contains(blockingBreakages, name) {
								t.Errorf("warned: %v, want %v: %s", said, warned, a.Text)
							}
						}
						srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 2 * time.Second})
						broken := make(chan func(), 1)
						time.AfterFunc(at, func() { broken <- breakIt(t, path) })
						if at == 0 {
							broken <- receive(t, broken)
						}
						ask(srv, at < 2*time.Second)
						repair := receive(t, broken)
						ask(srv, true)
						time.Sleep(time.Minute)
						ask(srv, true)
						repair()
						broke = false
						time.Sleep(10 * time.Second)
						ask(srv, false)
						ask(newServerOn(t, srv, withFile(t, path)), false) // after a restart
						time.Sleep(time.Hour)
						ask(srv, false)
					})
				})
			}
		}
	}
}

func TestRepairedFileRecordsStartInProgress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		if mine := srv.call(context.Background(), "list_tasks", `{"mine":true}`); mine.IsError { // makes the file
			t.Fatal(mine.Text)
		}
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 12 * time.Second, Times: 1})
		repair := breakages["held by a writer"](t, path)
		first := make(chan answer, 1)
		go func() { first <- srv.run("Never Ends", `,"wait_seconds":0`) }()
		time.Sleep(6 * time.Second) // it is on its way
		repair()
		time.Sleep(6 * time.Second)
		srv.checkOneTask(t, srv.run("Never Ends", `,"wait_seconds":0`))
		srv.checkOneTask(t, receive(t, first))
		srv.checkOneTask(t, newServerOn(t, srv, withFile(t, path)).run("Never Ends", `,"wait_seconds":0`))
	})
}

func TestIdempotencyKeyOfAnOutageKeepsItsRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		srv.run("Price Monitor", `,"wait_seconds":0`)
		repair := breakages["full"](t, path)
		srv.checkOneTask(t, srv.run("Price Monitor", `,"wait_seconds":0,"idempotency_key":"k"`))
		repair()
		time.Sleep(time.Minute)
		srv.finishPriceMonitor("")
		time.Sleep(time.Hour)
		srv.checkOneTask(t, srv.run("Price Monitor", `,"idempotency_key":"k"`))
		srv.checkOneTask(t, newServerOn(t, srv, withFile(t, path)).run("Price Monitor", `,"idempotency_key":"k"`))
	})
}

// Two identical runs of another client leave only the record in the file.
func TestRepairedFileRecordsTaskOfStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer {
		return newServer(t, newAccount(simulator.WithConcurrency(10)), withFile(t, path))
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		time.Sleep(ledger.MaxRun) // what other servers started is over
		srv.runDirectly("Never Ends")
		srv.runDirectly("Never Ends")
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 2 * time.Second, Times: 1})
		repair := make(chan func(), 1)
		time.AfterFunc(time.Second, func() { repair <- breakages["full"](t, path) })
		first := srv.run("Never Ends", `,"wait_seconds":0`).task()
		receive(t, repair)()
		time.Sleep(time.Minute)
		for _, at := range []*testServer{srv, newServerOn(t, srv, withFile(t, path))} {
			if again := at.run("Never Ends", `,"wait_seconds":0`).task(); again.TaskID != first.TaskID || len(srv.account.Tasks()) != 3 {
				t.Errorf("got %+v, want %s", again, first.TaskID)
			}
		}
	})
}

func TestAnswersWarnOfAFailedLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		early := srv.start("Needs A Human")
		srv.waitForPause(early)
		defer breakages["a folder in its place"](t, path)()
		late := srv.start("Never Ends")
		for _, f := range [][2]string{
			{"get_task", taskArgument(late)},
			{"resume_task", taskArgument(early)},
			{"list_tasks", `{"mine":true}`},
			{"stop_task", taskArgument(late)}, // the last: an ended task needs no ledger
		} {
			a := srv.call(context.Background(), f[0], f[1])
			if a.IsError || strings.Count(a.Text, "ledger of runs") != 1 {
				t.Errorf("%s does not warn, once: %s", f[0], a.Text)
			}
			a.checkMessages(f[0])
		}
		mine := srv.call(context.Background(), "list_tasks", `{"mine":true}`).Text
		for _, id := range []string{early, late} {
			if !strings.Contains(mine, id) {
				t.Errorf("%s is not listed: %s", id, mine)
			}
		}
	})
}

func TestRunsOfAnOutageCountInTheBudget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	policy := runs.Policy{Mode: runs.BudgetWarn, MaxRunsPerDay: 3}
	open := func(t *testing.T) *testServer {
		return newServer(t, newAccount(), withFile(t, path), withPolicy(policy))
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		srv.runDistinct(1).task()
		repair := breakages["full"](t, path)
		srv.runDistinct(2).task()
		srv.runDistinct(3).task()
		repair()
		time.Sleep(time.Minute)
		policy.Mode = runs.BudgetEnforce
		srv.runDistinct(3).task() // recorded in the file
		if p := newServerOn(t, srv, withFile(t, path), withPolicy(policy)).runDistinct(4).problem(); !strings.Contains(p.Message, "3 of 3 runs") {
			t.Errorf("got %+v", p)
		}
	})
}

// An account's other server, and one that was there before, wrote to the file.
func TestReadOnlyFileStillDeduplicates(t *testing.T) {
	for _, name := range []string{"held by a writer", "full"} {
		for _, key := range []string{"", `,"idempotency_key":"k"`} {
			t.Run(name+key, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "ledger.db")
				open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
				runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
					srv.run("Never Ends", `,"wait_seconds":0`+key).task()
					repair := breakages[name](t, path)
					other := newServerOn(t, srv, withFile(t, path))
					srv.checkOneTask(t, other.run("Never Ends", `,"wait_seconds":0`+key))
					if key != "" {
						if p := other.run("Stuck In Queue", key).problem(); p.Code != "idempotency_key_reused" {
							t.Errorf("got %+v", p)
						}
					}
					repair()
				})
			})
		}
	}
}

func TestCallAnswersInTimeWhileTheLedgerIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		defer breakages["held by a writer"](t, path)()
		for n, limit := range []time.Duration{20 * time.Second, time.Second} { // it is not tried again at once
			began := time.Now()
			srv.runDistinct(n).task()
			if took := time.Since(began); took > limit {
				t.Errorf("start %d took %v", n, took)
			}
		}
		for _, wait := range []int{0, 25} {
			for tool, arguments := range map[string]string{
				"run_workflow": srv.runArguments("Stuck In Queue", fmt.Sprintf(`,"wait_seconds":%d,"allow_duplicate":true`, wait)),
				"get_task":     fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, wait),
				"list_tasks":   `{"mine":true}`,
			} {
				time.Sleep(time.Minute)
				began := time.Now()
				a := srv.call(context.Background(), tool, arguments)
				if took := time.Since(began); a.IsError || took > time.Duration(max(wait, 20)+3)*time.Second {
					t.Errorf("%s took %v: %s", tool, took, a.Text)
				}
			}
		}
	})
}

func TestConcurrentStartsMakeOneRunWhileTheLedgerFails(t *testing.T) {
	for name, breakIt := range breakages {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				srv.run("Stuck In Queue", `,"wait_seconds":0`).task()
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 3 * time.Second})
				answers := make(chan answer, 60)
				for n := range cap(answers) { // some before, some while, some after it fails
					time.AfterFunc(time.Duration(n)*200*time.Millisecond, func() { answers <- srv.run("Never Ends", `,"wait_seconds":20`) })
				}
				time.Sleep(2100 * time.Millisecond)
				repair := breakIt(t, path)
				time.Sleep(5 * time.Second)
				repair()
				for range cap(answers) {
					a := receive(t, answers)
					if id := srv.account.Tasks()[0].ID; len(srv.account.Tasks()) != 2 || !strings.Contains(a.Text, id) && !strings.Contains(a.Text, srv.account.Tasks()[1].ID) {
						t.Errorf("%d runs were started; the answer: %s", len(srv.account.Tasks())-1, a.Text)
					}
				}
			})
		})
	}
}

// A ledger that fails at any time, starts that go wrong, clients that give up, and a
// restart when all is well again: one run.
func TestRandomOutagesMakeOneRun(t *testing.T) {
	faults, ways := slices.Sorted(maps.Keys(startFaults)), slices.Sorted(maps.Keys(breakages))
	for seed := range uint64(100 / fewerSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			account := func() *simulator.Account {
				return newAccount(simulator.WithListLag(time.Duration(seed%4) * time.Second))
			}
			open := func(t *testing.T) *testServer { return newServer(t, account(), withFile(t, path)) }
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				random := rand.New(rand.NewPCG(seed, 4))
				upTo := func(d time.Duration) time.Duration { return time.Duration(random.Int64N(int64(d))) }
				fault := startFaults[faults[random.IntN(len(faults))]]
				fault.Endpoint, fault.Times = "run-task", 1
				end := srv.account.Inject(fault)
				way := ways[random.IntN(len(ways))]
				if err := srv.call(context.Background(), "list_tasks", `{"mine":true}`); err.IsError { // makes the file
					t.Fatal(err.Text)
				}
				broken := make(chan func(), 1)
				time.AfterFunc(upTo(20*time.Second), func() { broken <- breakages[way](t, path) })
				var calls sync.WaitGroup
				for range 2 + random.IntN(4) {
					ctx, cancel := cancelled(upTo(40 * time.Second))
					calls.Go(func() { srv.call(ctx, "run_workflow", srv.runArguments("Never Ends", "")); cancel() })
					time.Sleep(upTo(10 * time.Second))
				}
				repair := receive(t, broken)
				time.Sleep(upTo(20 * time.Second))
				repair()
				calls.Wait()
				end()
				for range 2 {
					time.Sleep(10 * time.Second)
					srv.checkOneTask(t, srv.runUntilAccepted("Never Ends"))
					srv = newServerOn(t, srv, withFile(t, path))
				}
			})
		})
	}
}
