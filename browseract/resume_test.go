package browseract_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// A resume is repeated only after a poll that says paused, and after the earlier one
// can have taken effect: it could skip the next human step.
func TestAResumeIsSentOnceForOnePause(t *testing.T) {
	t.Parallel()
	const (
		atOnce = time.Second
		later  = 7 * time.Second
	)
	for _, tt := range []struct {
		name     string
		workflow string
		put      simulator.Fault
		poll     simulator.Fault
		puts     int
		polls    int
		resumes  int
		within   time.Duration
		want     error
	}{
		{name: "paused", puts: 1, polls: 1, resumes: 1},
		{name: "429", put: simulator.Fault{Status: 429, Times: 1}, puts: 2, polls: 2, resumes: 1, within: atOnce},
		{name: "503", put: simulator.Fault{Status: 503, Times: 1}, puts: 2, polls: 2, resumes: 1, within: later},
		{name: "503 twice", put: simulator.Fault{Status: 503, Times: 2}, puts: 3, polls: 3, resumes: 1, within: 2 * later},
		{name: "503 after it took effect", put: simulator.Fault{Status: 503, After: true, Times: 1}, puts: 1, polls: 2, resumes: 1, within: later},
		{name: "broken", put: simulator.Fault{Abort: true, Times: 1}, puts: 2, polls: 2, resumes: 1, within: later},
		{name: "broken after it took effect", put: simulator.Fault{Abort: true, After: true, Times: 1}, puts: 1, polls: 2, resumes: 1, within: later},
		{name: "no answer", put: simulator.Fault{Delay: time.Hour, Times: 1}, puts: 2, polls: 2, resumes: 1, within: 8*time.Second + later},
		{name: "no answer after it took effect", put: simulator.Fault{Delay: time.Hour, After: true, Times: 1}, puts: 1, polls: 2, resumes: 1, within: 8*time.Second + later},
		{name: "effect late, 503", workflow: "Asks Twice", put: simulator.Fault{Status: 503, After: true, Times: 1}, puts: 1, polls: 2, resumes: 1, within: later},
		{name: "effect late, broken", workflow: "Asks Twice", put: simulator.Fault{Abort: true, After: true, Times: 1}, puts: 1, polls: 2, resumes: 1, within: later},
		{name: "poll fails twice", poll: simulator.Fault{Status: 503, Times: 2}, puts: 1, polls: 3, resumes: 1, within: 2 * time.Second},
		{name: "broken after it took effect, and a poll fails", put: simulator.Fault{Abort: true, After: true, Times: 1}, poll: simulator.Fault{Skip: 1, Abort: true, Times: 1}, puts: 1, polls: 3, resumes: 1, within: 2 * later},

		{name: "broken after it took effect, and polls are outdated", put: simulator.Fault{Abort: true, After: true, Times: 1}, poll: simulator.Fault{Body: `{"status":"paused"}`}, puts: 2, polls: 2, resumes: 1, within: later},

		{name: "400", put: simulator.Fault{Status: 400}, puts: 1, polls: 1, want: &browseract.Error{}},
		{name: "HTML with 200", put: simulator.Fault{Body: "<html>"}, puts: 1, polls: 1, want: browseract.ErrUnreadable},
		{name: "redirect", put: simulator.Fault{Status: 307, Header: elsewhere}, puts: 1, polls: 1, want: &browseract.Error{}},
		{name: "a person was faster", put: simulator.Fault{Status: 400, Code: 10127}, puts: 1, polls: 1, want: &browseract.Error{Code: browseract.CodeTaskNotPaused}},
		{name: "poll refused", poll: simulator.Fault{Status: 400, Code: 10112}, polls: 1, want: &browseract.Error{Code: browseract.CodeNoSuchTask}},
		{name: "poll is refused", poll: simulator.Fault{Status: 400}, polls: 1, want: &browseract.Error{}},
		{name: "poll is unreadable", poll: simulator.Fault{Body: "<html>"}, polls: 1, want: browseract.ErrUnreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.run(t, cmp.Or(tt.workflow, "Needs A Human"))
				time.Sleep(30 * time.Second)
				tt.put.Endpoint, tt.poll.Endpoint = "resume-task", "get-task-status"
				r.account.Inject(tt.put)
				r.account.Inject(tt.poll)
				began := time.Now()
				err := r.client.ResumeTask(t.Context(), id)
				if took := time.Since(began); took > tt.within {
					t.Errorf("took %v, want at most %v", took, tt.within)
				}
				if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				got := []int{len(r.sent("resume-task")), len(r.sent("get-task-status")), r.account.Tasks()[0].Resumes}
				if got[0] != tt.puts || got[1] != tt.polls || got[2] != tt.resumes {
					t.Errorf("sent %d resumes and %d polls, %d took effect; want %d, %d, %d", got[0], got[1], got[2], tt.puts, tt.polls, tt.resumes)
				}
			})
		})
	}
}

func TestAResumeOfATaskThatIsNotPausedIsNotSent(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Seven Hours")
		var notPaused *browseract.NotPausedError
		if err := r.client.ResumeTask(t.Context(), id); !errors.As(err, &notPaused) || notPaused.Status != browseract.TaskCreated {
			t.Errorf("got %v, want that it is created", err)
		}
		if n := len(r.sent("")); n != 2 {
			t.Errorf("%d requests, want the run and one poll", n)
		}
	})
}

func TestTheStatusBeforeAResumeIsReadInUpToThreeTries(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Endpoint: "get-task-status", Status: 503})
		if err := r.client.ResumeTask(t.Context(), "1"); err == nil || len(r.sent("")) != 3 {
			t.Errorf("%v after %d requests", err, len(r.sent("")))
		}
	})
}

// Without the time for a resume to take effect, nothing is repeated.
func TestAnUnclearResumeIsRepeatedOnlyAfterAPause(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Needs A Human")
		time.Sleep(30 * time.Second)
		r.account.Inject(simulator.Fault{Endpoint: "resume-task", Status: 503})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		var refusal *browseract.Error
		if err := r.client.ResumeTask(ctx, id); !errors.As(err, &refusal) || refusal.StatusCode != http.StatusServiceUnavailable || time.Since(began) != 0 || len(r.sent("resume-task")) != 1 {
			t.Errorf("%v after %v and %d resumes", err, time.Since(began), len(r.sent("resume-task")))
		}
	})
}

func TestResumesOfOneTaskWithinSecondsAreOne(t *testing.T) {
	for _, apart := range []time.Duration{0, 2 * time.Second, 5 * time.Second, 11 * time.Second} {
		onRig(t, func(t *testing.T, r *rig) {
			id := r.run(t, "Slow Resume")
			time.Sleep(30 * time.Second)
			var resumes sync.WaitGroup
			for range 2 {
				resumes.Go(func() {
					if err := r.client.ResumeTask(t.Context(), id); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(apart)
			}
			resumes.Wait()
			if n := len(r.sent("resume-task")); n != 1 {
				t.Errorf("%v apart: %d resumes were sent", apart, n)
			}
		})
	}
}

func TestAResumeOutlivesItsCaller(t *testing.T) {
	onRig(t, func(t *testing.T, r *rig) {
		id := r.run(t, "Needs A Human")
		time.Sleep(30 * time.Second)
		r.account.Inject(simulator.Fault{Endpoint: "resume-task", Delay: 3 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := r.client.ResumeTask(ctx, id); err == nil {
			t.Error("the canceled caller got no error")
		}
		r.client.DrainStarts(t.Context())
		if n := r.account.Tasks()[0].Resumes; n != 1 {
			t.Errorf("%d resumes took effect", n)
		}
	})
}
