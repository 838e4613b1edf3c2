package runs

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/call"
)

// WaitOptions say how to wait for a task.
type WaitOptions struct {
	// Wait is how long to wait, from the arrival of the call.
	Wait time.Duration
	// IgnorePausedUntil is when a paused task begins to end the wait; the zero time: at once.
	IgnorePausedUntil time.Time
	// Progress returns the message that a client is sent of a task that has not ended.
	// Nil: none is sent.
	Progress func(browseract.Task) string
}

// Ends reports whether a task of that status ends the wait.
func (o WaitOptions) Ends(status browseract.TaskStatus) bool {
	return status.Ended() || status == browseract.TaskPaused && !time.Now().Before(o.IgnorePausedUntil)
}

// Wait waits until the task ends or pauses, or the call's wait is over, and then reads
// what is not known of it. It cannot fail: what goes wrong is a warning, because an
// answer without the task's id would lose a run that is paid for.
func (e *Engine) Wait(ctx context.Context, s *Snapshot, o WaitOptions) {
	if !s.Ended() {
		e.watch(ctx, s, o)
	}
	e.Refresh(ctx, s)
}

func (e *Engine) watch(ctx context.Context, s *Snapshot, o WaitOptions) {
	report := call.From(ctx).Progress()
	defer report.Heartbeat(ctx)()
	waiting, over := call.Waiting(ctx, o.Wait)
	defer over()
	_, err := e.Client.Wait(waiting, browseract.Watch{
		Closing:           e.Calls.Closing,
		TaskID:            s.ID(),
		Since:             s.localStart(e.Client),
		IgnorePausedUntil: o.IgnorePausedUntil,
		Detail:            report.Wanted() || e.maxCreditsOf(ctx, s) > 0,
		Known:             s.observation(),
		OnUpdate: func(seen browseract.Observation) {
			s.update(seen)
			e.EnforceCredits(ctx, s)
			if o.Progress != nil && !o.Ends(s.Task.Status) { // the reply itself has the end
				report.Report(ctx, o.Progress(s.Task))
			}
		},
	})
	if err != nil {
		s.warn("The task could not be read while waiting: %s", e.Problems.Explain(err).Message)
	}
}

// localStart is when the task began by this machine's clock, which the API's may differ
// from; the zero time where it is not known.
func (s *Snapshot) localStart(client *browseract.Client) time.Time {
	start := s.start()
	if s.Began.IsZero() && !start.IsZero() {
		ahead, _ := client.ClockOffset()
		start = start.Add(-ahead)
	}
	return start
}

// Refresh reads the whole task, if it is not known already. If that fails, it warns.
func (e *Engine) Refresh(ctx context.Context, s *Snapshot) {
	if s.Detail {
		return
	}
	if e.Calls.IsClosing() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, closingGrace)
		defer cancel()
	}
	task, err := e.Client.Task(ctx, s.ID())
	switch {
	case err == nil:
		s.update(browseract.Observation{Task: task, Detail: true, At: time.Now()})
	case !e.Calls.IsClosing():
		s.warn("The task's details could not be read just now: %s", e.Problems.Explain(err).Message)
	}
}

// Fetch reads a task. Before a wait it may return what another wait has just seen, or what
// one list shows of many tasks. The errors are those of [browseract.Client.Task].
func (e *Engine) Fetch(ctx context.Context, id string, wait time.Duration) (*Snapshot, error) {
	if wait == 0 {
		task, err := e.Client.Task(ctx, id)
		return &Snapshot{Task: task, Detail: true, At: time.Now()}, err
	}
	waiting, over := e.Calls.WaitingOpen(ctx, wait)
	defer over()
	seen, err := e.Client.Observe(ctx, id, waiting.Done())
	return &Snapshot{Task: seen.Task, Detail: seen.Detail, At: seen.At}, err
}

const (
	// QueuedLong is how long a task is queued before an answer mentions it.
	QueuedLong = 2 * time.Minute
	// maxMeanwhile is how many tasks are named that run while one is queued.
	maxMeanwhile = 5
)

// Complete adds to a snapshot what an answer needs besides the task: where a person can
// act, what is typical, and what runs meanwhile. A server that stops reads nothing more.
func (e *Engine) Complete(ctx context.Context, s *Snapshot) {
	s.LastLiveURL = e.Client.LastLiveURL(ctx, s.ID())
	if s.Task.Status == browseract.TaskFailed {
		s.Kind, s.Target = e.Origin(ctx, s)
	}
	if s.Ended() || e.Calls.IsClosing() {
		return
	}
	s.Typical = e.typicalOf(ctx, s)
	if s.Task.Status == browseract.TaskCreated && s.Elapsed() >= QueuedLong {
		s.RunningMeanwhile = e.account.running(ctx, maxMeanwhile) // complete without them
	}
}
