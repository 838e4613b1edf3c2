package browseract_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// waitAll waits for tasks at the same time and returns how each wait ended.
func (r *rig) waitAll(t *testing.T, ctx context.Context, ids []string) []browseract.TaskStatus {
	t.Helper()
	ends := make([]browseract.TaskStatus, len(ids))
	var waits sync.WaitGroup
	for i, id := range ids {
		waits.Go(func() {
			status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id})
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			ends[i] = status
		})
	}
	waits.Wait()
	return ends
}

func (r *rig) runs(t *testing.T, workflow string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = r.run(t, workflow)
	}
	return ids
}

func TestWaitsForOneTaskShareItsPolls(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Price Monitor")
		ids := make([]string, 200)
		for i := range ids {
			ids[i] = id
		}
		for _, status := range r.waitAll(t, t.Context(), ids) {
			if status != browseract.TaskFinished {
				t.Errorf("a wait ended with %q", status)
			}
		}
		if n := len(r.sent("get-task-status")); n > 30 {
			t.Errorf("%d polls for one task", n)
		}
	})
}

func TestWaitsWithDifferentKeysDoNotShare(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		c, err := browseract.New(func(ctx context.Context) string { return ctx.Value(keyOf{}).(string) },
			browseract.WithBaseURL("http://127.0.0.1:1"), browseract.WithTransport(r.network.Transport))
		if err != nil {
			t.Fatal(err)
		}
		mine := context.WithValue(t.Context(), keyOf{}, "app-a")
		started, err := c.RunWorkflow(mine, browseract.WorkflowRun{WorkflowID: r.account.WorkflowsOf("app-a")[0].ID})
		if err != nil {
			t.Fatal(err)
		}
		var other sync.WaitGroup
		other.Go(func() {
			theirs := context.WithValue(t.Context(), keyOf{}, "app-b")
			if _, err := c.Wait(theirs, browseract.Watch{TaskID: string(started.TaskID)}); err == nil {
				t.Error("another key waits for the task")
			}
		})
		if status, err := c.Wait(mine, browseract.Watch{TaskID: string(started.TaskID)}); err != nil || !status.Ended() {
			t.Errorf("%s, %v", status, err)
		}
		other.Wait()
	}, simulator.WithKeys("app-a", "app-b"))
}

type keyOf struct{}

func TestManyTasksAreWatchedByLists(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		const n = 300
		ids := r.runs(t, "Price Monitor", n)
		began := time.Now()
		for i, status := range r.waitAll(t, t.Context(), ids) {
			if status != browseract.TaskFinished {
				t.Fatalf("wait %d ended with %q", i, status)
			}
		}
		took := time.Since(began)
		rounds := float64(took)/float64(2*time.Second) + 1
		lists, reads := len(r.sent("list-tasks")), len(r.sent("get-task"))
		t.Logf("%d waits of %v: %d list-tasks, %d get-task, %d get-task-status", n, took, lists, reads, len(r.sent("get-task-status")))
		if float64(lists) > 6*rounds {
			t.Errorf("%d lists in %.0f rounds, want at most 6 a round", lists, rounds)
		}
		if reads > n+n/10 {
			t.Errorf("%d single reads for %d ended tasks", reads, n)
		}
		if len(r.sent("get-task-status")) > 3*10 {
			t.Errorf("%d tasks were polled one by one", len(r.sent("get-task-status")))
		}
	}, simulator.WithConcurrency(600))
}

func TestTheListsShowAnEndWithinTwoIntervals(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Never Ends", 10)
		time.Sleep(2 * time.Minute)
		since := time.Now().Add(-2 * time.Minute)
		ended := time.Now().Add(33 * time.Second)
		time.AfterFunc(time.Until(ended), func() { r.account.CancelTask(ids[3]) })
		ctx, cancel := context.WithCancel(t.Context())
		var others sync.WaitGroup
		for i, id := range ids {
			if i != 3 {
				others.Go(func() { _, _ = r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: since}) })
			}
		}
		status, err := r.client.Wait(ctx, browseract.Watch{TaskID: ids[3], Since: since})
		if late := time.Since(ended); status != browseract.TaskCanceled || err != nil || late > 20*time.Second {
			t.Errorf("%s, %v, after %v", status, err, late)
		}
		cancel()
		others.Wait()
	})
}

