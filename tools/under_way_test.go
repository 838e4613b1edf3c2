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
type noMemory func(t *testing.T, path string) (first, second deskOption)

// brokenFile is a file that something is done to before both processes.
func brokenFile(breakIt func(t *testing.T, path string)) noMemory {
	return func(t *testing.T, path string) (first, second deskOption) {
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

func without(cfg *tools.Config) { cfg.Ledger = nil }

var noMemories = map[string]noMemory{
	"off": func(*testing.T, string) (first, second deskOption) { return without, without },
	"memory": func(*testing.T, string) (first, second deskOption) {
		return func(*tools.Config) {}, func(*tools.Config) {}
	},
	"off after memory": func(*testing.T, string) (first, second deskOption) { return func(*tools.Config) {}, without },
	"a fresh container": func(t *testing.T, path string) (first, second deskOption) {
		return withFile(t, path), withFile(t, path+"2")
	},
	"held by a writer": brokenFile(func(t *testing.T, path string) { t.Cleanup(breakages["held by a writer"](t, path)) }),
	"full":             brokenFile(func(t *testing.T, path string) { t.Cleanup(breakages["full"](t, path)) }),
	"a folder":         brokenFile(func(t *testing.T, path string) { breakages["a folder in its place"](t, path) }),
	"damaged":          brokenFile(func(t *testing.T, path string) { breakages["overwritten"](t, path) }),
	"of a newer version": brokenFile(func(t *testing.T, path string) {
		statements(t, path, "PRAGMA user_version(99)", "SELECT 1")()
	}),
	"another program's": brokenFile(func(t *testing.T, path string) {
		statements(t, path, "PRAGMA application_id(7)", "SELECT 1")()
	}),
	"without a folder": func(t *testing.T, path string) (first, second deskOption) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return withFile(t, filepath.Join(path, "ledger.db")), withFile(t, filepath.Join(path, "ledger.db"))
	},
	"deleted between": func(t *testing.T, path string) (first, second deskOption) {
		return withFile(t, path), func(cfg *tools.Config) {
			remove(t, path, path+"-wal", path+"-shm")
			withFile(t, path)(cfg)
		}
	},
	"held in the first process only": func(t *testing.T, path string) (first, second deskOption) {
		openAndStart(t, path)
		letGo := breakages["held by a writer"](t, path)
		return withFile(t, path), func(cfg *tools.Config) {
			letGo()
			withFile(t, path)(cfg)
		}
	},
}

func TestRunUnderWayIsNotStartedAgainByAServerWithoutMemory(t *testing.T) {
	for name, memory := range noMemories {
		for _, moment := range []string{"started", "without an answer", "and its list fails"} {
			for _, kind := range []string{"run_workflow", "run_template"} {
				t.Run(name+"/"+moment+"/"+kind, func(t *testing.T) {
					path := filepath.Join(t.TempDir(), "ledger.db")
					var second deskOption
					open := func(t *testing.T) *desk {
						first, then := memory(t, path)
						second = then
						return newDesk(t, simulator.New(), first)
					}
					bubbleOf(t, open, func(t *testing.T, d *desk) {
						arguments := d.oneInput(kind, "q", "x", 5*time.Hour)
						if moment != "started" {
							d.loseAnswer()
						}
						d.call(context.Background(), kind, arguments)
						restarted := newDeskOn(t, d, second)
						if moment == "and its list fails" {
							restore := d.account.Inject(simulator.Fault{Endpoint: "list-tasks", Status: 503})
							if a := restarted.call(context.Background(), kind, arguments); !a.IsError || !strings.Contains(a.Text, "Nothing was started") {
								t.Errorf("without a list: %s", a.Text)
							}
							restore()
						}
						a := restarted.call(context.Background(), kind, arguments)
						restarted.holdOneTask(t, a)
						if !a.task().Deduplicated || len(d.account.Tasks()) != 1 {
							t.Errorf("got %s", a.Text)
						}
					})
				})
			}
		}
	}
}

// mostFaults are those of the matrix that leave something to find, for ledgers whose
// files take their time.
var mostFaults = []string{"clear answer", "reset before creation", "reset after creation", "time-out after creation", "500 after creation", "truncated after"}

// The matrix of faults, across a restart of a server that forgets.
func TestNoFaultMakesASecondRunThoughTheServerForgets(t *testing.T) {
	for name, memory := range noMemories {
		for faultName, fault := range startFaults {
			if !slices.Contains([]string{"off", "memory", "a fresh container"}, name) && !slices.Contains(mostFaults, faultName) {
				continue
			}
			t.Run(name+"/"+faultName, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "ledger.db")
				var second deskOption
				open := func(t *testing.T) *desk {
					first, then := memory(t, path)
					second = then
					return newDesk(t, simulator.New(), first)
				}
				bubbleOf(t, open, func(t *testing.T, d *desk) {
					if fault.Endpoint = "run-task"; faultName != "clear answer" {
						fault.Times = 1
						d.account.Inject(fault)
					}
					d.ask("Never Ends", "")
					restarted := newDeskOn(t, d, second)
					restarted.holdOneTask(t, restarted.ask("Never Ends", ""))
					restarted.holdOneTask(t, restarted.ask("Never Ends", ""))
					if n := len(d.account.Tasks()); n != 1 && (fault.After || faultName == "clear answer") {
						t.Errorf("%d runs", n)
					}
				})
			})
		}
	}
}

