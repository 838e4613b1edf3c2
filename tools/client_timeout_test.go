package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

// serverWithClientTimeout makes a server whose operator configures the timeout of clients.
func serverWithClientTimeout(timeout time.Duration) func(*testing.T) *testServer {
	return func(t *testing.T) *testServer {
		return newServer(t, newAccount(), func(cfg *tools.Config) { cfg.ClientTimeout = timeout })
	}
}

func TestCallAnswersBeforeClientTimeout(t *testing.T) {
	for _, f := range []struct{ timeout, wait, took time.Duration }{
		{5 * time.Second, 50 * time.Second, 2666 * time.Millisecond},
		{5 * time.Second, time.Second, time.Second},
		{20 * time.Second, 25 * time.Second, 16 * time.Second},
		{30 * time.Second, 25 * time.Second, 25 * time.Second},
		{30 * time.Second, 50 * time.Second, 26 * time.Second},
		{time.Minute, 50 * time.Second, 50 * time.Second},
		{time.Second, 25 * time.Second, 533 * time.Millisecond},
		{0, 50 * time.Second, 50 * time.Second},
	} {
		t.Run(fmt.Sprint(f.timeout, f.wait), func(t *testing.T) {
			runSynctestOn(t, serverWithClientTimeout(f.timeout), func(t *testing.T, srv *testServer) {
				id := srv.start("Never Ends")
				time.Sleep(time.Minute)
				began := time.Now()
				task := srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, int(f.wait.Seconds()))).task()
				if took := time.Since(began).Truncate(time.Millisecond); took != f.took {
					t.Errorf("took %v, want %v", took, f.took)
				}
				if task.TaskID != id || task.NextStep == nil || len(task.Warnings) > 0 {
					t.Errorf("got %+v", task)
				}
			})
		})
	}
}

func TestSlowAPIDoesNotDelayAnswerPastClientTimeout(t *testing.T) {
	for _, given := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second} {
		t.Run(given.String(), func(t *testing.T) {
			runSynctestOn(t, serverWithClientTimeout(given), func(t *testing.T, srv *testServer) {
				id := srv.start("Needs A Human")
				srv.account.Inject(simulator.Fault{Delay: time.Hour})
				for tool, arguments := range srv.allCalls("Price Monitor", id) {
					began := time.Now()
					srv.call(context.Background(), tool, arguments)
					if took := time.Since(began); took >= given {
						t.Errorf("%s took %v", tool, took)
					}
				}
			})
		})
	}
}

// retryAfterTimeouts calls ten times with a timeout of 5 s, and returns the answers that
// came in time.
func (srv *testServer) retryAfterTimeouts(ask func(context.Context) answer) (heard []answer) {
	srv.t.Helper()
	for range 10 {
		ctx, cancel := cancelled(5 * time.Second)
		began := time.Now()
		a := ask(ctx)
		if time.Since(began) < 5*time.Second {
			heard = append(heard, a)
			time.Sleep(time.Second)
		}
		cancel()
	}
	return heard
}

func TestRetriesAfterClientTimeoutMakeOneRun(t *testing.T) {
	for _, given := range []time.Duration{5 * time.Second, 0} { // configured; unknown
		for name, fault := range map[string]simulator.Fault{
			"quick":                     {},
			"slow":                      {Delay: 12 * time.Second},
			"lost after creation":       {After: true, Abort: true},
			"slow and lost":             {After: true, Delay: time.Hour},
			"an error after creation":   {After: true, Status: 502, Delay: 6 * time.Second},
			"refused, then accepted":    {Status: 400, Code: 10118, Msg: "Running tasks number exceeds."},
			"slow to tell of its input": {Endpoint: "get-workflow", Delay: 3 * time.Second},
		} {
			t.Run(fmt.Sprint(given, "/", name), func(t *testing.T) {
				runSynctestOn(t, serverWithClientTimeout(given), func(t *testing.T, srv *testServer) {
					if fault.Endpoint == "" {
						fault.Endpoint = "run-task"
					}
					fault.Times = 1
					srv.account.Inject(fault)
					arguments := srv.runArguments("Never Ends", "")
					heard := srv.retryAfterTimeouts(func(ctx context.Context) answer { return srv.call(ctx, "run_workflow", arguments) })
					if len(heard) == 0 {
						t.Fatal("no answer came in time")
					}
					srv.checkOneTask(t, heard[len(heard)-1])
					if n := len(srv.account.Tasks()); n != 1 {
						t.Errorf("%d tasks", n)
					}
				})
			})
		}
	}
}