func TestWithoutSubscribersThereAreNoPolls(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Never Ends", 5)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r.waitAll(t, ctx, ids)
		synctest.Wait()
		before := len(r.sent(""))
		time.Sleep(time.Hour)
		if after := len(r.sent("")); after != before {
			t.Errorf("%d requests without subscribers", after-before)
		}
	})
}

func TestTheNextWaitContinuesTheSchedule(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Never Ends")
		since := time.Now()
		time.Sleep(3 * time.Minute)
		for range 30 { // an impatient caller
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: since})
			cancel()
			if status != browseract.TaskRunning || err != nil {
				t.Fatalf("%s, %v", status, err)
			}
		}
		if n := len(r.sent("get-task-status")); n > 5 {
			t.Errorf("%d polls in 30 s at an old task", n)
		}
	})
}

func TestTheLiveViewIsRememberedWhenItIsGone(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Live View Goes Away")
		status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Detail: true})
		if status != browseract.TaskPaused || err != nil {
			t.Fatalf("%s, %v", status, err)
		}
		task, err := r.client.Task(t.Context(), id)
		if err != nil || task.LiveURL() != "" {
			t.Fatalf("the live view is still there: %q, %v", task.LiveURL(), err)
		}
		if r.client.LastLiveURL(t.Context(), id) == "" {
			t.Error("the live view is forgotten")
		}
	})
}

func TestWaitsOutlastAFailingList(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Price Monitor", 6)
		defer r.account.Inject(simulator.Fault{Endpoint: "list-tasks", Status: 503, Times: 20})()
		for _, status := range r.waitAll(t, t.Context(), ids) {
			if status != browseract.TaskFinished {
				t.Errorf("a wait ended with %q", status)
			}
		}
	})
}

func TestObservationsOfManyTasksComeFromTheLists(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Price Monitor", 50)
		time.Sleep(20 * time.Second) // the lists show them
		var calls sync.WaitGroup
		for _, id := range ids {
			calls.Go(func() {
				obs, err := r.client.Observe(t.Context(), id, nil)
				if err != nil || string(obs.Task.ID) != id || obs.Task.Status != browseract.TaskRunning {
					t.Errorf("%s: %+v, %v", id, obs, err)
				}
				if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Known: &obs}); status != browseract.TaskFinished {
					t.Errorf("%s: %s, %v", id, status, err)
				}
			})
		}
		calls.Wait()
		if reads, limit := len(r.sent("get-task")), len(ids)+3; reads > limit { // the end of each, and those before there were many
			t.Errorf("%d reads, want at most %d", reads, limit)
		}
	}, simulator.WithConcurrency(100))
}

func TestObserveReadsFewTasksOrOnceDirectIsClosed(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Never Ends", 6)
		for i, id := range ids[:5] {
			obs, err := r.client.Observe(t.Context(), id, nil)
			if many := i >= 3; err != nil || obs.Detail == many {
				t.Errorf("%d wait: %+v, %v", i, obs, err)
			}
			waiting, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() { _, _ = r.client.Wait(waiting, browseract.Watch{TaskID: id, Known: &obs}) }()
			synctest.Wait()
		}
		direct := make(chan struct{})
		close(direct)
		before := len(r.sent("get-task"))
		if obs, err := r.client.Observe(t.Context(), ids[5], direct); err != nil || !obs.Detail || len(r.sent("get-task")) != before+1 {
			t.Errorf("without time: %+v, %v", obs, err)
		}
		if _, err := r.client.Observe(t.Context(), "424242", nil); err == nil {
			t.Error("a task that is not there has been seen")
		}
	})
}

// TestKnownObservationsCountWhileListsAreRead joins in the middle of polls.
func TestKnownObservationsCountWhileListsAreRead(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Price Monitor", 6)
		r.account.Inject(simulator.Fault{Endpoint: "list-tasks", Delay: 100 * time.Millisecond})
		var waits sync.WaitGroup
		for _, id := range ids {
			for joined := range 20 {
				waits.Go(func() {
					time.Sleep(time.Duration(joined) * 100 * time.Millisecond)
					since := time.Now().Add(-time.Duration(joined) * time.Second)
					if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Since: since}); status != browseract.TaskFinished {
						t.Errorf("%s: %s, %v", id, status, err)
					}
				})
			}
		}
		waits.Wait()
	}, simulator.WithConcurrency(100), simulator.WithListLag(8*time.Second))
}
