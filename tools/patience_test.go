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

// givenBy opens a desk whose operator says how long clients wait.
func givenBy(given time.Duration, opts ...deskOption) func(*testing.T) *desk {
	return func(t *testing.T) *desk {
		return newDesk(t, simulator.New(), append(opts, func(cfg *tools.Config) { cfg.ClientTimeout = given })...)
	}
}

func TestCallIsAnsweredBeforeItsClientGivesUp(t *testing.T) {
	for _, f := range []struct{ given, wait, took time.Duration }{
		{5 * time.Second, 50 * time.Second, 2666 * time.Millisecond},
		{5 * time.Second, time.Second, time.Second},
		{20 * time.Second, 25 * time.Second, 16 * time.Second},
		{30 * time.Second, 25 * time.Second, 25 * time.Second},
		{30 * time.Second, 50 * time.Second, 26 * time.Second},
		{time.Minute, 50 * time.Second, 50 * time.Second},
		{time.Second, 25 * time.Second, 533 * time.Millisecond},
		{0, 50 * time.Second, 50 * time.Second},
	} {
		t.Run(fmt.Sprint(f.given, f.wait), func(t *testing.T) {
			bubbleOf(t, givenBy(f.given), func(t *testing.T, d *desk) {
				id := d.start("Never Ends")
				time.Sleep(time.Minute)
				began := time.Now()
				task := d.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, int(f.wait.Seconds()))).task()
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

func TestSlowBrowserActDoesNotMakeTheAnswerLate(t *testing.T) {
	for _, given := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second} {
		t.Run(given.String(), func(t *testing.T) {
			bubbleOf(t, givenBy(given), func(t *testing.T, d *desk) {
				id := d.start("Needs A Human")
				d.account.Inject(simulator.Fault{Delay: time.Hour})
				for tool, arguments := range d.everyCallOf("Price Monitor", id) {
					began := time.Now()
					d.call(context.Background(), tool, arguments)
					if took := time.Since(began); took >= given {
						t.Errorf("%s took %v", tool, took)
					}
				}
			})
		})
	}
}

// hasty asks for a run as a client does that waits for 5 s and then asks again, ten
// times over. It returns the answers that came in time.
func (d *desk) hasty(ask func(context.Context) answer) (heard []answer) {
	d.t.Helper()
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

func TestHastyClientHasOneRunAndIsToldOfIt(t *testing.T) {
	for _, given := range []time.Duration{5 * time.Second, 0} { // as the operator says; nobody knows
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
				bubbleOf(t, givenBy(given), func(t *testing.T, d *desk) {
					if fault.Endpoint == "" {
						fault.Endpoint = "run-task"
					}
					fault.Times = 1
					d.account.Inject(fault)
					arguments := d.runArguments("Never Ends", "")
					heard := d.hasty(func(ctx context.Context) answer { return d.call(ctx, "run_workflow", arguments) })
					if len(heard) == 0 {
						t.Fatal("no answer came in time")
					}
					d.holdOneTask(t, heard[len(heard)-1])
					if n := len(d.account.Tasks()); n != 1 {
						t.Errorf("%d tasks", n)
					}
				})
			})
		}
	}
}

func TestStartThatIsUnderWayIsSaidToBe(t *testing.T) {
	for name, f := range map[string]struct {
		more, says, next string
		retryable        bool
	}{
		"a run":                             {"", "Call again", "", true},
		"a second run of the same":          {`,"allow_duplicate":true`, "Do not call again with allow_duplicate", "list_tasks", false},
		"a second run that has its own key": {`,"allow_duplicate":true,"idempotency_key":"k"`, "Call again", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			bubbleOf(t, givenBy(5*time.Second), func(t *testing.T, d *desk) {
				d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Delay: 10 * time.Second})
				p := d.ask("Never Ends", f.more).problem()
				next := ""
				if p.NextStep != nil {
					next = p.NextStep.Tool
				}
				if p.Code != "start_under_way" || !strings.Contains(p.Message, f.says) || p.Retryable != f.retryable || next != f.next {
					t.Errorf("got %+v", p)
				}
				d.client.DrainStarts(context.Background()) // the server waits for it when it stops
				if n := len(d.account.Tasks()); n != 1 {
					t.Errorf("%d tasks after the starts have been drained", n)
				}
			})
		})
	}
}

