package browseract_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// ask observes a task as get_task does and waits for it, for so long at most. It
// returns what is known of the task then.
func (r *rig) ask(t *testing.T, id string, since time.Time, wait time.Duration) browseract.TaskStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	obs, err := r.client.Observe(t.Context(), id, ctx.Done())
	if err != nil {
		t.Fatal(err)
	}
	status := obs.Task.Status
	if status.Ended() {
		return status
	}
	_, err = r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: since, Known: &obs, OnUpdate: func(l browseract.Observation) { status = l.Task.Status }})
	if err != nil {
		t.Error(err)
	}
	return status
}

func TestTheEndIsSeenByShortWaits(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name        string
		wait, pause time.Duration
		slow        time.Duration // the API's answers
		from, ends  time.Duration // from the start
		tasks       int           // polled in turn
		late        time.Duration
		polls       int
	}{
		{name: "a young task", wait: time.Second, pause: 500 * ms, ends: 8 * time.Second, tasks: 1, late: 4 * time.Second, polls: 6},
		{name: "waits back to back", wait: 3 * time.Second, ends: 31 * time.Second, tasks: 1, late: 13 * time.Second, polls: 14},
		{name: "waits that are longer than the interval", wait: 8 * time.Second, pause: time.Second, ends: time.Minute, tasks: 1, late: 17 * time.Second, polls: 20},
		{name: "an old task", wait: 2 * time.Second, from: 2 * time.Minute, ends: 3 * time.Minute, tasks: 1, late: 20 * time.Second, polls: 10},
		{name: "answers slower than the waits", wait: time.Second, slow: 3 * time.Second, ends: 19 * time.Second, tasks: 1, late: 13 * time.Second, polls: 8},
		{name: "six tasks", wait: time.Second, ends: 19 * time.Second, tasks: 6, late: 6 * time.Second, polls: 60},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				began := time.Now()
				ids := r.runs(t, "Never Ends", tt.tasks)
				time.AfterFunc(tt.ends, func() {
					for _, id := range ids {
						r.account.CancelTask(id)
					}
				})
				time.Sleep(tt.from)
				r.account.Inject(simulator.Fault{Delay: tt.slow, After: true})
				for i, ended := 0, 0; ended < tt.tasks; i++ {
					status := r.ask(t, ids[i%tt.tasks], began, tt.wait)
					if status.Ended() {
						ended++
					} else if late := time.Since(began) - tt.ends; late > tt.late {
						t.Fatalf("%v after the end the task is %s", late, status)
					}
					time.Sleep(tt.pause)
				}
				if n := len(r.polls()); n > tt.polls {
					t.Errorf("%d polls, want at most %d", n, tt.polls)
				}
			})
		})
	}
}

func TestAnObservationKeepsItsTime(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.lasting(t, time.Hour)
		obs, err := r.client.Observe(t.Context(), id, nil)
		if err != nil || obs.At != time.Now() {
			t.Fatalf("seen at %v, %v; want now", obs.At, err)
		}
		time.Sleep(1500 * time.Millisecond)
		again, err := r.client.Observe(t.Context(), id, nil)
		if err != nil || again.At != obs.At {
			t.Errorf("remembered of %v, %v; want %v", again.At, err, obs.At)
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = r.client.Wait(ctx, browseract.Watch{TaskID: id, Known: &again})
		polls := r.polls()
		if gap := polls[len(polls)-1].Time.Sub(began); len(polls) != 2 || gap != 500*time.Millisecond {
			t.Errorf("%d polls, the last one after %v; want it 2 s after the first", len(polls), gap)
		}
	})
}

func TestAKnownObservationCountsFromItsTime(t *testing.T) {
	for name, f := range map[string]struct {
		ago    time.Duration
		status browseract.TaskStatus
		first  time.Duration // when the first poll follows
	}{
		"just seen":        {0, browseract.TaskRunning, 2 * time.Second},
		"seen a while ago": {1500 * time.Millisecond, browseract.TaskRunning, 500 * time.Millisecond},
		"seen long ago":    {time.Hour, browseract.TaskPaused, 0},
		"not seen yet":     {-time.Hour, browseract.TaskPaused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.lasting(t, time.Hour)
				began := time.Now()
				known := browseract.Observation{Task: browseract.Task{TaskSummary: browseract.TaskSummary{ID: browseract.ID(id), Status: f.status}}, At: began.Add(-f.ago)}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Known: &known})
				polls := r.polls()
				if len(polls) == 0 {
					t.Fatalf("%s, %v without a poll", status, err)
				}
				if first := polls[0].Time.Sub(began); status != browseract.TaskRunning || err != nil || first != f.first {
					t.Errorf("%s, %v, first poll after %v, want %v", status, err, first, f.first)
				}
			})
		})
	}
}

func TestAnOlderObservationDoesNotReplaceALaterOne(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Needs A Human")
		old, err := r.client.Observe(t.Context(), id, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Known: &old}); status != browseract.TaskPaused || err != nil {
			t.Fatalf("%s, %v", status, err)
		}
		before := len(r.polls())
		if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Known: &old}); status != browseract.TaskPaused || err != nil || len(r.polls()) != before {
			t.Errorf("%s, %v after %d more polls", status, err, len(r.polls())-before)
		}
	})
}

