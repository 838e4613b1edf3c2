package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// loseAnswer lets the next start of each kind happen without an answer.
func (srv *testServer) loseStartReply() {
	for _, endpoint := range []string{"run-task", "run-task-by-template"} {
		srv.account.Inject(simulator.Fault{Endpoint: endpoint, After: true, Abort: true, Times: 1})
	}
}

// otherForms are forms in which a list may return the text k=v.
var otherForms = map[string]func(text string) string{
	"filled in, quoted": func(text string) string {
		n, v, _ := strings.Cut(text, "=")
		return quote(n + `="` + v + `";language="en"`)
	},
	"filled in, ampersand":   func(text string) string { return quote(text + "&language=en") },
	"filled in, comma":       func(text string) string { return quote(text + ", language=en") },
	"filled in, cut":         func(text string) string { return quote(text[:len(text)-4] + ";language=en") },
	"filled in, null":        func(text string) string { return quote(inputName(text) + "=null;language=en") },
	"filled in, [REDACTED]":  func(text string) string { return quote(inputName(text) + "=[REDACTED];language=en") },
	"filled in, url-encoded": func(text string) string { return quote(strings.ReplaceAll(text, " ", "+") + ";language=en") },
	"object of objects": func(text string) string {
		n, v, _ := strings.Cut(text, "=")
		return `{` + quote(n) + `:{"value":` + quote(v) + `}}`
	},
	"masked L*h":       func(text string) string { return quote(inputName(text) + "=L*h") },
	"hash":             func(text string) string { return quote(inputName(text) + "=sha256:0c5a1f0de4d0ec3f1ea6") },
	"cut (truncated)":  func(text string) string { return quote(text[:len(text)-4] + " (truncated)") },
	"word: [REDACTED]": func(string) string { return quote("[REDACTED]") },
	"word: hidden":     func(string) string { return quote("hidden") },
	"values only":      func(text string) string { _, v, _ := strings.Cut(text, "="); return quote(v) },
	"other names": func(text string) string {
		_, v, _ := strings.Cut(text, "=")
		return `[{"name":"param_1","value":` + quote(v) + `}]`
	},
	"number":   func(string) string { return `42` },
	"cut to 3": func(text string) string { return quote(text[:3]) },
}

func withInputForm(form func(string) string) simulator.Fault {
	return withInputParameters(func(text string) string { return `"input_parameters":` + form(text) })
}

// An unclear start, asked again until five minutes have passed.
func TestAmbiguousStartIsPaidOnceInAllInputForms(t *testing.T) {
	for name, form := range otherForms {
		for _, kind := range []string{"run_workflow", "run_template"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				runSynctest(t, func(t *testing.T, srv *testServer) {
					arguments := srv.addWithInput(kind, "keywords", "Laptops 15 inch", 5*time.Hour)
					srv.account.Inject(withInputForm(form))
					srv.loseStartReply()
					srv.call(context.Background(), kind, arguments)
					for _, gap := range []time.Duration{3 * time.Second, 72 * time.Second, 30 * time.Second, 30 * time.Second, time.Minute} {
						time.Sleep(gap)
						srv.call(context.Background(), kind, arguments)
						if n := len(srv.account.Tasks()); n != 1 {
							t.Fatalf("%d runs were paid at %v", n, time.Since(epoch))
						}
					}
				}, simulator.WithConcurrency(100))
			})
		}
	}
}

// A clear start, a fresh container, the same start.
func TestActiveRunIsFoundInAllInputForms(t *testing.T) {
	for name, form := range otherForms {
		for _, kind := range []string{"run_workflow", "run_template"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				runSynctest(t, func(t *testing.T, srv *testServer) {
					arguments := srv.addWithInput(kind, "keywords", "Laptops 15 inch", 5*time.Hour)
					srv.account.Inject(withInputForm(form))
					srv.call(context.Background(), kind, arguments)
					newServerOn(t, srv).call(context.Background(), kind, arguments)
					if n := len(srv.account.Tasks()); n != 1 {
						t.Fatalf("%d runs were paid at %v", n, time.Since(epoch))
					}
				}, simulator.WithConcurrency(100))
			})
		}
	}
}

