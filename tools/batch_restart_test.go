package tools_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func TestRestartedBatchStartsRowsOnlyWithContinue(t *testing.T) {
	for _, path := range []string{ledger.InMemory, "ledger.db"} {
		t.Run(path, func(t *testing.T) {
			runDeployment(t, path, func(t *testing.T, dep *deployment) {
				first := dep.serve()
				id := first.runBatch("Price Monitor", 1, 9, `,"max_parallel":3,"wait_seconds":5`).BatchID
				dep.stop(first)

				srv := dep.serve()
				for range 5 {
					time.Sleep(2 * time.Minute)
					srv.runBatch("Price Monitor", 1, 9, "")
				}
				began := time.Now()
				b := srv.getBatch(id, "")
				if took := time.Since(began); took > time.Second {
					t.Errorf("a call waits %v for rows that are not started", took)
				}
				if b.Counts != (schemas.BatchCounts{Finished: 3, Queued: 6}) || b.Rows[0].Rows == nil || len(srv.account.Tasks()) != 3 {
					t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
				}
				if b.NextStep == nil || b.NextStep.Tool != "get_batch" || b.NextStep.Arguments["continue"] != true {
					t.Errorf("next is %+v", b.NextStep)
				}
				srv.getBatch(id, `,"continue":true,"wait_seconds":0`)
				time.Sleep(5 * time.Minute)
				if b = srv.getBatch(id, ""); !b.Done || b.Counts.Finished != 9 || len(srv.account.Tasks()) != 9 {
					t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
				}
				srv.checkOneTaskPerRow()
			})
		})
	}
}

func TestBatchIsHiddenFromOtherCallers(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		owner := dep.serve()
		id := owner.runBatch("Seven Hours", 1, 4, `,"max_parallel":1`).BatchID
		dep.stop(owner)
		stranger := dep.serve(func(cfg *tools.Config) {
			cfg.Caller = func(context.Context) string { return ledger.HashCaller("another caller's") }
		})
		for tool, more := range map[string]string{"get_batch": `,"continue":true`, "stop_batch": ""} {
			if p := stranger.call(context.Background(), tool, batchArgument(id, more)).problem(); p.Code != "no_such_batch" {
				t.Errorf("%s: got %+v", tool, p)
			}
		}
		if n := openTasks(dep.account); n != 1 || len(dep.account.Tasks()) != 1 {
			t.Errorf("%d of %d tasks are open", n, len(dep.account.Tasks()))
		}
	})
}

func TestBatchInputsAreDeletedWithTheQueue(t *testing.T) {
	runDeployment(t, "ledger.db", func(t *testing.T, dep *deployment) {
		srv := dep.serve()
		id := srv.runBatch("Seven Hours", 1, 4, `,"max_parallel":2`).BatchID
		if !dep.contains("shop.example/3") || dep.contains("shop.example/1") {
			t.Error("the ledger has not the inputs of the queue only")
		}
		srv.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if dep.contains("shop.example") {
			t.Error("inputs of a stopped batch are in the ledger")
		}
	})
}

// contains reports whether a file of the ledger has text in it.
func (dep *deployment) contains(text string) bool {
	files, err := filepath.Glob(dep.path + "*")
	if err != nil || len(files) == 0 {
		dep.t.Fatal("the ledger has no file")
	}
	return slices.ContainsFunc(files, func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(raw), text)
	})
}

// A crash is played by closing the ledger in the middle of a start: what comes
// after cannot be written down.
func TestBatchCrashLosesAndRepeatsNoRow(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"after the task was made":  {Endpoint: "run-task", Skip: 2, Times: 1, Delay: 10 * time.Second, After: true},
		"before the task was made": {Endpoint: "run-task", Skip: 2, Times: 1, Delay: 10 * time.Second, Abort: true},
	} {
		t.Run(name, func(t *testing.T) {
			runDeployment(t, "ledger.db", func(t *testing.T, dep *deployment) {
				first := dep.serve()
				dep.account.Inject(fault)
				id := first.runBatch("Price Monitor", 1, 5, `,"wait_seconds":3`).BatchID
				_ = dep.book.Close()
				dep.reopen()
				dep.stop(first)

				srv := dep.serve()
				b := srv.getBatch(id, `,"wait_seconds":0`)
				if status := b.Rows[2].Status; b.Counts.Queued != 2 || status != "starting" && status != "may_have_started" && status != "created" {
					t.Errorf("got %+v", b)
				}
				if b = srv.finishBatch(id); b.Counts.Finished != 5 || len(dep.account.Tasks()) != 5 {
					t.Errorf("%d tasks; got %+v", len(dep.account.Tasks()), b)
				}
				srv.checkOneTaskPerRow()
			}, simulator.WithListLag(2*time.Second))
		})
	}
}

