package tools_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A way to have no memory is a ledger that each of two processes, one after the other,
// is given, and what happens to the file before each of them. It is made in a bubble.
type ledgerLoss func(t *testing.T, path string) (first, second serverOption)

// brokenFile is a file that something is done to before both processes.
func brokenFile(breakIt func(t *testing.T, path string)) ledgerLoss {
	return func(t *testing.T, path string) (first, second serverOption) {
		openAndStart(t, path) // it was in use before
		breakIt(t, path)
		return withFile(t, path), withFile(t, path)
	}
}

// openAndStart makes a ledger with a run in it.
func openAndStart(t *testing.T, path string) {
	t.Helper()
	book := openLedger(t, path)
	start := ledger.Start{Caller: "other", Kind: ledger.Workflow, TargetID: "1", Fingerprint: "1"}
	if _, err := book.Begin(context.Background(), start); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
}

func withoutLedger(cfg *tools.Config) { cfg.Ledger = nil }

var ledgerLosses = map[string]ledgerLoss{
	"off": func(*testing.T, string) (first, second serverOption) { return withoutLedger, withoutLedger },
	"memory": func(*testing.T, string) (first, second serverOption) {
		return func(*tools.Config) {}, func(*tools.Config) {}
	},
	"off after memory": func(*testing.T, string) (first, second serverOption) { return func(*tools.Config) {}, withoutLedger },
	"a fresh container": func(t *testing.T, path string) (first, second serverOption) {
		return withFile(t, path), withFile(t, path+"2")
	},
	"held by a writer": brokenFile(func(t *testing.T, path string) { t.Cleanup(breakages["held by a writer"](t, path)) }),
	"full":             brokenFile(func(t *testing.T, path string) { t.Cleanup(breakages["full"](t, path)) }),
	"a folder":         brokenFile(func(t *testing.T, path string) { breakages["a folder in its place"](t, path) }),
	"damaged":          brokenFile(func(t *testing.T, path string) { breakages["overwritten"](t, path) }),
	"of a newer version": brokenFile(func(t *testing.T, path string) {
		execSQL(t, path, "PRAGMA user_version(99)", "SELECT 1")()
	}),
	"another program's": brokenFile(func(t *testing.T, path string) {
		execSQL(t, path, "PRAGMA application_id(7)", "SELECT 1")()
	}),
	"without a folder": func(t *testing.T, path string) (first, second serverOption) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return withFile(t, filepath.Join(path, "ledger.db")), withFile(t, filepath.Join(path, "ledger.db"))
	},
	"deleted between": func(t *testing.T, path string) (first, second serverOption) {
		return withFile(t, path), func(cfg *tools.Config) {
			remove(t, path, path+"-wal", path+"-shm")
			withFile(t, path)(cfg)
		}
	},
	"held in the first process only": func(t *testing.T, path string) (first, second serverOption) {
		openAndStart(t, path)
		letGo := breakages["held by a writer"](t, path)
		return withFile(t, path), func(cfg *tools.Config) {
			letGo()
			withFile(t, path)(cfg)
		}
	},
}

func TestActiveRunIsNotStartedAgainAfterLedgerLoss(t *testing.T) {
	for name, memory := range ledgerLosses {
		for _, moment := range []string{"started", "without an answer", "and its list fails"} {
			for _, kind := range []string{"run_workflow", "run_template"} {
				t.Run(name+"/"+moment+"/"+kind, func(t *testing.T) {
					skipInRace(t)
					path := filepath.Join(t.TempDir(), "ledger.db")
					var second serverOption
					open := func(t *testing.T) *testServer {
						first, then := memory(t, path)
						second = then
						return newServer(t, newAccount(), first)
					}
					runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
						arguments := srv.addWithInput(kind, "q", "x", 5*time.Hour)
						if moment != "started" {
							srv.loseStartReply()
						}
						srv.call(context.Background(), kind, arguments)
						restarted := newServerOn(t, srv, second)
						if moment == "and its list fails" {
							restore := srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Status: 503})
							if a := restarted.call(context.Background(), kind, arguments); !a.IsError || !strings.Contains(a.Text, "Nothing was started") {
								t.Errorf("without a list: %s", a.Text)
							}
							restore()
						}
						a := restarted.call(context.Background(), kind, arguments)
						restarted.checkOneTask(t, a)
						if !a.task().Deduplicated || len(srv.account.Tasks()) != 1 {
							t.Errorf("got %s", a.Text)
						}
					})
				})
			}
		}
	}
}

// mainFaults are those of the matrix that leave something to find, for ledgers whose
// files take their time.
var mainFaults = []string{"clear answer", "reset before creation", "reset after creation", "time-out after creation", "500 after creation", "truncated after"}

