package tools

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A sighting is what one call knows of a task when it answers.
type sighting struct {
	task       browseract.Task
	templateID string
	// began is when the task was started, by our clock; zero: as the API tells.
	began time.Time
	// whole says that task was read with get-task, and not its status only.
	whole bool
	// at is when task was as it is here, by what BrowserAct answered; zero: at began.
	at time.Time
	// lastLive is where its live view was last seen.
	lastLive string
	// allSteps asks for every step in the answer.
	allSteps bool
	// pictured asks for a screenshot.
	pictured bool
	// typical is what runs like this one take.
	typical ledger.Typical
	// reaction is what the user did when asked to act, in words; empty: nothing.
	reaction string
	// maxCredits is what the run may cost; 0: nobody has looked yet, less: anything.
	maxCredits int64
	// overspent says that the run has been dealt with for its cost.
	overspent bool
	// deduplicated says that the run was asked for before.
	deduplicated bool
	warnings     []string
}

func (s *sighting) warn(format string, args ...any) {
	s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
}

func (s *sighting) warnOnce(text string) {
	if !slices.Contains(s.warnings, text) {
		s.warnings = append(s.warnings, text)
	}
}

// A pursuit says how to follow a task until the call has to answer.
type pursuit struct {
	wait waitInput
	// pausedCounts is from when on a paused task ends the wait.
	pausedCounts time.Time
}

// ends reports whether a task of that status ends the wait.
func (p pursuit) ends(status browseract.TaskStatus) bool {
	return status.Ended() || (status == browseract.TaskPaused && !time.Now().Before(p.pausedCounts))
}

const (
	closingGrace = 400 * time.Millisecond
	// maxProgressText is how many characters a progress message has.
	maxProgressText = 120
)

// follow waits for the task that s has seen and answers with all that is known of
// it then. It cannot fail: what goes wrong is a warning, because an answer without
// the task's id would lose a run that is paid for.
func (t *toolset) follow(ctx context.Context, s sighting, p pursuit) (a runAnswer) {
	ctx, leave := t.history.Enter(ctx, t.keyOf(ctx, &s), s.deduplicated)
	defer leave()
	if p.wait.WaitSeconds > 0 {
		t.wait(ctx, &s, p)
		t.lookAgain(ctx, &s)
		a.question = t.elicitIfPaused(ctx, &s, p)
	}
	t.observeForAnswer(ctx, &s)
	t.reportOvershoot(ctx, &s)
	s.lastLive = t.Client.LastLiveURL(ctx, string(s.task.ID))
	if !s.task.Status.Ended() && !t.calls.IsClosing() {
		s.typical = t.typicalOf(ctx, &s)
	}
	a.task = t.describe(&s, t.holders(ctx, &s))
	t.diagnose(ctx, &s, &a.task)
	return a
}

// wait looks at the task until it ends or pauses, or the call's wait is over.
func (t *toolset) wait(ctx context.Context, s *sighting, p pursuit) {
	if s.task.Status.Ended() {
		return
	}
	report := call.From(ctx).Progress()
	defer report.Heartbeat(ctx)()
	waiting, over := call.Waiting(ctx, p.wait.wait())
	defer over()
	_, err := t.Client.Wait(waiting, browseract.Watch{
		Closing:           t.calls.Closing,
		TaskID:            string(s.task.ID),
		Since:             t.startOf(s),
		IgnorePausedUntil: p.pausedCounts,
		Detail:            report.Wanted() || t.mostCredits(ctx, s) > 0,
		Known:             s.known(),
		OnUpdate: func(look browseract.Observation) {
			s.looked(look)
			t.holdCredits(ctx, s)
			if !p.ends(s.task.Status) { // the reply itself tells of the end
				report.Report(ctx, t.stepLine(s.task))
			}
		},
	})
	if err != nil {
		s.warn("The task could not be looked at while waiting: %s", t.problems.Explain(err).Message)
	}
}

// known is what the call has seen of the task, nil for nothing. A run that was just
// started is as it was then.
func (s *sighting) known() *browseract.Observation {
	at := s.at
	if at.IsZero() {
		at = s.began
	}
	if at.IsZero() {
		return nil
	}
	return &browseract.Observation{Task: s.task, Detail: s.whole, At: at}
}