func TestClosingEndsBatchWaitAndFinishesStarts(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: 1, Delay: 10 * time.Second})
		answers := make(chan answer)
		go func() {
			answers <- srv.call(context.Background(), "run_batch", srv.batchArguments("Seven Hours", 1, 5, `,"wait_seconds":50`))
		}()
		time.Sleep(5 * time.Second)
		closed := time.Now()
		close(srv.closing)
		b := receive(t, answers).batch()
		if late := time.Since(closed); late > 500*time.Millisecond || b.Counts != (schemas.BatchCounts{Running: 1, Starting: 1, Queued: 3}) {
			t.Errorf("after %v got %+v", late, b.Counts)
		}
		srv.client.DrainStarts(context.Background())
		if drained := time.Since(closed); drained < 4*time.Second || drained > 8*time.Second {
			t.Errorf("shutdown waits for %v", drained)
		}
		time.Sleep(time.Hour)
		if b := srv.getBatch(b.BatchID, `,"wait_seconds":0`); b.Counts != (schemas.BatchCounts{Running: 2, Queued: 3}) || len(srv.account.Tasks()) != 2 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b.Counts)
		}
		srv.closing = make(chan struct{}) // for the house to close
	})
}

func TestTwoServersStartEachBatchRowOnce(t *testing.T) {
	runDeployment(t, "ledger.db", func(t *testing.T, dep *deployment) {
		one := dep.serve()
		id := one.runBatch("Price Monitor", 1, 12, `,"max_parallel":2,"wait_seconds":0`).BatchID
		dep.reopen()
		two := dep.serve()
		two.getBatch(id, `,"continue":true,"wait_seconds":0`)
		b := one.finishBatch(id)
		if b.Counts.Finished != 12 || len(dep.account.Tasks()) != 12 {
			t.Errorf("%d tasks; got %+v", len(dep.account.Tasks()), b)
		}
		one.checkOneTaskPerRow()
	})
}

func TestStopBatchReachesAnotherServer(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		one := dep.serve()
		one.start("Seven Hours") // takes the account's only place
		dep.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 14 * time.Second})
		id := one.runBatch("Price Monitor", 1, 3, `,"wait_seconds":0`).BatchID
		two := dep.serve()
		two.call(context.Background(), "stop_batch", batchArgument(id, ""))
		time.Sleep(10 * time.Minute)
		if b := two.getBatch(id, ""); b.Counts != (schemas.BatchCounts{GivenUp: 3}) || posts(dep.account) != 2 {
			t.Errorf("%d runs were asked for; got %+v", posts(dep.account), b.Counts)
		}
	}, simulator.WithConcurrency(1))
}

func TestCallerHasUpToTenActiveBatches(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		for n := 1; n <= 11; n++ {
			b := srv.runBatch("Stuck In Queue", n*100, n*100+2, `,"max_parallel":1,"wait_seconds":0`)
			if refused := strings.Contains(strings.Join(b.Warnings, ""), "10 batches"); refused != (n == 11) {
				t.Errorf("batch %d: %v", n, b.Warnings)
			}
		}
	})
}

func TestBatchAnswersWithinItsDeadline(t *testing.T) {
	for name, faults := range map[string][]simulator.Fault{
		"starts hang":          {{Endpoint: "run-task", Delay: time.Hour}},
		"starts hang after":    {{Endpoint: "run-task", Delay: time.Hour, After: true}},
		"lists hang":           {{Endpoint: "list-tasks", Delay: time.Hour}},
		"reads hang":           {{Endpoint: "get-task", Delay: time.Hour}, {Endpoint: "get-task-status", Delay: time.Hour}},
		"stops hang":           {{Endpoint: "stop-task", Delay: time.Hour}},
		"the definition hangs": {{Endpoint: "get-workflow", Delay: time.Hour}},
		"all is slow":          {{Delay: 6 * time.Second}},
		"all fails":            {{Status: 503, Skip: 3}},
	} {
		for _, wait := range []time.Duration{0, 25 * time.Second, 50 * time.Second} {
			t.Run(fmt.Sprintf("%s/%v", name, wait), func(t *testing.T) {
				runBatchSynctest(t, func(t *testing.T, srv *testServer) {
					early := srv.runBatch("Never Ends", 100, 106, `,"max_parallel":6,"wait_seconds":5`).BatchID
					for _, fault := range faults {
						srv.account.Inject(fault)
					}
					more := fmt.Sprintf(`,"wait_seconds":%d`, int(wait.Seconds()))
					for _, call := range [][2]string{
						{"run_batch", srv.batchArguments("Price Monitor", 1, 6, more)},
						{"get_batch", batchArgument(early, more+`,"continue":true`)},
						{"stop_batch", batchArgument(early, "")},
						{"get_batch", batchArgument(early, more)},
					} {
						began := time.Now()
						a := srv.call(context.Background(), call[0], call[1])
						if took := time.Since(began); took > max(wait, 20*time.Second)+3*time.Second {
							t.Errorf("%s took %v: %s", call[0], took, a.Text)
						}
						if strings.Contains(a.Text, "ledger") {
							t.Errorf("%s blames the ledger: %s", call[0], a.Text)
						}
					}
				})
			})
		}
	}
}

