package simulator

import "time"

// The statuses of a task.
const (
	statusCreated  = "created"
	statusRunning  = "running"
	statusPausing  = "pausing"
	statusPaused   = "paused"
	statusFinished = "finished"
	statusFailed   = "failed"
	statusCanceled = "canceled"
	statusUnknown  = "unknown"
)

// statuses are those that list-tasks can be asked for.
func statuses() []string {
	return []string{
		statusCreated, statusRunning, statusPausing, statusPaused,
		statusFinished, statusFailed, statusCanceled, statusUnknown,
	}
}

// humanTimeout is the code of a run whose person did not act in time. Invented.
const humanTimeout = 10131

// task is one run. Everything but its events is fixed at creation.
type task struct {
	account   *Account
	id        string
	number    int
	key       string
	blueprint *blueprint
	request   runRequest
	region    string
	profile   string // empty: none
	created   time.Time
	before    *task // has to end first, in Standard Browser mode

	resumes []time.Time // accepted, oldest first
	ending  *ending     // somebody ended it
	final   *state      // kept once it has ended
}

// ending is the end of a task by somebody's hand.
type ending struct {
	at      time.Time
	status  string
	failure *Failure
	output  *Output
}

// state is what a task is at one moment.
type state struct {
	status  string
	started time.Time // zero while it is queued
	ended   time.Time // zero while it is open
	steps   int       // begun
	human   *Human    // being waited for
	failure *Failure
	output  *Output // of a finished task
	credits int64
}

func (s state) open() bool { return s.ended.IsZero() }

// at tells the task's state at a time, which never goes back. The caller holds
// the account's mu.
func (t *task) at(now time.Time) state {
	if t.final != nil {
		return *t.final
	}
	s := t.unfold(now)
	if e := t.ending; e != nil && (s.open() || e.at.Before(s.ended)) {
		s = t.interrupt(e)
	}
	if !s.open() {
		t.final, t.before = &s, nil
	}
	return s
}

// interrupt is the final state of a task that somebody ended.
func (t *task) interrupt(e *ending) state {
	s := t.unfold(e.at)
	s.credits = t.share(s)
	s.status, s.ended, s.human, s.failure, s.output = e.status, e.at, nil, e.failure, e.output
	return s
}

// share is what a run costs that was ended before its time: by the steps that
// had begun.
func (t *task) share(s state) int64 {
	sc := &t.blueprint.scenario
	if s.started.IsZero() || len(sc.Steps) == 0 {
		return 0
	}
	return sc.Credits * int64(s.steps) / int64(len(sc.Steps))
}

// unfold plays the scenario until now, as if nobody ended it.
func (t *task) unfold(now time.Time) state {
	sc := &t.blueprint.scenario
	start, ok := t.start(now)
	if !ok {
		return state{status: statusCreated}
	}
	p := play{task: t, now: now, cursor: start, resumes: t.resumes, state: state{status: statusRunning, started: start}}
	running := t.account.wait(sc.Running)
	for i := range sc.Steps {
		each := running / time.Duration(len(sc.Steps)-i) // of what is left
		running -= each
		if !p.step(&sc.Steps[i], each) {
			return p.state
		}
	}
	if !p.pass(running) { // all of it where there are no steps
		return p.state
	}
	return p.outcome(sc)
}

// start is when the task leaves "created", if that is not after now.
func (t *task) start(now time.Time) (time.Time, bool) {
	sc := &t.blueprint.scenario
	start := t.created.Add(t.account.wait(sc.Created))
	if t.before != nil {
		s := t.before.at(now)
		if s.open() {
			return time.Time{}, false
		}
		if s.ended.After(start) {
			start = s.ended
		}
	}
	return start, !sc.Stuck && !start.After(now)
}

// play is a scenario being unfolded.
type play struct {
	task    *task
	now     time.Time
	cursor  time.Time   // how far it has come
	resumes []time.Time // not used up yet
	state   state
}

// step plays a step and tells whether it is over by now.
func (p *play) step(s *Step, takes time.Duration) bool {
	p.state.steps++
	if s.Human != nil && !p.pause(s.Human) {
		return false
	}
	if !p.pass(takes) {
		if s.Unknown {
			p.state.status = statusUnknown
		}
		return false
	}
	return true
}

// pass moves on by d and tells whether that is over by now.
func (p *play) pass(d time.Duration) bool {
	p.cursor = p.cursor.Add(d)
	return !p.cursor.After(p.now)
}

// pause waits for a person and tells whether the run has gone on by now. A
// resume that came before its pause lets the run go on without one: a second
// resume of the pause before skips this one.
func (p *play) pause(h *Human) bool {
	began := p.cursor
	if len(p.resumes) > 0 {
		resumed := p.resumes[0]
		p.resumes = p.resumes[1:]
		if resumed.Before(began) {
			return true
		}
		p.cursor = resumed.Add(p.task.account.wait(h.ResumeLag))
		if !p.cursor.After(p.now) {
			return true
		}
	} else if limit := began.Add(p.task.account.wait(h.Limit)); h.Limit > 0 && !limit.After(p.now) {
		p.expire(limit)
		return false
	}
	p.state.human = h
	p.state.status = statusPaused
	if began.Add(p.task.account.wait(h.Pausing)).After(p.now) {
		p.state.status = statusPausing
	}
	return false
}

// expire fails the run whose person did not come.
func (p *play) expire(at time.Time) {
	p.state.status, p.state.ended = statusFailed, at
	p.state.failure = &Failure{Code: humanTimeout, Message: "Human interaction timed out."}
	p.state.credits = p.task.blueprint.scenario.Credits
}

// outcome is the state after the last step.
func (p *play) outcome(sc *Scenario) state {
	s := p.state
	if sc.Ending == EndNever {
		return s
	}
	s.ended, s.credits = p.cursor, sc.Credits
	switch sc.Ending {
	case EndFailed:
		s.status, s.failure = statusFailed, sc.Failure
	case EndCanceled:
		s.status = statusCanceled
	default:
		s.status, s.output = statusFinished, &sc.Output
	}
	return s
}

// record is the task as tests see it.
func (t *task) record(now time.Time) TaskRecord {
	s := t.at(now)
	return TaskRecord{
		ID: t.id, Key: t.key, WorkflowID: t.blueprint.workflowID, TemplateID: t.blueprint.templateID,
		Inputs: t.request.Inputs, Region: t.region, ProfileID: t.profile, SaveBrowserData: t.request.SaveBrowserData,
		CallbackURL: t.request.CallbackURL, StatusChangeCallbackURL: t.request.StatusChangeCallbackURL,
		CreatedAt: t.created, Status: s.status, Credits: s.credits, Resumes: len(t.resumes),
	}
}