func TestStartThatFailsBehindItsCallIsLogged(t *testing.T) {
	bubbleOf(t, givenBy(5*time.Second), func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, Delay: 10 * time.Second, Status: 400, Code: 10118, Msg: "no"})
		d.ask("Never Ends", "")
		time.Sleep(10 * time.Second)
		if !strings.Contains(d.log.String(), "code=too_many_tasks") {
			t.Errorf("the log is %s", d.log.String())
		}
	})
}

func TestUnclearStartIsLookedForBehindItsCall(t *testing.T) {
	bubbleOf(t, givenBy(5*time.Second), func(t *testing.T, d *desk) {
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Times: 1, After: true, Delay: 6 * time.Second, Status: 502})
		d.ask("Never Ends", "")
		time.Sleep(10 * time.Second)
		if !strings.Contains(d.log.String(), d.account.Tasks()[0].ID) {
			t.Errorf("the run was not found: %s", d.log.String())
		}
	})
}

func TestKnownClientIsAnsweredInItsTime(t *testing.T) {
	older := func(open func(*desk, *testing.T) wire) func(*testing.T, *desk, string, string) incoming {
		return func(t *testing.T, d *desk, name, arguments string) incoming {
			w := open(d, t)
			w.exchange(initialize(name, `{}`))
			return w.exchange(calling("get_task", arguments))
		}
	}
	overStdio, overHTTP := older(newerWires["stdio"]), older(newerWires["HTTP"])
	newer := func(t *testing.T, d *desk, name, arguments string) incoming {
		return d.overStdio(t).exchange(calling("get_task", arguments, fmt.Sprintf(modern, name, `{}`)))
	}
	for what, f := range map[string]struct {
		name string
		call func(*testing.T, *desk, string, string) incoming
		took time.Duration
	}{
		"20 s":                       {"spring-ai-mcp-client - browseract", overStdio, 16 * time.Second},
		"30 s":                       {"@librechat/api-client", overStdio, 26 * time.Second},
		"nobody knows":               {"some-client", overStdio, 50 * time.Second},
		"a name in the newer era":    {"spring-ai-mcp-client", newer, 50 * time.Second},
		"requests that tell no name": {"spring-ai-mcp-client", overHTTP, 50 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.start("Never Ends")
				began := time.Now()
				in := f.call(t, d, f.name, fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id))
				if took := time.Since(began).Round(time.Second); took != f.took || in.answer(t).task().TaskID != id {
					t.Errorf("took %v for %s, want %v", took, in.raw, f.took)
				}
			})
		})
	}
}

func TestOperatorKnowsBetterThanAName(t *testing.T) {
	bubbleOf(t, givenBy(time.Minute), func(t *testing.T, d *desk) {
		p := d.overStdio(t)
		p.exchange(initialize("spring-ai-mcp-client", `{}`))
		id := d.start("Never Ends")
		began := time.Now()
		p.exchange(calling("get_task", taskArgument(id)))
		if took := time.Since(began).Round(time.Second); took != 25*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestCancelTellsHowLongAClientWaits(t *testing.T) {
	for name, f := range map[string]struct {
		after, took time.Duration
		task        func(*desk, string) string
	}{
		"a client's time-out":       {5 * time.Second, 2666 * time.Millisecond, nil},
		"a person's wish":           {2 * time.Second, 25 * time.Second, nil},
		"of a call about something": {5 * time.Second, 25 * time.Second, func(d *desk, _ string) string { return d.start("Stuck In Queue") }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.start("Never Ends")
				ctx, cancel := cancelled(f.after)
				defer cancel()
				d.call(ctx, "get_task", taskArgument(id))
				if f.task != nil {
					id = f.task(d, id)
				}
				began := time.Now()
				task := d.call(context.Background(), "get_task", taskArgument(id)).task()
				if took := time.Since(began).Truncate(time.Millisecond); took != f.took || task.TaskID != id {
					t.Errorf("took %v, want %v: %+v", took, f.took, task)
				}
			})
		})
	}
}

// Some clients give up and do not say so.
func TestRepeatedStartTellsHowLongAClientWaits(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		first := make(chan answer)
		go func() { first <- d.ask("Never Ends", "") }()
		time.Sleep(6 * time.Second)
		began := time.Now()
		d.holdOneTask(t, d.ask("Never Ends", ""))
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		<-first
	})
}
