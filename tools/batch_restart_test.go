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

func TestBatchIsFollowedAfterARestartAndStartsOnlyWhenTold(t *testing.T) {
	for _, path := range []string{ledger.InMemory, "ledger.db"} {
		t.Run(path, func(t *testing.T) {
			inHouse(t, path, func(t *testing.T, h *house) {
				first := h.serve()
				id := first.runBatch("Price Monitor", 1, 9, `,"max_parallel":3,"wait_seconds":5`).BatchID
				h.stop(first)

				d := h.serve()
				for range 5 {
					time.Sleep(2 * time.Minute)
					d.runBatch("Price Monitor", 1, 9, "")
				}
				began := time.Now()
				b := d.getBatch(id, "")
				if took := time.Since(began); took > time.Second {
					t.Errorf("a call waits %v for rows that nobody starts", took)
				}
				if b.Counts != (schemas.BatchCounts{Finished: 3, Queued: 6}) || b.Rows[0].Rows == nil || len(d.account.Tasks()) != 3 {
					t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
				}
				if b.NextStep == nil || b.NextStep.Tool != "get_batch" || b.NextStep.Arguments["continue"] != true {
					t.Errorf("next is %+v", b.NextStep)
				}
				d.getBatch(id, `,"continue":true,"wait_seconds":0`)
				time.Sleep(5 * time.Minute)
				if b = d.getBatch(id, ""); !b.Done || b.Counts.Finished != 9 || len(d.account.Tasks()) != 9 {
					t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
				}
				d.holdOneTaskARow()
			})
		})
	}
}

func TestOtherCallerSeesNothingOfABatch(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		owner := h.serve()
		id := owner.runBatch("Seven Hours", 1, 4, `,"max_parallel":1`).BatchID
		h.stop(owner)
		stranger := h.serve(func(cfg *tools.Config) {
			cfg.Caller = func(context.Context) string { return ledger.HashCaller("somebody else's") }
		})
		for tool, more := range map[string]string{"get_batch": `,"continue":true`, "stop_batch": ""} {
			if p := stranger.call(context.Background(), tool, batchArgument(id, more)).problem(); p.Code != "no_such_batch" {
				t.Errorf("%s: got %+v", tool, p)
			}
		}
		if n := openTasks(h.account); n != 1 || len(h.account.Tasks()) != 1 {
			t.Errorf("%d of %d tasks are open", n, len(h.account.Tasks()))
		}
	})
}

func TestInputsOfABatchLeaveTheLedgerWithTheQueue(t *testing.T) {
	inHouse(t, "ledger.db", func(t *testing.T, h *house) {
		d := h.serve()
		id := d.runBatch("Seven Hours", 1, 4, `,"max_parallel":2`).BatchID
		if !h.holds("shop.example/3") || h.holds("shop.example/1") {
			t.Error("the ledger has not the inputs of the queue only")
		}
		d.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if h.holds("shop.example") {
			t.Error("inputs of a stopped batch are in the ledger")
		}
	})
}

// holds reports whether a file of the ledger has text in it.
func (h *house) holds(text string) bool {
	files, err := filepath.Glob(h.path + "*")
	if err != nil || len(files) == 0 {
		h.t.Fatal("the ledger has no file")
	}
	return slices.ContainsFunc(files, func(name string) bool {
		raw, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(raw), text)
	})
}

