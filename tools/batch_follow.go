package tools

import (
	"context"
	"errors"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// glanceTime is how long a call waits for a first look at each row.
	glanceTime = 5 * time.Second
	// ledgerPause is how often the ledger is asked what others do with the rows.
	ledgerPause = 2 * time.Second
	// seekPause is how often a start without a clear answer is looked for.
	seekPause = 10 * time.Second
	// noRunLasts is longer than any run.
	noRunLasts = 24 * time.Hour
	// maxRowError is how many characters a row's error has.
	maxRowError = 300
)

// A rowEnd is what an answer needs of the end of a row's task.
type rowEnd struct {
	rows    *int // of its output, nil where it has none
	failure string
}

// attend waits for the rows of a batch, as long as the call may and until q is
// reached, and describes them then.
func (t *toolset) attend(ctx context.Context, v *view, w waitInput, q schemas.Quorum) schemas.Batch {
	report := call.From(ctx).Progress()
	defer report.Heartbeat(ctx)()
	looks, stop := context.WithCancel(ctx)
	waiting, over := t.calls.WaitingOpen(ctx, w.wait())
	defer over()

	v.within(looks, glanceTime, v.glanced)
	enough := v.reached(q)
	v.until(looks, waiting, func() bool {
		report.Report(ctx, v.progressLine())
		return enough()
	})
	v.within(looks, call.LastRead, v.complete)
	stop()
	v.followers.Wait()
	return v.describe(ctx)
}

// within is until for d at the most.
func (v *view) within(looks context.Context, d time.Duration, enough func() bool) {
	short, over := context.WithTimeout(looks, d)
	defer over()
	short, cancel := v.t.calls.UntilClosing(short)
	defer cancel()
	v.until(looks, short, enough)
}

// until follows the rows until enough says so, or waiting ends.
func (v *view) until(looks, waiting context.Context, enough func() bool) {
	for {
		v.renew(looks)
		v.follow(looks)
		if enough() {
			return
		}
		v.pause(waiting, ledgerPause)
		if waiting.Err() != nil {
			return
		}
	}
}

// renew is refresh where what is known has to do if the ledger fails.
func (v *view) renew(ctx context.Context) {
	if _, err := v.refresh(ctx); err != nil && ctx.Err() == nil {
		v.warn(v.t.problems.Explain(err).Message)
	}
}

// glanced reports whether what is known of each task is fresh.
func (v *view) glanced() bool {
	return v.count(func(r *rowSight) bool { return r.State == ledger.RowStarted && !r.looked && !v.read(r) }) == 0
}

// complete reports whether all is known of the tasks that have ended.
func (v *view) complete() bool {
	return v.count(func(r *rowSight) bool { return r.ended() && !v.read(r) }) == 0
}

// read reports whether the end of the row's task was read.
func (v *view) read(r *rowSight) bool {
	if !r.ended() {
		return false
	}
	_, known := v.t.crews.end(v, r.TaskID)
	return known
}

// reached returns what tells that a wait for q is over. It is over also when a row
// begins to wait for a person, or when nothing more will happen.
func (v *view) reached(q schemas.Quorum) func() bool {
	done := v.asked((*rowSight).over)
	paused := v.pausedTasks()
	return func() bool {
		for task := range v.pausedTasks() {
			if !paused[task] {
				return true
			}
		}
		switch now := v.asked((*rowSight).over); {
		case v.idle():
			return true
		case q == schemas.QuorumAny:
			return now > done || v.count((*rowSight).untold) > 0
		default:
			return q.Rows() > 0 && now >= q.Rows()
		}
	}
}

// idle reports whether nothing will happen to the rows.
func (v *view) idle() bool { return !v.t.crews.working(v) && v.count((*rowSight).holds) == 0 }

func (v *view) pausedTasks() map[string]bool {
	paused := map[string]bool{}
	v.each(func(r *rowSight) {
		if r.State == ledger.RowStarted && r.status == browseract.TaskPaused {
			paused[r.TaskID] = true
		}
	})
	return paused
}

// follow looks at each row that nobody looks at, until ctx ends.
func (v *view) follow(ctx context.Context) {
	v.each(func(r *rowSight) {
		row := *r
		switch {
		case r.State == ledger.RowStarted && !r.followed && !v.read(r):
			r.followed = true
			v.followers.Go(func() { v.followTask(ctx, row) })
		case r.open.ID != 0 && !r.open.Leased && !r.sought:
			r.sought = true
			v.followers.Go(func() { v.seek(ctx, row) })
		}
	})
}

