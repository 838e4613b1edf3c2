package tools

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// mostRemembered is from how many tasks on old ones are forgotten.
	mostRemembered = 5000
	// rememberedFor is longer than any run.
	rememberedFor = 8 * time.Hour
	// leastGiven is what every known client gives a call at the least: a cancel
	// before that is a person's.
	leastGiven = 4 * time.Second
)

// A memory keeps what calls about a task leave for the calls after them, as long
// as the server lives. The zero memory is empty.
type memory struct {
	mu    sync.Mutex
	tasks map[memoryKey]*remembered
}

type memoryKey struct{ caller, task string }

type remembered struct {
	used  time.Time
	asked bool          // a person has been asked to act
	given time.Duration // how long a client waited for an answer; 0: none gave up
	calls int           // how many calls wait for the task now
	since time.Time     // when the latest of them arrived
}

// of is called with mu held.
func (m *memory) of(key memoryKey) *remembered {
	if m.tasks == nil {
		m.tasks = map[memoryKey]*remembered{}
	}
	now := time.Now()
	r := m.tasks[key]
	if r == nil {
		m.forget(now)
		r = &remembered{}
		m.tasks[key] = r
	}
	r.used = now
	return r
}

// forget makes room, if there is need, by what has not been used for longest.
func (m *memory) forget(now time.Time) {
	for _, age := range []time.Duration{rememberedFor, 0} {
		if len(m.tasks) < mostRemembered {
			return
		}
		for key, r := range m.tasks {
			if r.calls == 0 && now.Sub(r.used) >= age {
				delete(m.tasks, key)
			}
		}
	}
}

// askOnce reports whether nobody has been asked about the task yet, and remembers
// that somebody has now.
func (m *memory) askOnce(key memoryKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(key)
	first := !r.asked
	r.asked = true
	return first
}

// enter counts a call that waits for the task, and returns how long its client
// gives it if an earlier call about the task has shown that; 0 if none has. A
// repeated start whose first call still waits shows it too: not every client says
// that it has given up. leave counts the call out; ctx tells how it ended.
func (m *memory) enter(ctx context.Context, key memoryKey, repeated bool) (given time.Duration, leave func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(key)
	if repeated && r.calls > 0 {
		r.gaveUp(time.Since(r.since))
	}
	r.calls++
	r.since = arrival(ctx)
	return r.given, func() { m.leave(ctx, key) }
}

func (m *memory) leave(ctx context.Context, key memoryKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(key)
	r.calls--
	if errors.Is(ctx.Err(), context.Canceled) {
		r.gaveUp(time.Since(arrival(ctx)))
	}
}

// gaveUp notes that a client waited so long and no longer.
func (r *remembered) gaveUp(after time.Duration) {
	if after >= leastGiven && (r.given == 0 || after < r.given) {
		r.given = after
	}
}