// A crash is played by closing the ledger in the middle of a start: what comes
// after cannot be written down.
func TestCrashInABatchLosesAndRepeatsNoRow(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"after the task was made":  {Endpoint: "run-task", Skip: 2, Times: 1, Delay: 10 * time.Second, After: true},
		"before the task was made": {Endpoint: "run-task", Skip: 2, Times: 1, Delay: 10 * time.Second, Abort: true},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, "ledger.db", func(t *testing.T, h *house) {
				first := h.serve()
				h.account.Inject(fault)
				id := first.runBatch("Price Monitor", 1, 5, `,"wait_seconds":3`).BatchID
				_ = h.book.Close()
				h.reopen()
				h.stop(first)

				d := h.serve()
				b := d.getBatch(id, `,"wait_seconds":0`)
				if status := b.Rows[2].Status; b.Counts.Queued != 2 || status != "starting" && status != "may_have_started" && status != "created" {
					t.Errorf("got %+v", b)
				}
				if b = d.toTheEnd(id); b.Counts.Finished != 5 || len(h.account.Tasks()) != 5 {
					t.Errorf("%d tasks; got %+v", len(h.account.Tasks()), b)
				}
				d.holdOneTaskARow()
			}, simulator.WithListLag(2*time.Second))
		})
	}
}

func TestClosingEndsTheWaitForABatchAndSeesAStartThrough(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: 1, Delay: 10 * time.Second})
		answers := make(chan answer)
		go func() {
			answers <- d.call(context.Background(), "run_batch", d.batchArguments("Seven Hours", 1, 5, `,"wait_seconds":50`))
		}()
		time.Sleep(5 * time.Second)
		closed := time.Now()
		close(d.closing)
		b := (<-answers).batch()
		if late := time.Since(closed); late > 500*time.Millisecond || b.Counts != (schemas.BatchCounts{Running: 1, Starting: 1, Queued: 3}) {
			t.Errorf("after %v got %+v", late, b.Counts)
		}
		d.client.DrainStarts(context.Background())
		if drained := time.Since(closed); drained < 4*time.Second || drained > 8*time.Second {
			t.Errorf("shutdown waits for %v", drained)
		}
		time.Sleep(time.Hour)
		if b := d.getBatch(b.BatchID, `,"wait_seconds":0`); b.Counts != (schemas.BatchCounts{Running: 2, Queued: 3}) || len(d.account.Tasks()) != 2 {
			t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b.Counts)
		}
		d.closing = make(chan struct{}) // for the house to close
	})
}

func TestTwoServersAtOneBatchStartEachRowOnce(t *testing.T) {
	inHouse(t, "ledger.db", func(t *testing.T, h *house) {
		one := h.serve()
		id := one.runBatch("Price Monitor", 1, 12, `,"max_parallel":2,"wait_seconds":0`).BatchID
		h.reopen()
		two := h.serve()
		two.getBatch(id, `,"continue":true,"wait_seconds":0`)
		b := one.toTheEnd(id)
		if b.Counts.Finished != 12 || len(h.account.Tasks()) != 12 {
			t.Errorf("%d tasks; got %+v", len(h.account.Tasks()), b)
		}
		one.holdOneTaskARow()
	})
}

func TestStopReachesTheServerThatIsAtTheBatch(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		one := h.serve()
		one.start("Seven Hours") // takes the account's only place
		h.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 14 * time.Second})
		id := one.runBatch("Price Monitor", 1, 3, `,"wait_seconds":0`).BatchID
		two := h.serve()
		two.call(context.Background(), "stop_batch", batchArgument(id, ""))
		time.Sleep(10 * time.Minute)
		if b := two.getBatch(id, ""); b.Counts != (schemas.BatchCounts{GivenUp: 3}) || posts(h.account) != 2 {
			t.Errorf("%d runs were asked for; got %+v", posts(h.account), b.Counts)
		}
	}, simulator.WithConcurrency(1))
}

func TestCallerHasAtMostTenBatchesAtWork(t *testing.T) {
	batchBubble(t, func(t *testing.T, d *desk) {
		for n := 1; n <= 11; n++ {
			b := d.runBatch("Stuck In Queue", n*100, n*100+2, `,"max_parallel":1,"wait_seconds":0`)
			if refused := strings.Contains(strings.Join(b.Warnings, ""), "10 batches"); refused != (n == 11) {
				t.Errorf("batch %d: %v", n, b.Warnings)
			}
		}
	})
}

