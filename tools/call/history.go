package call

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// maxHistory is how many tasks are remembered before old ones make room.
	maxHistory = 5000
	// historyLife is longer than any run.
	historyLife = 8 * time.Hour
	// minClientTimeout is the shortest timeout of any known client: a call that was
	// cancelled sooner was cancelled by its user.
	minClientTimeout = 4 * time.Second
)

// A History keeps what calls about a task show for later calls, as long as the process
// lives, for up to 5,000 tasks. The zero History is empty.
type History struct {
	mu    sync.Mutex
	tasks map[Key]*taskHistory
}

// A Key is a task of a caller.
type Key struct{ Caller, TaskID string }

type taskHistory struct {
	used    time.Time
	asked   bool          // the user has been asked to act
	timeout time.Duration // how long a client waited before it gave up; 0: none did
	calls   int           // how many calls wait for the task now
	since   time.Time     // when the latest of them arrived
}

// of is called with mu held.
func (h *History) of(key Key) *taskHistory {
	if h.tasks == nil {
		h.tasks = map[Key]*taskHistory{}
	}
	now := time.Now()
	t := h.tasks[key]
	if t == nil {
		h.makeRoom(now)
		t = &taskHistory{}
		h.tasks[key] = t
	}
	t.used = now
	return t
}

func (h *History) makeRoom(now time.Time) {
	for _, age := range []time.Duration{historyLife, 0} {
		if len(h.tasks) < maxHistory {
			return
		}
		for key, t := range h.tasks {
			if t.calls == 0 && now.Sub(t.used) >= age {
				delete(h.tasks, key)
			}
		}
	}
}

// AskOnce reports whether the user has not been asked about the task yet, and records
// that they have.
func (h *History) AskOnce(key Key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.of(key)
	first := !t.asked
	t.asked = true
	return first
}

// Enter adds a call that waits for the task, and bounds it by the client's timeout if an
// earlier call about the task has shown that. A repeated start whose first call still
// waits shows it too: not every client cancels the calls that it gives up. The returned
// function removes the call.
func (h *History) Enter(ctx context.Context, key Key, repeated bool) (context.Context, func()) {
	timeout := h.enter(ctx, key, repeated)
	c := From(ctx)
	if timeout == 0 || (c.clientTimeout > 0 && c.clientTimeout <= timeout) {
		return ctx, func() { h.leave(ctx, key) }
	}
	shorter := *c
	shorter.clientTimeout = timeout
	short, cancel := context.WithDeadline(shorter.in(ctx), c.arrival.Add(responseBudget(timeout)))
	return short, func() { h.leave(ctx, key); cancel() }
}

func (h *History) enter(ctx context.Context, key Key, repeated bool) (timeout time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.of(key)
	if repeated && t.calls > 0 {
		t.setTimeout(time.Since(t.since))
	}
	t.calls++
	t.since = From(ctx).arrival
	return t.timeout
}

func (h *History) leave(ctx context.Context, key Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.of(key)
	t.calls--
	if errors.Is(ctx.Err(), context.Canceled) {
		t.setTimeout(time.Since(From(ctx).arrival))
	}
}

// setTimeout records after what time a client gave up, if it is shorter than any before.
func (t *taskHistory) setTimeout(after time.Duration) {
	if after >= minClientTimeout && (t.timeout == 0 || after < t.timeout) {
		t.timeout = after
	}
}