// Another server searches for a start that this one is about to make.
func TestTwoServersProveAbsenceNoSooner(t *testing.T) {
	for _, every := range []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second} {
		t.Run(fmt.Sprint(every), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			open := func(t *testing.T) *testServer {
				return newServer(t, newAccount(simulator.WithListLag(90*time.Second)), withFile(t, path))
			}
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				other := newServerOn(t, srv, withFile(t, path))
				arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
				srv.loseStartReply()
				srv.call(context.Background(), "run_workflow", arguments)
				for n := range 12 {
					time.Sleep(every)
					[]*testServer{other, srv}[n%2].call(context.Background(), "run_workflow", arguments)
					if n := len(srv.account.Tasks()); n != 1 {
						t.Fatalf("%d runs; the second at %v", n, srv.account.Tasks()[1].CreatedAt.Sub(epoch))
					}
				}
			})
		})
	}
}

// total_count counts more than the filter lets pass.
func TestWrongTotalCountBlocksNoStart(t *testing.T) {
	for name, more := range map[string]string{"too large": `"total_count":37`, "missing pages": ``} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				count := regexp.MustCompile(`"total_count":\d+`)
				srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
					if more == "" {
						return regexp.MustCompile(`,"total_pages":\d+`).ReplaceAll(raw, nil)
					}
					return count.ReplaceAll(raw, []byte(more))
				}})
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
				arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
				began := time.Now()
				a := srv.call(context.Background(), "run_workflow", arguments)
				for a.IsError && time.Since(began) < time.Hour {
					time.Sleep(time.Duration(max(1, a.problem().RetryAfter)) * time.Second)
					a = srv.call(context.Background(), "run_workflow", arguments)
				}
				if a.IsError {
					t.Errorf("blocked for an hour: %s", a.Text)
				}
			})
		})
	}
}

// A run that was asked for twice while it ran counts for ten minutes after its end.
func TestRepeatedRunCountsForTenMinutes(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 7*time.Second)
		arguments = strings.TrimSuffix(arguments, "}") + `,"wait_seconds":0}`
		for range 3 { // at 0, 5 and 10 s
			srv.call(context.Background(), "run_workflow", arguments)
			time.Sleep(5 * time.Second)
		}
		time.Sleep(3 * time.Minute)
		srv.call(context.Background(), "run_workflow", arguments)
		if n := len(srv.account.Tasks()); n != 1 {
			t.Errorf("%d runs were paid", n)
		}
	})
}

// The ledger is off: other inputs, of which the known ones are a part.
func TestServerWithoutLedgerDistinguishesInputs(t *testing.T) {
	for _, pair := range [][2]string{{"1", "10"}, {"New York", "New York City"}, {"https://shop.example", "https://shop.example/a"}, {"red;blue", "red"}, {"2", "12"}, {"shirts xxxl", "shoes"}, {"1.1", "1.10"}} {
		for _, kind := range []string{"run_workflow", "run_template"} {
			t.Run(strings.Join(pair[:], " then ")+kind, func(t *testing.T) {
				open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withoutLedger) }
				runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
					arguments := srv.addWithInput(kind, "q", pair[0], 5*time.Hour)
					first := srv.call(context.Background(), kind, arguments).task()
					a := srv.call(context.Background(), kind, strings.Replace(arguments, `"q":`+quote(pair[0]), `"q":`+quote(pair[1]), 1))
					if a.IsError || a.task().TaskID == first.TaskID {
						t.Errorf("answered with the run of %q: %v", pair[0], a.task().Warnings)
					}
				})
			})
		}
	}
}