// A call may be shorter than a poll: each would begin one, and none would end.
func TestAPollInFlightReachesTheNextCaller(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.lasting(t, time.Hour)
		r.account.Inject(simulator.Fault{Delay: 4 * time.Second})
		served := 0
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if obs, err := r.client.Observe(ctx, id, nil); err == nil && obs.Task.Status == browseract.TaskRunning {
				served++
			}
			<-ctx.Done()
			cancel()
		}
		if served < 5 {
			t.Errorf("%d of 20 calls got an observation", served)
		}
		if n := len(r.polls()); n < 3 || n > 5 {
			t.Errorf("%d polls of 4 s in 20 s", n)
		}
	})
}

func TestWithoutSubscribersOnlyPollsInFlightEnd(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		ids := r.runs(t, "Never Ends", 3)
		r.account.Inject(simulator.Fault{Delay: 3 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r.waitAll(t, ctx, ids)
		time.Sleep(time.Hour)
		if n := len(r.polls()); n != len(ids) {
			t.Errorf("%d polls of %d tasks without subscribers", n, len(ids))
		}
	})
}

func TestReadsOfATaskReachAllSubscribers(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Never Ends")
		time.Sleep(3 * time.Minute)
		since := time.Now().Add(-3 * time.Minute)
		var waits sync.WaitGroup
		for range 3 {
			waits.Go(func() {
				if status, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Since: since}); status != browseract.TaskCanceled || err != nil {
					t.Errorf("%s, %v", status, err)
				}
			})
		}
		time.Sleep(time.Second)
		r.account.CancelTask(id)
		_, _ = r.client.Task(t.Context(), id)
		began := time.Now()
		waits.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("the waits ended %v after a read showed the end", took)
		}
	})
}

func TestTheEndIsRememberedWithoutItsOutput(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Price Monitor")
		if _, err := r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Detail: true}); err != nil {
			t.Fatal(err)
		}
		before := len(r.polls())
		obs, err := r.client.Observe(t.Context(), id, nil)
		if err != nil || obs.Task.Status != browseract.TaskFinished || obs.Detail || obs.Task.Output.String != "" || len(r.polls()) != before {
			t.Errorf("got %+v, %v", obs, err)
		}
	})
}

func TestAWrongAgeDoesNotHideTheEnd(t *testing.T) {
	for name, since := range map[string]time.Duration{"the future": 5 * time.Hour, "long ago": -1e6 * time.Hour, "unknown": 0} {
		for _, n := range []int{1, 6} {
			t.Run(fmt.Sprint(name, ", tasks: ", n), func(t *testing.T) {
				onRig(t, func(t *testing.T, r *rig) {
					ids := r.runs(t, "Never Ends", n)
					began := time.Now()
					time.AfterFunc(5*time.Second, func() {
						for _, id := range ids {
							r.account.CancelTask(id)
						}
					})
					var waits sync.WaitGroup
					for _, id := range ids {
						waits.Go(func() {
							w := browseract.Watch{TaskID: id}
							if since != 0 {
								w.Since = began.Add(since)
							}
							if _, err := r.client.Wait(t.Context(), w); err != nil {
								t.Error(err)
							}
						})
					}
					waits.Wait()
					if took := time.Since(began); took > 15*time.Second || took > 9*time.Second && since >= 0 {
						t.Errorf("took %v", took)
					}
				})
			})
		}
	}
}

func TestTheEndOfShortRunsIsSeenBeforeTheListsShowThem(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		r.account.AddWorkflow(simulator.Workflow{Name: "Short", Scenario: simulator.Scenario{Running: 3 * time.Second}})
		ids := r.runs(t, "Short", 6)
		began := time.Now()
		var waits sync.WaitGroup
		for _, id := range ids {
			waits.Go(func() { _, _ = r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Since: began}) })
		}
		waits.Wait()
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("the end of 3 s is seen after %v", took)
		}
	}, simulator.WithListLag(8*time.Second))
}

// Tasks that are polled by the lists are polled at the interval of the youngest.
func TestAYoungTaskIsNotHeldUpByOldOnes(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		old := r.runs(t, "Never Ends", 5)
		since := time.Now()
		time.Sleep(5 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		var waits sync.WaitGroup
		for _, id := range old {
			waits.Go(func() { _, _ = r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: since}) })
		}
		time.Sleep(21 * time.Second)
		id := r.run(t, "Never Ends")
		began := time.Now()
		time.AfterFunc(time.Second, func() { r.account.CancelTask(id) })
		if status, err := r.client.Wait(ctx, browseract.Watch{TaskID: id, Since: began}); status != browseract.TaskCanceled || err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("%s, %v after %v", status, err, time.Since(began))
		}
		cancel()
		waits.Wait()
		synctest.Wait()
	})
}

func TestAChangeMakesAPollDue(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Never Ends")
		since := time.Now()
		time.Sleep(5 * time.Minute)
		ended := make(chan time.Time)
		go func() {
			_, _ = r.client.Wait(t.Context(), browseract.Watch{TaskID: id, Since: since})
			ended <- time.Now()
		}()
		time.Sleep(time.Second)
		if _, err := r.client.StopTask(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if late := (<-ended).Sub(since) - 5*time.Minute - time.Second; late != 0 {
			t.Errorf("the wait ended %v after the stop", late)
		}
	})
}
