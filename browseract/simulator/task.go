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

// codeHumanTimeout is the failure of a run whose person did not act in time. Invented.
const codeHumanTimeout = 10131

// A task is one run. All but its last three fields is fixed at creation.
type task struct {
	account   *Account
	id        string
	number    int
	key       string
	blueprint *blueprint
	request   runRequest
	profile   string // empty: none
	created   time.Time
	before    *task // has to end first, in Standard Browser mode

	resumes     []time.Time   // accepted, oldest first
	interrupted *interruption // ended from outside
	final       *state        // kept after its end
}

// An interruption is the end of a task from outside.
type interruption struct {
	at      time.Time
	status  string
	failure *Failure
	output  *Output
}

// A state is what a task is at one moment.
type state struct {
	status  string
	started time.Time // zero while it is queued
	ended   time.Time // zero while it is open
	steps   int       // begun
	human   *Human    // the person that it waits for
	failure *Failure
	output  *Output // of a finished task
	credits int64
}

func (s state) open() bool { return s.ended.IsZero() }

// now returns the task's state. The caller holds the account's mu.
func (t *task) now() state { return t.at(t.account.clock.now()) }

// at returns the task's state at a time, which never goes back.
func (t *task) at(now time.Time) state {
	if t.final != nil {
		return *t.final
	}
	s := t.play(now)
	if e := t.interrupted; e != nil && (s.open() || e.at.Before(s.ended)) {
		s = t.cutOff(e)
	}
	if !s.open() {
		t.final, t.before = &s, nil
	}
	return s
}

func (t *task) interrupt(e interruption) {
	e.at = t.account.clock.now()
	t.interrupted = &e
}

// cutOff returns the final state of an interrupted task. It is billed by the steps that
// had begun.
func (t *task) cutOff(e *interruption) state {
	s, sc := t.play(e.at), &t.blueprint.Scenario
	s.credits = 0
	if !s.started.IsZero() && len(sc.Steps) > 0 {
		s.credits = sc.Credits * int64(s.steps) / int64(len(sc.Steps))
	}
	s.status, s.ended, s.human, s.failure, s.output = e.status, e.at, nil, e.failure, e.output
	return s
}

// play plays the scenario until now, without interruptions.
func (t *task) play(now time.Time) state {
	sc := &t.blueprint.Scenario
	start, ok := t.start(now)
	if !ok {
		return state{status: statusCreated}
	}
	p := player{scenario: sc, clock: &t.account.clock, now: now, cursor: start, resumes: t.resumes, state: state{status: statusRunning, started: start}}
	running := p.clock.real(sc.Running)
	for i := range sc.Steps {
		each := running / time.Duration(len(sc.Steps)-i) // of the rest
		running -= each
		if !p.step(&sc.Steps[i], each) {
			return p.state
		}
	}
	if !p.pass(running) { // all of it if there are no steps
		return p.state
	}
	return p.end()
}

// start returns when the task leaves "created", if that is not after now.
func (t *task) start(now time.Time) (time.Time, bool) {
	sc := &t.blueprint.Scenario
	start := t.created.Add(t.account.clock.real(sc.Created))
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

// A player plays a scenario up to now.
type player struct {
	scenario *Scenario
	clock    *clock
	now      time.Time
	cursor   time.Time   // how far it has played
	resumes  []time.Time // not used yet
	state    state
}

// step plays a step and reports whether it is over.
func (p *player) step(s *Step, takes time.Duration) bool {
	p.state.steps++
	if s.Human != nil && !p.pause(s.Human) {
		return false
	}
	over := p.pass(takes)
	if !over && s.Unknown {
		p.state.status = statusUnknown
	}
	return over
}

// pass moves the cursor by d and reports whether it is not after now.
func (p *player) pass(d time.Duration) bool {
	p.cursor = p.cursor.Add(d)
	return !p.cursor.After(p.now)
}

// pause waits for a person and reports whether the run has continued. A resume before
// the pause lets the run continue without one: a second resume of the pause before
// skips this one.
func (p *player) pause(h *Human) bool {
	began := p.cursor
	if len(p.resumes) > 0 {
		resumed := p.resumes[0]
		p.resumes = p.resumes[1:]
		if resumed.Before(began) {
			return true
		}
		p.cursor = resumed
		if p.pass(p.clock.real(h.ResumeLag)) {
			return true
		}
	} else if limit := began.Add(p.clock.real(h.Limit)); h.Limit > 0 && !limit.After(p.now) {
		p.state.status, p.state.ended, p.state.credits = statusFailed, limit, p.scenario.Credits
		p.state.failure = &Failure{Code: codeHumanTimeout, Message: "Human interaction timed out."}
		return false
	}
	p.state.human = h
	p.state.status = statusPaused
	if began.Add(p.clock.real(h.Pausing)).After(p.now) {
		p.state.status = statusPausing
	}
	return false
}

// end returns the state after the last step.
func (p *player) end() state {
	s, sc := p.state, p.scenario
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

// record returns the task as tests see it.
func (t *task) record() TaskRecord {
	s := t.now()
	return TaskRecord{
		ID: t.id, Key: t.key, WorkflowID: t.blueprint.ID, TemplateID: t.blueprint.template.ID,
		Inputs: t.request.Inputs, Region: t.request.Region, ProfileID: t.profile, SaveBrowserData: t.request.SaveBrowserData,
		CallbackURL: t.request.CallbackURL, StatusChangeCallbackURL: t.request.StatusChangeCallbackURL,
		CreatedAt: t.created, Status: s.status, Credits: s.credits, Resumes: len(t.resumes),
	}
}