// The region is part of what makes two starts the same.
func TestServerWithoutLedgerDistinguishesRegions(t *testing.T) {
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withoutLedger) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		arguments := strings.TrimSuffix(srv.addWithInput("run_template", "q", "x", 5*time.Hour), "}")
		first := srv.call(context.Background(), "run_template", arguments+`,"region":"US"}`).task()
		second := srv.call(context.Background(), "run_template", arguments+`,"region":"DE"}`).task()
		if first.TaskID == second.TaskID {
			t.Errorf("a run in DE is answered with the one in US: %v", second.Warnings)
		}
	})
}

// The user's key was exchanged, over a restart.
func TestActiveRunIsFoundAfterKeyRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withFile(t, path)) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
		srv.call(context.Background(), "run_workflow", arguments)
		a := newServerOn(t, srv, withFile(t, path), func(cfg *tools.Config) {
			cfg.Caller = func(context.Context) string { return ledger.HashCaller("app-new") }
		}).call(context.Background(), "run_workflow", arguments)
		if n := len(srv.account.Tasks()); n != 1 {
			t.Errorf("%d runs: %s", n, a.Text)
		}
	})
}

// Statuses in upper case.
func TestUpperCaseStatusIsUnderstood(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 8*time.Second)
		srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
			return regexp.MustCompile(`"status":"[a-z]+"`).ReplaceAllFunc(raw, func(m []byte) []byte {
				return []byte(`"status":` + strings.ToUpper(string(m[len(`"status":`):])))
			})
		}})
		srv.call(context.Background(), "run_workflow", arguments)
		time.Sleep(time.Hour)
		a := newServerOn(t, srv).call(context.Background(), "run_workflow", arguments)
		if n := len(srv.account.Tasks()); n != 2 {
			t.Errorf("%d runs: %s", n, a.Text)
		}
	})
}

// With the ledger off, identical starts at the same time, and one after another's end.
func TestConcurrentStartsWithoutLedgerMakeOneRun(t *testing.T) {
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), withoutLedger) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
		done := make(chan answer, 2)
		for range 2 {
			go func() { done <- srv.call(context.Background(), "run_workflow", arguments) }()
		}
		receive(t, done)
		receive(t, done)
		if n := len(srv.account.Tasks()); n != 1 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestRepeatedCallsPayOnceWithoutAFile(t *testing.T) {
	for name, opt := range map[string]serverOption{"off": withoutLedger, "memory": func(*tools.Config) {}} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *testServer { return newServer(t, newAccount(), opt) }
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				arguments := srv.addWithInput("run_workflow", "q", "x", 7*time.Second)
				done := make(chan answer, 100)
				for range 12 {
					go func() { done <- srv.call(context.Background(), "run_workflow", arguments) }()
					time.Sleep(5 * time.Second)
				}
				time.Sleep(time.Minute)
				if n := len(srv.account.Tasks()); n != 1 {
					t.Errorf("%d runs", n)
				}
			})
		})
	}
}

// A list may be older than the one before it.
func TestCandidateMissingFromALaterListStaysACandidate(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
		srv.account.Inject(withInputForm(func(string) string { return "null" }))
		srv.loseStartReply()
		srv.call(context.Background(), "run_workflow", arguments)
		srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Body: `{"page":1,"limit":100,"items":[],"total_pages":0,"total_count":0}`})
		for range 4 {
			time.Sleep(time.Minute)
			a := srv.call(context.Background(), "run_workflow", arguments)
			if n := len(srv.account.Tasks()); n != 1 {
				t.Fatalf("%d runs: %s", n, a.Text)
			}
		}
	})
}

func TestManyCandidatesMakeAShortAnswer(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
		var in struct {
			WorkflowID string `json:"workflow_id"`
		}
		if err := json.Unmarshal([]byte(arguments), &in); err != nil {
			t.Fatal(err)
		}
		for n := range 9 {
			run := browseract.WorkflowRun{WorkflowID: in.WorkflowID, Inputs: []browseract.Input{{Name: "q", Value: fmt.Sprint("Other", n)}}}
			if _, err := srv.client.RunWorkflow(context.Background(), run); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		srv.account.Inject(withInputForm(func(string) string { return "null" }))
		srv.loseStartReply()
		a := srv.call(context.Background(), "run_workflow", strings.TrimSuffix(arguments, "}")+`,"idempotency_key":"k","allow_duplicate":true}`)
		a.checkMessages()
		p := a.problem()
		if len(p.Message) > 900 {
			t.Errorf("%d characters: %s", len(p.Message), p.Message)
		}
	}, simulator.WithConcurrency(100))
}

