package runs

import (
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	// clockTolerance is how far apart two clocks may be that show whole seconds.
	clockTolerance = 3 * time.Second
	// maxCreateDelay is how long after its request a task may be created.
	maxCreateDelay = 30 * time.Second
	// maxClockError is how far from its request a task may seem to have been created
	// without being ruled out.
	maxClockError = 5 * time.Minute
	// maxZone is the largest offset of a time zone, and zoneStep the smallest step
	// between two: a time that is shown without its zone is off by a number of these.
	maxZone  = 14 * time.Hour
	zoneStep = 15 * time.Minute
)

// clocks are the clocks that may show the times of tasks.
type clocks struct {
	sent   []time.Time // when the start was sent, by each of them
	now    []time.Time // the time now, by each of them
	tested bool        // known tasks show how far off the times of tasks are
}

// isTimely reports whether a task was created when the start was sent, by one of the
// clocks. A task under way whose time is not shown was created lately.
func (k clocks) isTimely(task browseract.TaskSummary) bool {
	if task.CreatedAt.IsZero() {
		return !task.Status.Ended()
	}
	return k.created(task, clockTolerance, maxCreateDelay+clockTolerance)
}

// created reports whether a task was created within that time before or after the start
// was sent, by one of the clocks.
func (k clocks) created(task browseract.TaskSummary, before, after time.Duration) bool {
	return slices.ContainsFunc(k.sent, func(sent time.Time) bool {
		passed := task.CreatedAt.Sub(sent)
		return -before <= passed && passed <= after
	})
}

// mayBeWrong reports whether a task's time is not shown, is ahead of all clocks, or
// differs from that of the start by minutes or by a time zone.
func (k clocks) mayBeWrong(task browseract.TaskSummary) bool {
	return task.CreatedAt.IsZero() || k.created(task, maxClockError, maxClockError) || k.isAhead(task) || k.isZoneApart(task)
}

func (k clocks) isAhead(task browseract.TaskSummary) bool {
	return !slices.ContainsFunc(k.now, func(now time.Time) bool { return !task.CreatedAt.After(now.Add(clockTolerance)) })
}

// isZoneApart reports whether a task's time is off by a time zone. Where known tasks show
// how far off times are, those of other tasks are off by no more.
func (k clocks) isZoneApart(task browseract.TaskSummary) bool {
	return !k.tested && slices.ContainsFunc(k.sent, func(sent time.Time) bool {
		passed := task.CreatedAt.Sub(sent)
		zones := passed.Round(zoneStep)
		rest := passed - zones
		return zones != 0 && zones.Abs() <= maxZone && -clockTolerance <= rest && rest <= maxCreateDelay+clockTolerance
	})
}
