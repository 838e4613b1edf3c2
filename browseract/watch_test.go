package browseract_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// lasting starts a run that takes so long.
func (r *rig) lasting(t *testing.T, d time.Duration) string {
	t.Helper()
	name := "Lasts " + d.String()
	r.account.AddWorkflow(simulator.Workflow{Name: name, Scenario: simulator.Scenario{Running: d, Steps: []simulator.Step{{Goal: "Wait"}}}})
	return r.run(t, name)
}

func TestIntervalsGrowWithTheTasksAge(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.lasting(t, time.Hour)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id}); status != browseract.TaskRunning || err != nil {
			t.Fatalf("%s, %v", status, err)
		}
		polls := r.polls()
		for i, poll := range polls[1:] {
			age, gap := polls[i].Time.Sub(began), poll.Time.Sub(polls[i].Time)
			switch {
			case age < 20*time.Second && gap != 2*time.Second,
				age >= 90*time.Second && gap != 10*time.Second,
				gap < 2*time.Second || gap > 10*time.Second,
				i > 0 && gap < polls[i].Time.Sub(polls[i-1].Time):
				t.Errorf("at an age of %v the next poll is after %v", age, gap)
			}
		}
		t.Logf("a run of 5 minutes costs %d polls", len(polls))
		if n := len(polls); n > 60 {
			t.Errorf("%d polls in 5 minutes", n)
		}
	})
}

func TestAnOldTaskIsPolledSeldom(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.lasting(t, time.Hour)
		since := time.Now()
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Second)
		defer cancel()
		_, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: since})
		if n := len(r.polls()); err != nil || n != 7 {
			t.Errorf("%d polls in a minute, %v; want one each 10 s", n, err)
		}
	})
}

// If the API's clock is ahead, the age of a task is negative.
func TestATaskOfTheFutureIsYoung(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.lasting(t, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		_, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: time.Now().Add(time.Hour)})
		if n := len(r.polls()); err != nil || n != 6 {
			t.Errorf("%d polls in 11 s, %v; want one each 2 s", n, err)
		}
	})
}

func TestAHigherPollRateShortensIntervals(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		c := newClient(t, r.network.Transport, browseract.WithPollRate(10))
		id := r.lasting(t, 5*time.Minute) // 30 s at this speed
		began := time.Now()
		status, err := c.Wait(t.Context(), browseract.Watch{TaskID: id})
		if took := time.Since(began); status != browseract.TaskFinished || err != nil || took < 30*time.Second || took > 31*time.Second {
			t.Errorf("%s, %v after %v", status, err, took)
		}
		if n := len(r.polls()); n < 30 || n > 60 {
			t.Errorf("%d polls", n)
		}
	}, simulator.WithSpeed(10))
}

func TestAWaitEndsWithTheTask(t *testing.T) {
	for _, tt := range []struct {
		workflow string
		want     browseract.TaskStatus
		within   time.Duration
	}{
		{"Price Monitor", browseract.TaskFinished, 75 * time.Second},
		{"Flaky Checkout", browseract.TaskFailed, time.Minute},
		{"Canceled From Outside", browseract.TaskCanceled, time.Minute},
		{"Needs A Human", browseract.TaskPaused, 20 * time.Second},
		{"Unknown In Between", browseract.TaskFinished, 40 * time.Second},
		{"Never Ends", browseract.TaskRunning, 3 * time.Minute},
		{"Stuck In Queue", browseract.TaskCreated, 3 * time.Minute},
	} {
		for _, detail := range []bool{false, true} {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.run(t, tt.workflow)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				began := time.Now()
				var seen []browseract.TaskStatus
				var last browseract.Task
				status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Detail: detail, OnUpdate: func(obs browseract.Observation) {
					seen, last = append(seen, obs.Task.Status), obs.Task
				}})
				if took := time.Since(began); status != tt.want || err != nil || took > tt.within {
					t.Errorf("%s: %s, %v after %v", tt.workflow, status, err, took)
				}
				if seen[len(seen)-1] != status || string(last.ID) != id || detail != (last.WorkflowID != "") {
					t.Errorf("%s: seen %v, at last %+v", tt.workflow, seen, last)
				}
				if polls := len(r.polls()); polls != len(seen) {
					t.Errorf("%s: %d polls, of which %d were reported", tt.workflow, polls, len(seen))
				}
			})
		}
	}
}

