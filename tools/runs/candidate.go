package runs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A candidate is a task that may be the one of a start without a clear answer.
type candidate struct {
	task   browseract.TaskSummary
	inputs inputMatch // not otherInputs
	timely bool       // by one of the clocks it was created when the start was sent
}

// isCertain reports whether nothing speaks against the candidate.
func (c candidate) isCertain() bool { return c.inputs == sameInputs && c.timely }

// onlyCertain returns the candidate that is the start's task, if exactly one can be.
func onlyCertain(found []candidate) (match candidate, ok bool) {
	n := 0
	for _, c := range found {
		if c.isCertain() {
			match = c
			n++
		}
	}
	return match, n == 1
}

// describe says how sure it is that the candidate is the start's task.
func (c candidate) describe(run ledger.Run) string {
	inputs := "its inputs cannot be compared"
	if c.inputs == sameInputs {
		inputs = "the same inputs"
	}
	when := "created at a time that BrowserAct does not show"
	if created := c.task.CreatedAt.Time; !created.IsZero() {
		when = "created at " + schemas.Timestamp(created)
		if passed := created.Sub(run.SentAt); c.timely && passed.Abs() <= maxCreateDelay+clockTolerance {
			when = fmt.Sprintf("created %.0f s after the request was sent", max(0, passed.Seconds()))
		}
	}
	return inputs + ", " + when
}

// match compares the inputs and the profile of a task with the start's.
func (f *finder) match(task browseract.TaskSummary) inputMatch {
	profile := f.request.ProfileID
	switch {
	case !f.known:
		return matchHashes(f.run, task)
	case profile != "" && task.ProfileID != "" && string(task.ProfileID) != profile:
		return otherInputs
	}
	result := matchInputs(f.request.Inputs, task.Inputs)
	if result == unclearInputs && len(f.request.Inputs) == 0 && f.run.Kind == Workflow {
		return sameInputs // BrowserAct may have filled in all of them
	}
	return result
}

// matchHashes is matchInputs where only hashes of the inputs are known. They prove no
// difference.
func matchHashes(run ledger.Run, task browseract.TaskSummary) inputMatch {
	none := slices.Contains(run.InputShapes, noInputs())
	if slices.Contains(run.InputShapes, shapeOf(task.Inputs)) || (!none || run.Kind == Workflow) && includes(task.Inputs, run.InputShapes) {
		return sameInputs
	}
	return unclearInputs
}

// hasForeignInputs reports whether a task has inputs with names of which none was sent,
// and none of the values: then it is of another template or workflow.
func (f *finder) hasForeignInputs(task browseract.TaskSummary) bool {
	names := inputNames(task.Inputs)
	if f.run.Kind != Template || !f.known || len(f.request.Inputs) == 0 || len(names) == 0 {
		return false
	}
	shown := readInputs(task.Inputs)
	return !slices.ContainsFunc(f.request.Inputs, func(in browseract.Input) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return bareName(name) == "" || strings.Contains(bareName(name), bareName(in.Name))
		}) || slices.ContainsFunc(shown, func(other browseract.Input) bool {
			return matchValues(in.Value, other.Value) == sameInputs
		})
	})
}

// foundBefore reports whether a task was a candidate before. It stays one until it makes
// no difference any more: a run that ended so long ago would be started again.
func (f *finder) foundBefore(task browseract.TaskSummary) bool {
	return slices.Contains(f.run.Absence.Candidates, string(task.ID))
}

// isPossible reports whether a task may be the start's although no clock says so. One
// that has not ended yet may be; but a template's start has nothing in common with the
// tasks of other workflows whose inputs are not shown.
func (f *finder) isPossible(c candidate, clocks clocks) bool {
	related := c.inputs == sameInputs || f.run.Kind == Workflow
	return related && !c.task.Status.Ended() || clocks.mayBeWrong(c.task) && !f.hasForeignInputs(c.task)
}

// longEnded reports whether all candidates ended so long ago that an identical start
// would be sent although one of them was the run. It goes by how long they took, which
// no clock changes; where that is not known, a run may have taken as long as one can.
func (f *finder) longEnded(found []candidate) bool {
	return !slices.ContainsFunc(found, func(c candidate) bool {
		took := durationOf(c.task)
		if took == 0 {
			took = ledger.MaxRun
		}
		return !c.task.Status.Ended() || f.e.sinceStart(f.run) < took+maxCreateDelay+ledger.UnreportedFor
	})
}