func TestEveryAnswerOfABatchIsInTime(t *testing.T) {
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
				batchBubble(t, func(t *testing.T, d *desk) {
					early := d.runBatch("Never Ends", 100, 106, `,"max_parallel":6,"wait_seconds":5`).BatchID
					for _, fault := range faults {
						d.account.Inject(fault)
					}
					more := fmt.Sprintf(`,"wait_seconds":%d`, int(wait.Seconds()))
					for _, call := range [][2]string{
						{"run_batch", d.batchArguments("Price Monitor", 1, 6, more)},
						{"get_batch", batchArgument(early, more+`,"continue":true`)},
						{"stop_batch", batchArgument(early, "")},
						{"get_batch", batchArgument(early, more)},
					} {
						began := time.Now()
						a := d.call(context.Background(), call[0], call[1])
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

func TestBatchAnswersBeforeAnImpatientClientGivesUp(t *testing.T) {
	inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
		d := h.serve(func(cfg *tools.Config) { cfg.ClientTimeout = 5 * time.Second })
		h.account.Inject(simulator.Fault{Delay: 2 * time.Second})
		id := d.runBatch("Seven Hours", 1, 8, "").BatchID
		for _, call := range []string{"get_batch", "stop_batch"} {
			began := time.Now()
			a := d.call(context.Background(), call, batchArgument(id, ""))
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
			inHouse(t, ledger.InMemory, func(t *testing.T, h *house) {
				r := rand.New(rand.NewPCG(seed, 2))
				d := h.serve()
				var faults []func()
				for _, endpoint := range []string{"run-task", "list-tasks", "get-task", "get-task-status"} {
					f := startFaults[names[r.IntN(len(names))]]
					f.Endpoint, f.Times, f.Skip = endpoint, 1+r.IntN(4), r.IntN(6)
					faults = append(faults, h.account.Inject(f))
				}
				arguments := d.batchArguments("Price Monitor", 1, 8, fmt.Sprintf(`,"max_parallel":%d,"wait_seconds":10,"idempotency_key":"k"`, 1+r.IntN(8)))
				for range 3 {
					ctx, cancel := cancelled(time.Duration(1+r.IntN(30)) * time.Second)
					d.call(ctx, "run_batch", arguments)
					cancel()
					if r.IntN(2) == 0 {
						h.stop(d)
						d = h.serve()
					}
					time.Sleep(time.Duration(r.IntN(60)) * time.Second)
				}
				for _, end := range faults {
					end()
				}
				b := d.call(context.Background(), "run_batch", arguments).batch()
				b = d.toTheEnd(b.BatchID)
				d.holdOneTaskARow()
				if b.Counts.Finished+b.Counts.Refused != 8 {
					t.Errorf("got %+v", b)
				}
			}, simulator.WithListLag(time.Duration(seed%4)*time.Second), simulator.WithConcurrency(2+int(seed%5)))
		})
	}
}

func TestBatchOutlivesALedgerThatFails(t *testing.T) {
	for name, breakIt := range breakages {
		if strings.HasPrefix(name, "held") || name == "full" { // the others lose the rows with the file
			for _, at := range []time.Duration{time.Second, 30 * time.Second, 61 * time.Second} {
				t.Run(fmt.Sprint(name, "/", at), func(t *testing.T) {
					inHouse(t, "ledger.db", func(t *testing.T, h *house) {
						h.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 2 * time.Second})
						d := h.serve()
						id := d.runBatch("Price Monitor", 1, 6, `,"max_parallel":2,"wait_seconds":0`).BatchID
						time.Sleep(at)
						repair := breakIt(t, h.path)
						time.Sleep(20 * time.Second)
						repair()
						time.Sleep(20 * time.Minute)
						if b := d.getBatch(id, ""); !b.Done || b.Counts.Finished != 6 || len(d.account.Tasks()) != 6 {
							t.Errorf("%d tasks; got %+v", len(d.account.Tasks()), b)
						}
						d.holdOneTaskARow()
					})
				})
			}
		}
	}
}