func TestStartInProgressIsReported(t *testing.T) {
	for name, f := range map[string]struct {
		more, next string
		retryable  bool
	}{
		"a run":                             {"", "", true},
		"a second run of the same":          {`,"allow_duplicate":true`, "list_tasks", false},
		"a second run that has its own key": {`,"allow_duplicate":true,"idempotency_key":"k"`, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctestOn(t, serverWithClientTimeout(5*time.Second), func(t *testing.T, srv *testServer) {
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Delay: 10 * time.Second})
				a := srv.run("Never Ends", f.more)
				a.checkMessages()
				p := a.problem()
				next := ""
				if p.NextStep != nil {
					next = p.NextStep.Tool
				}
				if p.Code != "start_under_way" || p.Retryable != f.retryable || next != f.next {
					t.Errorf("got %+v", p)
				}
				srv.client.DrainStarts(context.Background()) // the server waits for it when it stops
				if n := len(srv.account.Tasks()); n != 1 {
					t.Errorf("%d tasks after the starts have been drained", n)
				}
			})
		})
	}
}

func TestFailedDetachedStartIsLogged(t *testing.T) {
	runSynctestOn(t, serverWithClientTimeout(5*time.Second), func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Delay: 10 * time.Second, Status: 400, Code: 10118, Msg: "no"})
		srv.run("Never Ends", "")
		time.Sleep(10 * time.Second)
		if !strings.Contains(srv.log.String(), "code=too_many_tasks") {
			t.Errorf("the log is %s", srv.log.String())
		}
	})
}

func TestAmbiguousDetachedStartIsFound(t *testing.T) {
	runSynctestOn(t, serverWithClientTimeout(5*time.Second), func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Delay: 6 * time.Second, Status: 502})
		srv.run("Never Ends", "")
		time.Sleep(10 * time.Second)
		if !strings.Contains(srv.log.String(), srv.account.Tasks()[0].ID) {
			t.Errorf("the run was not found: %s", srv.log.String())
		}
	})
}

func TestKnownClientIsAnsweredBeforeItsTimeout(t *testing.T) {
	older := func(open func(*testServer, *testing.T) wire) func(*testing.T, *testServer, string, string) incoming {
		return func(t *testing.T, srv *testServer, name, arguments string) incoming {
			w := open(srv, t)
			w.exchange(initialize(name, `{}`))
			return w.exchange(callMessage("get_task", arguments))
		}
	}
	overStdio, overHTTP := older(newerWires["stdio"]), older(newerWires["HTTP"])
	newer := func(t *testing.T, srv *testServer, name, arguments string) incoming {
		return srv.overStdio(t).exchange(callMessage("get_task", arguments, fmt.Sprintf(modern, name, `{}`)))
	}
	for what, f := range map[string]struct {
		name string
		call func(*testing.T, *testServer, string, string) incoming
		took time.Duration
	}{
		"20 s":                    {"spring-ai-mcp-client - browseract", overStdio, 16 * time.Second},
		"30 s":                    {"@librechat/api-client", overStdio, 26 * time.Second},
		"unknown client":          {"some-client", overStdio, 50 * time.Second},
		"a name in the newer era": {"spring-ai-mcp-client", newer, 50 * time.Second},
		"requests without a name": {"spring-ai-mcp-client", overHTTP, 50 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.start("Never Ends")
				began := time.Now()
				in := f.call(t, srv, f.name, fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id))
				if took := time.Since(began).Round(time.Second); took != f.took || in.answer(t).task().TaskID != id {
					t.Errorf("took %v for %s, want %v", took, in.raw, f.took)
				}
			})
		})
	}
}

func TestConfiguredClientTimeoutOverridesClientName(t *testing.T) {
	runSynctestOn(t, serverWithClientTimeout(time.Minute), func(t *testing.T, srv *testServer) {
		p := srv.overStdio(t)
		p.exchange(initialize("spring-ai-mcp-client", `{}`))
		id := srv.start("Never Ends")
		began := time.Now()
		p.exchange(callMessage("get_task", taskArgument(id)))
		if took := time.Since(began).Round(time.Second); took != 25*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestClientTimeoutIsLearnedFromCancel(t *testing.T) {
	for name, f := range map[string]struct {
		after, took time.Duration
		task        func(*testServer, string) string
	}{
		"a client's time-out":       {5 * time.Second, 2666 * time.Millisecond, nil},
		"a person's wish":           {2 * time.Second, 25 * time.Second, nil},
		"of a call about something": {5 * time.Second, 25 * time.Second, func(srv *testServer, _ string) string { return srv.start("Stuck In Queue") }},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.start("Never Ends")
				ctx, cancel := cancelled(f.after)
				defer cancel()
				srv.call(ctx, "get_task", taskArgument(id))
				if f.task != nil {
					id = f.task(srv, id)
				}
				began := time.Now()
				task := srv.call(context.Background(), "get_task", taskArgument(id)).task()
				if took := time.Since(began).Truncate(time.Millisecond); took != f.took || task.TaskID != id {
					t.Errorf("took %v, want %v: %+v", took, f.took, task)
				}
			})
		})
	}
}

// Some clients give up and do not say so.
func TestClientTimeoutIsLearnedFromRepeatedStart(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		first := make(chan answer)
		go func() { first <- srv.run("Never Ends", "") }()
		time.Sleep(6 * time.Second)
		began := time.Now()
		srv.checkOneTask(t, srv.run("Never Ends", ""))
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		receive(t, first)
	})
}