// The matrix of faults, across a restart of a server that forgets.
func TestFaultAndLedgerLossMakeNoSecondRun(t *testing.T) {
	for name, memory := range ledgerLosses {
		for faultName, fault := range startFaults {
			if !slices.Contains([]string{"off", "memory", "a fresh container"}, name) && !slices.Contains(mainFaults, faultName) {
				continue
			}
			t.Run(name+"/"+faultName, func(t *testing.T) {
				skipInRace(t)
				path := filepath.Join(t.TempDir(), "ledger.db")
				var second serverOption
				open := func(t *testing.T) *testServer {
					first, then := memory(t, path)
					second = then
					return newServer(t, newAccount(), first)
				}
				runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
					if fault.Endpoint = "run-task"; faultName != "clear answer" {
						fault.Times = 1
						srv.account.Inject(fault)
					}
					srv.run("Never Ends", "")
					restarted := newServerOn(t, srv, second)
					restarted.checkOneTask(t, restarted.run("Never Ends", ""))
					restarted.checkOneTask(t, restarted.run("Never Ends", ""))
					if n := len(srv.account.Tasks()); n != 1 && (fault.After || faultName == "clear answer") {
						t.Errorf("%d runs", n)
					}
				})
			})
		}
	}
}

func TestServerWithoutRecordsStartsInactiveRun(t *testing.T) {
	for name, before := range map[string]func(srv *testServer){
		"nothing":                    func(*testServer) {},
		"another workflow":           func(srv *testServer) { srv.start("Stuck In Queue") },
		"other inputs":               func(srv *testServer) { srv.runDistinct(1) },
		"one that has ended":         func(srv *testServer) { srv.finishPriceMonitor("") },
		"with allow_duplicate asked": func(srv *testServer) { srv.start("Price Monitor") },
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				before(srv)
				asked := len(srv.account.Tasks())
				more := `,"wait_seconds":0`
				if name == "with allow_duplicate asked" {
					more += `,"allow_duplicate":true`
				}
				task := newServerOn(t, srv).run("Price Monitor", more).task()
				if created := srv.account.Tasks(); len(created) != asked+1 || task.TaskID != created[asked].ID || task.Deduplicated {
					t.Errorf("%d runs, got %+v", len(created), task)
				}
			})
		})
	}
}

// A server knows what it has started, with any inputs that the account returns: one run is
// not the answer to all.
func TestServerWithoutRecordsDistinguishesOwnRuns(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(withInputParameters(func(string) string { return `"input_parameters":null` }))
		for n := range 5 {
			if task := srv.runDistinct(n).task(); task.Deduplicated {
				t.Errorf("run %d: got %+v", n, task)
			}
		}
	})
}

func TestTaskWithUnknownInputsAnswersWithAWarning(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		srv.account.Inject(withInputParameters(func(string) string { return `"input_parameters":null` }))
		a := newServerOn(t, srv).run("Never Ends", `,"wait_seconds":0`)
		a.checkMessages()
		task := a.task()
		if warnings := strings.Join(task.Warnings, " "); task.TaskID != id || !strings.Contains(warnings, "allow_duplicate") {
			t.Errorf("got %+v", task)
		}
	})
}

// The account is asked for a target until it has shown that no run is active.
func TestAccountIsSearchedOncePerWorkflow(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		time.Sleep(3 * time.Minute)
		for n := range 5 {
			srv.runDistinct(n)
		}
		lists := 0
		for _, r := range srv.account.Requests() {
			if r.Endpoint == "list-tasks" {
				lists++
			}
		}
		if lists != 1 {
			t.Errorf("%d lists were read, want 1", lists)
		}
	}, simulator.WithConcurrency(10))
}

// A client that gives up without a word asks again and again.
func TestRepeatedCallsPayOnce(t *testing.T) {
	for _, running := range []time.Duration{time.Second, 4 * time.Second, 7 * time.Second, 20 * time.Second, 45 * time.Second} {
		for _, every := range []time.Duration{2 * time.Second, 5 * time.Second, 12 * time.Second} {
			t.Run(fmt.Sprintf("runs of %v, asked for every %v", running, every), func(t *testing.T) {
				runSynctest(t, func(t *testing.T, srv *testServer) {
					arguments := srv.addWithInput("run_workflow", "q", "x", running)
					answers := make(chan answer, 100)
					began := time.Now()
					for time.Since(began) < time.Minute {
						go func() { answers <- srv.call(context.Background(), "run_workflow", arguments) }()
						time.Sleep(every)
					}
					time.Sleep(time.Minute)
					if n := len(srv.account.Tasks()); n != 1 {
						t.Errorf("%d runs were paid", n)
					}
				})
			})
		}
	}
}

func TestAnswerAfterTheEndNamesAllowDuplicate(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.finishPriceMonitor("")
		task := srv.run("Price Monitor", "").task()
		if !task.Done || !task.Deduplicated || !strings.Contains(strings.Join(task.Warnings, " "), "allow_duplicate") {
			t.Errorf("got %+v", task)
		}
	})
}