func TestServerWithoutMemoryStartsWhatIsNotUnderWay(t *testing.T) {
	for name, before := range map[string]func(d *desk){
		"nothing":                    func(*desk) {},
		"another workflow":           func(d *desk) { d.start("Stuck In Queue") },
		"other inputs":               func(d *desk) { d.distinct(1) },
		"one that has ended":         func(d *desk) { d.priceToTheEnd("") },
		"with allow_duplicate asked": func(d *desk) { d.start("Price Monitor") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				before(d)
				asked := len(d.account.Tasks())
				more := `,"wait_seconds":0`
				if name == "with allow_duplicate asked" {
					more += `,"allow_duplicate":true`
				}
				task := newDeskOn(t, d).ask("Price Monitor", more).task()
				if created := d.account.Tasks(); len(created) != asked+1 || task.TaskID != created[asked].ID || task.Deduplicated {
					t.Errorf("%d runs, got %+v", len(created), task)
				}
			})
		})
	}
}

// What a server has started it knows, whatever the account tells of inputs: one run is
// not the answer to all.
func TestServerWithoutMemoryTellsItsOwnRunsApart(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.account.Inject(tellingInputs(func(string) string { return `"input_parameters":null` }))
		for n := range 5 {
			if task := d.distinct(n).task(); task.Deduplicated {
				t.Errorf("run %d: got %+v", n, task)
			}
		}
	})
}

func TestTaskWhoseInputsAreNotToldAnswersWithAWord(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.start("Never Ends")
		d.account.Inject(tellingInputs(func(string) string { return `"input_parameters":null` }))
		task := newDeskOn(t, d).ask("Never Ends", `,"wait_seconds":0`).task()
		if warnings := strings.Join(task.Warnings, " "); task.TaskID != id || !strings.Contains(warnings, "may be another run") || !strings.Contains(warnings, "allow_duplicate") {
			t.Errorf("got %+v", task)
		}
	})
}

// The account is asked for a target until it has shown that nothing is under way.
func TestAccountIsAskedForATargetOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		time.Sleep(3 * time.Minute)
		for n := range 5 {
			d.distinct(n)
		}
		lists := 0
		for _, r := range d.account.Requests() {
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
func TestSilentClientPaysOnce(t *testing.T) {
	for _, running := range []time.Duration{time.Second, 4 * time.Second, 7 * time.Second, 20 * time.Second, 45 * time.Second} {
		for _, every := range []time.Duration{2 * time.Second, 5 * time.Second, 12 * time.Second} {
			t.Run(fmt.Sprintf("runs of %v, asked for every %v", running, every), func(t *testing.T) {
				bubble(t, func(t *testing.T, d *desk) {
					arguments := d.oneInput("run_workflow", "q", "x", running)
					answers := make(chan answer, 100)
					began := time.Now()
					for time.Since(began) < time.Minute {
						go func() { answers <- d.call(context.Background(), "run_workflow", arguments) }()
						time.Sleep(every)
					}
					time.Sleep(time.Minute)
					if n := len(d.account.Tasks()); n != 1 {
						t.Errorf("%d runs were paid", n)
					}
				})
			})
		}
	}
}

func TestAnswerAfterTheEndSaysWhatStartsAnother(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		d.priceToTheEnd("")
		task := d.ask("Price Monitor", "").task()
		if !task.Done || !task.Deduplicated || !strings.Contains(strings.Join(task.Warnings, " "), "allow_duplicate") {
			t.Errorf("got %+v", task)
		}
	})
}
