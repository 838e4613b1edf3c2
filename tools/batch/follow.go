package batch

import (
	"context"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// maxRowError is how many characters a row's error has.
const maxRowError = 300

// wait waits for the rows of a batch, as long as the call may and until w is reached,
// and describes them then.
func (m *Manager) wait(ctx context.Context, s *state, w Wait) schemas.Batch {
	report := call.From(ctx).Progress()
	defer report.Heartbeat(ctx)()
	following, stop := context.WithCancel(ctx)
	waiting, over := m.Runs.Calls.WaitingOpen(ctx, w.For)
	defer over()

	s.waitFor(following, firstPoll, s.allPolled)
	enough := s.reached(w.Until)
	s.waitUntil(following, waiting, func() bool {
		report.Report(ctx, s.progress())
		return enough()
	})
	s.waitFor(following, call.LastRead, s.allRead)
	stop()
	s.followers.Wait()
	return s.describe(ctx)
}

// waitFor is waitUntil for d at most.
func (s *state) waitFor(following context.Context, d time.Duration, enough func() bool) {
	short, over := context.WithTimeout(following, d)
	defer over()
	short, cancel := s.m.Runs.Calls.UntilClosing(short)
	defer cancel()
	s.waitUntil(following, short, enough)
}

// waitUntil follows the rows until enough says so, or waiting ends.
func (s *state) waitUntil(following, waiting context.Context, enough func() bool) {
	for {
		s.refreshOrWarn(following)
		s.follow(following)
		if enough() {
			return
		}
		s.pause(waiting, refreshInterval)
		if waiting.Err() != nil {
			return
		}
	}
}

// refreshOrWarn is refresh where what is known has to do if the ledger fails.
func (s *state) refreshOrWarn(ctx context.Context) {
	if _, err := s.refresh(ctx); err != nil && ctx.Err() == nil {
		s.warn(s.m.Runs.Problems.Explain(err).Message)
	}
}

// allPolled reports whether what is known of each task is fresh.
func (s *state) allPolled() bool {
	return s.count(func(r *row) bool { return r.State == ledger.RowStarted && !r.polled && !s.hasResult(r) }) == 0
}

// allRead reports whether all is known of the tasks that have ended.
func (s *state) allRead() bool {
	return s.count(func(r *row) bool { return r.ended() && !s.hasResult(r) }) == 0
}

// hasResult reports whether the end of the row's task was read.
func (s *state) hasResult(r *row) bool {
	_, known := s.m.workers.result(s.caller, r.TaskID)
	return known && r.ended()
}

// reached returns what reports that a wait for q is over. It is over also when a row
// begins to wait for a person, or when nothing more will happen.
func (s *state) reached(q schemas.Quorum) func() bool {
	before := s.countRequested((*row).done)
	paused := map[string]bool{}
	s.each(func(r *row) { paused[r.TaskID] = r.isPaused() })
	pausedSince := func(r *row) bool { return r.isPaused() && !paused[r.TaskID] }
	return func() bool {
		switch now := s.countRequested((*row).done); {
		case s.count(pausedSince) > 0, s.isIdle():
			return true
		case q == schemas.QuorumAny:
			return now > before || s.count((*row).unreported) > 0
		default:
			return q.Rows() > 0 && now >= q.Rows()
		}
	}
}

// isIdle reports whether nothing will happen to the rows.
func (s *state) isIdle() bool {
	return !s.m.workers.latest(s).working() && s.count((*row).active) == 0
}

// follow watches each row that is not watched yet, until ctx ends.
func (s *state) follow(ctx context.Context) {
	s.each(func(r *row) {
		known := *r
		switch {
		case r.State == ledger.RowStarted && !r.followed && !s.hasResult(r):
			r.followed = true
			s.followers.Go(func() { s.followTask(ctx, known) })
		case r.open.ID != 0 && !r.open.Leased && !r.searching:
			r.searching = true
			s.followers.Go(func() { s.reconcile(ctx, known) })
		}
	})
}

// followTask watches a row's task until it has ended, and reads how. All who follow
// share the polls: those of many tasks are a list.
func (s *state) followTask(ctx context.Context, r row) {
	if !r.ended() {
		_, err := s.m.Runs.Client.Wait(ctx, browseract.Watch{
			TaskID:            r.TaskID,
			Since:             r.run.BegunAt,
			IgnorePausedUntil: time.Now().Add(ledger.Day), // it goes on when the person has acted
			Detail:            s.m.Runs.LimitsCredits(s.batch.Kind, s.batch.TargetID),
			OnUpdate:          func(seen browseract.Observation) { s.update(ctx, r.Number, seen) },
		})
		if err != nil && ctx.Err() == nil {
			s.change(r.Number, func(r *row) { r.failure = s.m.Runs.Problems.Explain(err).Message })
			return
		}
	}
	s.change(r.Number, func(now *row) { r = *now })
	if !r.ended() || s.hasResult(&r) {
		return
	}
	select {
	case s.reading <- struct{}{}:
		s.readTask(ctx, r.Number, r.TaskID)
		<-s.reading
	case <-ctx.Done():
	}
}

func (s *state) readTask(ctx context.Context, number int, id string) {
	if task, err := s.m.Runs.Client.Task(ctx, id); err == nil {
		s.update(ctx, number, browseract.Observation{Task: task, Detail: true})
	}
}

// update merges what was seen of a row's task, and records it in the ledger.
func (s *state) update(ctx context.Context, number int, seen browseract.Observation) {
	var changed, needsLive bool
	s.change(number, func(r *row) {
		if r.TaskID != string(seen.Task.ID) {
			return // it has another task meanwhile
		}
		changed = r.merge(seen.Task)
		needsLive = r.status == browseract.TaskPaused && r.liveURL == "" && !r.askedLive
		r.askedLive = r.askedLive || needsLive
	})
	if changed {
		_ = s.m.Runs.Observe(ctx, seen.Task.TaskSummary) // what the ledger misses is seen again
	}
	snapshot := &runs.Snapshot{Task: seen.Task}
	if seen.Detail && snapshot.Ended() {
		s.m.workers.keepResult(s.caller, snapshot.ID(), resultOf(snapshot))
	}
	s.m.Runs.EnforceCredits(ctx, snapshot)
	s.warnOfRow(number, snapshot.Warnings)
	if needsLive && s.m.Runs.Client.LastLiveURL(ctx, snapshot.ID()) == "" {
		s.readTask(ctx, number, snapshot.ID()) // get-task may be the only one to show it
	}
}

// merge merges what was seen, and reports whether the ledger should know.
func (r *row) merge(task browseract.Task) (changed bool) {
	r.polled = true
	if r.status.Ended() && !task.Status.Ended() {
		return false // a read that began before the end and returned after it
	}
	changed = r.status != task.Status
	r.status = task.Status
	if credits, known := task.Credits(); known && (r.credits == nil || credits > *r.credits) {
		r.credits, changed = &credits, true
	}
	if link := task.LiveURL(); link != "" {
		r.liveURL = link
	}
	return changed
}

func resultOf(s *runs.Snapshot) (r result) {
	if rows, ok := output.Parse(s.Task.Output.String).Rows(); ok {
		r.rows = &rows
	}
	if s.Task.Status == browseract.TaskFailed {
		r.failure = sanitize.OneLine(present.Failure(s).Message, maxRowError)
	}
	return r
}

// reconcile searches for the task of a row whose start was left open, by a crash or an
// unclear answer. Its inputs are in the ledger until it is done.
func (s *state) reconcile(ctx context.Context, r row) {
	var request *runs.Request
	in, err := s.m.ledger().RowInputs(ctx, s.caller, s.batch.ID, r.Number)
	if err == nil {
		r.Inputs = in
		if found, err := s.request(r.Row); err == nil {
			request = &found
		}
	}
	if s.m.Runs.Reconcile(ctx, r.open, request) {
		select {
		case <-ctx.Done():
		case <-time.After(searchInterval):
		}
	}
	s.change(r.Number, func(r *row) { r.searching = false })
}