// A key answers for 24 hours, also where the run was only a candidate, and ended.
func TestIdempotencyKeyOfAmbiguousStartMakesOneRun(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		arguments := strings.TrimSuffix(srv.addWithInput("run_workflow", "q", "x", 8*time.Second), "}") + `,"idempotency_key":"k"}`
		srv.account.Inject(withInputForm(func(string) string { return "null" }))
		srv.loseStartReply()
		srv.call(context.Background(), "run_workflow", arguments)
		time.Sleep(15 * time.Minute)
		for range 4 {
			a := srv.call(context.Background(), "run_workflow", arguments)
			if n := len(srv.account.Tasks()); n != 1 {
				t.Fatalf("%d runs were paid under one key at %v: %s", n, time.Since(epoch), a.Text)
			}
			time.Sleep(time.Minute)
		}
	})
}

// The lists failed, and the run is plain to see only when it has ended long ago.
func TestCertainRunIsFoundLongAfterItsEnd(t *testing.T) {
	for _, key := range []string{"", `,"idempotency_key":"k"`} {
		t.Run(key, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				arguments := strings.TrimSuffix(srv.addWithInput("run_workflow", "q", "x", 8*time.Second), "}") + key + `}`
				restore := srv.account.Inject(simulator.Fault{Endpoint: "list-tasks", Skip: 1, Status: 503})
				srv.loseStartReply()
				srv.call(context.Background(), "run_workflow", arguments)
				restore()
				time.Sleep(15 * time.Minute)
				id := srv.account.Tasks()[0].ID
				a := srv.call(context.Background(), "run_workflow", arguments)
				if key != "" && !strings.Contains(a.Text, id) {
					t.Errorf("the answer does not know the run %s: %s", id, a.Text)
				}
				for range 3 {
					time.Sleep(time.Minute)
					srv.call(context.Background(), "run_workflow", arguments)
				}
				mine := srv.call(context.Background(), "list_tasks", `{"mine":true}`)
				if !strings.Contains(mine.Text, id) {
					t.Errorf("the run is lost: %s", mine.Text)
				}
				if n := len(srv.account.Tasks()); key != "" && n != 1 {
					t.Errorf("%d runs under one key", n)
				}
			})
		})
	}
}

// One unclear row does not hold the others up, and is not paid twice.
func TestAmbiguousRowIsPaidOnceAndDelaysNoOther(t *testing.T) {
	for _, running := range []time.Duration{8 * time.Second, 5 * time.Hour} {
		t.Run(fmt.Sprint(running), func(t *testing.T) {
			runBatchSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.account.AddWorkflow(simulator.Workflow{Name: "Odd", Inputs: []simulator.Input{{Name: "q", Required: true}}, Scenario: simulator.Scenario{Running: running}})
				srv.account.Inject(withInputForm(func(string) string { return "null" }))
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Skip: 1, After: true, Abort: true, Times: 1})
				rows := []string{}
				for n := range 8 {
					rows = append(rows, fmt.Sprintf(`{"q":"%d"}`, n))
				}
				b := srv.call(context.Background(), "run_batch", fmt.Sprintf(`{"workflow_id":%q,"rows":[%s],"max_parallel":8}`, id, strings.Join(rows, ","))).batch()
				for range 15 {
					time.Sleep(time.Minute)
					b = srv.getBatch(b.BatchID, `,"wait_seconds":0`)
				}
				created := srv.account.Tasks()
				if len(created) != 8 {
					t.Errorf("%d tasks, want 8", len(created))
				}
				if row := b.Rows[1]; row.Status != "may_have_started" || !strings.Contains(row.Error, created[1].ID) {
					t.Errorf("got %+v", row)
				}
			})
		})
	}
}