func TestPausesAreIgnoredUntilTheGivenTime(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Slow Resume")
		time.Sleep(30 * time.Second)
		if err := r.client.ResumeTask(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		watch := browseract.Watch{TaskID: id, IgnorePausedUntil: time.Now().Add(15 * time.Second)}
		if status, err := r.client.Wait(t.Context(), watch); status != browseract.TaskFinished || err != nil {
			t.Errorf("%s, %v; want the end of the task", status, err)
		}
	})
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Needs A Human")
		time.Sleep(30 * time.Second)
		began := time.Now()
		watch := browseract.Watch{TaskID: id, IgnorePausedUntil: began.Add(15 * time.Second)}
		if status, err := r.client.Wait(t.Context(), watch); status != browseract.TaskPaused || err != nil || time.Since(began) != 16*time.Second {
			t.Errorf("%s, %v after %v; want a pause after 15 s", status, err, time.Since(began))
		}
	})
}

func TestWaitsOutlastAFailedPoll(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"503":      {Status: 503},
		"429":      {Status: 429},
		"broken":   {Abort: true},
		"HTML":     {Body: "<html>"},
		"nothing":  {Body: "{}"},
		"no reply": {Delay: time.Hour},
	} {
		onRig(t, func(t *testing.T, r *rig) {
			id := r.run(t, "Price Monitor")
			fault.Skip, fault.Times = 3, 8
			r.account.Inject(fault)
			if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id}); status != browseract.TaskFinished || err != nil {
				t.Errorf("%s: %s, %v", name, status, err)
			}
		})
	}
}

func TestErrorsThatStayEndTheWait(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"no such task":           {Status: 400, Code: 10112},
		"no such task, HTTP 500": {Status: 500, Code: 10112},
		"bad key":                {Code: 401},
		"403":                    {Status: 403},
		"too large":              {Body: `{"status":"` + strings.Repeat("x", 2000) + `"}`},
	} {
		onRig(t, func(t *testing.T, r *rig) {
			c := newClient(t, r.network.Transport, browseract.WithMaxReply(1500))
			id := r.run(t, "Never Ends")
			fault.Skip, fault.Endpoint = 1, "get-task-status"
			r.account.Inject(fault)
			began := time.Now()
			status, err := c.Wait(t.Context(), browseract.Watch{TaskID: id})
			if status != browseract.TaskCreated || err == nil || time.Since(began) != 2*time.Second || len(r.polls()) != 2 {
				t.Errorf("%s: %q, %v after %v", name, status, err, time.Since(began))
			}
		})
	}
}

func TestTheEndOfTheContextIsNoError(t *testing.T) {
	type end struct {
		Status browseract.TaskStatus
		Failed bool
		After  time.Duration
	}
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		ends  time.Duration
		want  end
	}{
		{"between two polls", simulator.Fault{}, 5 * time.Second, end{browseract.TaskRunning, false, 5 * time.Second}},
		{"in the middle of a poll", simulator.Fault{Skip: 2, Delay: 5 * time.Second}, 5 * time.Second, end{browseract.TaskRunning, false, 5 * time.Second}},
		{"in the middle of the first poll", simulator.Fault{Delay: time.Hour}, 5 * time.Second, end{"", false, 5 * time.Second}},
		{"before the first poll", simulator.Fault{}, 0, end{"", false, 0}},
		{"after a poll that failed", simulator.Fault{Skip: 2, Body: "<html>"}, 5 * time.Second, end{browseract.TaskRunning, true, 5 * time.Second}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.lasting(t, time.Hour)
				tt.fault.Endpoint = "" // only polls follow
				r.account.Inject(tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), tt.ends)
				defer cancel()
				began := time.Now()
				status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id})
				if diff := cmp.Diff(end{status, err != nil, time.Since(began)}, tt.want); diff != "" || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s%v", diff, err)
				}
			})
		})
	}
}