// looked takes over a look at the task.
func (s *sighting) looked(look browseract.Observation) {
	s.saw(look.Task, look.Detail)
	s.at = look.At
}

// saw takes over what was read of the task just now. A read that tells the status
// only leaves everything else as it was known, but no longer as a whole. A task that
// has ended has ended, even if a late answer says otherwise.
func (s *sighting) saw(task browseract.Task, whole bool) {
	if s.task.Status.Ended() && !task.Status.Ended() {
		return
	}
	s.at = time.Now()
	if whole {
		s.task, s.whole = task, true
		return
	}
	s.whole = s.whole && s.task.Status == task.Status && task.Status != browseract.TaskRunning
	s.task.Status = task.Status
}

// lookAgain reads the whole task for the answer, if it is not known already.
func (t *toolset) lookAgain(ctx context.Context, s *sighting) {
	if s.whole {
		return
	}
	if t.calls.IsClosing() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, closingGrace)
		defer cancel()
	}
	task, err := t.Client.Task(ctx, string(s.task.ID))
	switch {
	case err == nil:
		s.saw(task, true)
	case !t.calls.IsClosing():
		s.warn("The task's details could not be read just now: %s", t.problems.Explain(err).Message)
	}
}

const (
	queuedLong = 2 * time.Minute
	maxHolders = 5
)

// holders tells which tasks run while this one has long been waiting for its turn.
func (t *toolset) holders(ctx context.Context, s *sighting) []string {
	if s.task.Status != browseract.TaskCreated || s.elapsed() < queuedLong || t.calls.IsClosing() {
		return nil
	}
	page, err := t.Client.Tasks(ctx, browseract.TaskFilter{Status: browseract.TaskRunning}, 1, maxHolders)
	if err != nil {
		return nil // the answer is complete without them
	}
	ids := make([]string, 0, len(page.Items))
	for _, task := range page.Items {
		ids = append(ids, string(task.ID))
	}
	return ids
}

// start returns when the task began, the zero time where nobody told.
func (s *sighting) start() time.Time {
	if s.began.IsZero() {
		return s.task.CreatedAt.Time
	}
	return s.began
}

// startOf is when the task began by our clock, which the API's may differ from; the
// zero time where it is not known.
func (t *toolset) startOf(s *sighting) time.Time {
	start := s.start()
	if s.began.IsZero() && !start.IsZero() {
		ahead, _ := t.Client.ClockOffset()
		start = start.Add(-ahead)
	}
	return start
}

// elapsed is how long the task took, or has taken so far.
func (s *sighting) elapsed() time.Duration {
	end := time.Now()
	created, finished := s.task.CreatedAt.Time, s.task.FinishedAt.Time
	if s.task.Status.Ended() && finished.After(created) && !created.IsZero() {
		return finished.Sub(created)
	}
	if s.start().IsZero() {
		return 0
	}
	return max(0, end.Sub(s.start()))
}

// stepLine is what a client is told of a task while it waits: its step, or else
// its status.
func (t *toolset) stepLine(task browseract.Task) string {
	if n := len(task.Steps); n > 0 && task.Status == browseract.TaskRunning {
		step := task.Steps[n-1]
		if t.Lockdown {
			return fmt.Sprintf("step %d", step.Number)
		}
		return sanitize.OneLine(fmt.Sprintf("step %d: %s", step.Number, browseract.RedactURLs(step.Goal)), maxProgressText)
	}
	return sanitize.OneLine(string(task.Status), maxProgressText)
}

// taskOf reads the task that a call names. A call that waits anyway can do with
// what the wait before it has just told, or with what is told to a crowd.
func (t *toolset) taskOf(ctx context.Context, id schemas.ID, wait waitInput) (sighting, error) {
	if wait.WaitSeconds == 0 {
		task, err := t.Client.Task(ctx, string(id))
		return sighting{task: task, whole: true, at: time.Now()}, err
	}
	waiting, over := t.calls.WaitingOpen(ctx, wait.wait())
	defer over()
	look, err := t.Client.Observe(ctx, string(id), waiting.Done())
	return sighting{task: look.Task, whole: look.Detail, at: look.At}, err
}