// followTask looks at a row's task until it has ended, and reads how. All who
// follow share the looks: those at many tasks are a list.
func (v *view) followTask(ctx context.Context, row rowSight) {
	if !row.ended() {
		_, err := v.t.Client.Wait(ctx, browseract.Watch{
			TaskID:            row.TaskID,
			Since:             row.run.BegunAt,
			IgnorePausedUntil: time.Now().Add(noRunLasts), // it goes on when the person has acted
			Detail:            v.t.limitsCredits(v.batch.Kind, v.batch.TargetID),
			OnUpdate:          func(look browseract.Observation) { v.saw(ctx, row.Number, look) },
		})
		if err != nil && ctx.Err() == nil {
			v.change(row.Number, func(r *rowSight) { r.trouble = v.t.problems.Explain(err).Message })
			return
		}
	}
	v.readEnd(ctx, row.Number)
}

// readEnd reads how the row's task ended, unless that is known.
func (v *view) readEnd(ctx context.Context, number int) {
	var row rowSight
	v.change(number, func(r *rowSight) { row = *r })
	if !row.ended() || v.read(&row) {
		return
	}
	select {
	case v.reads <- struct{}{}:
		defer func() { <-v.reads }()
	case <-ctx.Done():
		return
	}
	if task, err := v.t.Client.Task(ctx, row.TaskID); err == nil {
		v.saw(ctx, number, browseract.Observation{Task: task, Detail: true})
	}
}

// change changes what is known of a row.
func (v *view) change(number int, do func(*rowSight)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	do(&v.rows[number-1])
	v.poke()
}

// saw takes over a look at a row's task and brings it to the ledger.
func (v *view) saw(ctx context.Context, number int, look browseract.Observation) {
	var changed, wantsView bool
	v.change(number, func(r *rowSight) {
		if r.TaskID != string(look.Task.ID) {
			return // it was taken for another task meanwhile
		}
		changed = r.take(look.Task)
		wantsView = r.status == browseract.TaskPaused && r.liveURL == "" && !r.asked
		r.asked = r.asked || wantsView
	})
	s := sighting{task: look.Task}
	if changed {
		v.t.observe(ctx, &s, false)
	}
	if look.Detail && look.Task.Status.Ended() {
		v.t.crews.keepEnd(v, string(look.Task.ID), endOf(&s))
	}
	v.holdCredits(ctx, number, &s)
	if wantsView {
		v.findView(ctx, number, string(look.Task.ID))
	}
}

// take takes over what a look told, and reports whether the ledger should know.
func (r *rowSight) take(task browseract.Task) (changed bool) {
	r.looked = true
	if r.status.Ended() && !task.Status.Ended() {
		return false // a look that began before the end, told after it
	}
	changed = r.status != task.Status
	r.status = task.Status
	if credits, told := task.Credits(); told && (r.credits == nil || credits > *r.credits) {
		r.credits, changed = &credits, true
	}
	if link := task.LiveURL(); link != "" {
		r.liveURL = link
	}
	return changed
}

// holdCredits deals with a run that costs more than a run may.
func (v *view) holdCredits(ctx context.Context, number int, s *sighting) {
	v.t.holdCredits(ctx, s)
	for _, warning := range s.warnings {
		v.warn(v.name(number) + ": " + warning)
	}
}

// findView finds where a person can act on a paused task: it may have been told
// while the task ran only, or by get-task only.
func (v *view) findView(ctx context.Context, number int, task string) {
	link := v.t.Client.LastLiveURL(ctx, task)
	if link == "" {
		if whole, err := v.t.Client.Task(ctx, task); err == nil {
			link = whole.LiveURL()
		}
	}
	v.change(number, func(r *rowSight) { r.liveURL = link })
}

func endOf(s *sighting) rowEnd {
	var end rowEnd
	if rows, ok := output.Parse(s.task.Output.String).Rows(); ok {
		end.rows = &rows
	}
	if s.task.Status == browseract.TaskFailed {
		end.failure = sanitize.OneLine(s.failure().Message, maxRowError)
	}
	return end
}

// seek looks for the task of a row whose start was left open, by a crash or an
// unclear answer.
func (v *view) seek(ctx context.Context, row rowSight) {
	search, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	h, s := v.huntFor(search, row)
	err := v.t.settleLeft(search, h, s)
	if _, unclear := errors.AsType[*unclearStart](err); unclear {
		select {
		case <-ctx.Done():
		case <-time.After(seekPause):
		}
	}
	v.change(row.Number, func(r *rowSight) { r.sought = false })
}

// huntFor looks for the task of a row's start. Its inputs are in the ledger until it
// is over.
func (v *view) huntFor(ctx context.Context, row rowSight) (*hunt, start) {
	asked := row.Row
	var err error
	asked.Inputs, err = v.t.Ledger.RowInputs(ctx, v.caller, v.batch.ID, row.Number)
	if err == nil {
		if s, err := v.t.rowStart(v.batch, v.settings, asked); err == nil {
			return v.t.huntFor(row.open, s), s
		}
	}
	return &hunt{t: v.t, run: row.open}, start{}
}