func TestBatchAnswersBeforeClientTimeout(t *testing.T) {
	runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
		srv := dep.serve(func(cfg *tools.Config) { cfg.ClientTimeout = 5 * time.Second })
		dep.account.Inject(simulator.Fault{Delay: 2 * time.Second})
		id := srv.runBatch("Seven Hours", 1, 8, "").BatchID
		for _, call := range []string{"get_batch", "stop_batch"} {
			began := time.Now()
			a := srv.call(context.Background(), call, batchArgument(id, ""))
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s took %v: %s", call, took, a.Text)
			}
		}
	})
}

func TestRandomSchedulesPayForEachRowOfABatchOnce(t *testing.T) {
	names := slices.Sorted(maps.Keys(startFaults))
	for seed := range uint64(100 / fewerSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			runDeployment(t, ledger.InMemory, func(t *testing.T, dep *deployment) {
				r := rand.New(rand.NewPCG(seed, 2))
				srv := dep.serve()
				var faults []func()
				for _, endpoint := range []string{"run-task", "list-tasks", "get-task", "get-task-status"} {
					f := startFaults[names[r.IntN(len(names))]]
					f.Endpoint, f.Times, f.Skip = endpoint, 1+r.IntN(4), r.IntN(6)
					faults = append(faults, dep.account.Inject(f))
				}
				arguments := srv.batchArguments("Price Monitor", 1, 8, fmt.Sprintf(`,"max_parallel":%d,"wait_seconds":10,"idempotency_key":"k"`, 1+r.IntN(8)))
				for range 3 {
					ctx, cancel := cancelled(time.Duration(1+r.IntN(30)) * time.Second)
					srv.call(ctx, "run_batch", arguments)
					cancel()
					if r.IntN(2) == 0 {
						dep.stop(srv)
						srv = dep.serve()
					}
					time.Sleep(time.Duration(r.IntN(60)) * time.Second)
				}
				for _, end := range faults {
					end()
				}
				b := srv.call(context.Background(), "run_batch", arguments).batch()
				b = srv.finishBatch(b.BatchID)
				srv.checkOneTaskPerRow()
				if b.Counts.Finished+b.Counts.Refused != 8 {
					t.Errorf("got %+v", b)
				}
			}, simulator.WithListLag(time.Duration(seed%4)*time.Second), simulator.WithConcurrency(2+int(seed%5)))
		})
	}
}

func TestBatchSurvivesLedgerFailure(t *testing.T) {
	for name, breakIt := range breakages {
		if strings.HasPrefix(name, "held") || name == "full" { // the others lose the rows with the file
			for _, at := range []time.Duration{time.Second, 30 * time.Second, 61 * time.Second} {
				t.Run(fmt.Sprint(name, "/", at), func(t *testing.T) {
					runDeployment(t, "ledger.db", func(t *testing.T, dep *deployment) {
						dep.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 2 * time.Second})
						srv := dep.serve()
						id := srv.runBatch("Price Monitor", 1, 6, `,"max_parallel":2,"wait_seconds":0`).BatchID
						time.Sleep(at)
						repair := breakIt(t, dep.path)
						time.Sleep(20 * time.Second)
						repair()
						time.Sleep(20 * time.Minute)
						if b := srv.getBatch(id, ""); !b.Done || b.Counts.Finished != 6 || len(srv.account.Tasks()) != 6 {
							t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b)
						}
						srv.checkOneTaskPerRow()
					})
				})
			}
		}
	}
}
