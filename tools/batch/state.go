package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// A state is what one call, or the worker of a batch, knows of its rows: what the ledger
// has, and what was seen of the tasks since.
type state struct {
	m        *Manager
	caller   string
	batch    ledger.Batch // without its rows
	settings settings
	warnings *warnings

	changed   chan struct{}  // of capacity 1
	reading   chan struct{}  // has one for each task that is read
	followers sync.WaitGroup // end with the context of follow

	mu   sync.Mutex
	rows []row
}

// maxReading is how many tasks of a batch are read at a time.
const maxReading = 8

// A row is what is known of one row.
type row struct {
	ledger.Row
	run       ledger.Run // that became the row's task; zero if the ledger has none
	open      ledger.Run // whose start has not been settled; zero for none
	status    browseract.TaskStatus
	credits   *int64
	liveURL   string
	failure   string // why the task cannot be read
	followed  bool   // the task is being watched
	searching bool   // the task of its start is being searched for
	polled    bool   // the task was seen since the state was made
	askedLive bool   // its live view was searched for
}

// ended reports whether the row has a task that has ended.
func (r *row) ended() bool { return r.State == ledger.RowStarted && r.status.Ended() }

// done reports whether the row changes no more.
func (r *row) done() bool {
	return r.ended() || r.State == ledger.RowRefused || r.State == ledger.RowGivenUp
}

// active reports whether the row may hold one of the account's places.
func (r *row) active() bool {
	return r.State == ledger.RowStarted && !r.status.Ended() && r.failure == "" || r.State == ledger.RowStarting
}

// unreported reports whether the row's task has ended and no answer with that was
// delivered.
func (r *row) unreported() bool { return r.ended() && r.run.ReportedAt.IsZero() }

// adopted reports whether the row's task was not started by the batch.
func (r *row) adopted(batchID string) bool {
	return r.State == ledger.RowStarted && r.run.BatchID != batchID
}

func (r *row) isPaused() bool {
	return r.State == ledger.RowStarted && r.status == browseract.TaskPaused
}

func isQueued(r *row) bool   { return r.State == ledger.RowQueued }
func isStarting(r *row) bool { return r.State == ledger.RowStarting }
func isGivenUp(r *row) bool  { return r.State == ledger.RowGivenUp }

// read returns the state of the caller's batch of this id, and whether there is one.
func (m *Manager) read(ctx context.Context, id string) (s *state, found bool, err error) {
	s = &state{m: m, caller: m.Runs.Caller(ctx), warnings: &warnings{}, changed: make(chan struct{}, 1), reading: make(chan struct{}, maxReading)}
	s.batch.ID = id
	found, err = s.refresh(ctx)
	if err != nil || !found {
		return nil, found, err
	}
	return s, true, json.Unmarshal(s.batch.Settings, &s.settings)
}

// find is read for a batch that has to be there.
func (m *Manager) find(ctx context.Context, id string) (*state, error) {
	if err := m.CheckLedger(); err != nil {
		return nil, err
	}
	s, found, err := m.read(ctx, id)
	if err == nil && !found {
		err = &problem.Error{Code: "no_such_batch", Message: "There is no batch with this id for this API key. Check the batch_id, or look for its runs in list_tasks with mine."}
	}
	return s, err
}

// refresh reads from the ledger what has become of the rows, also by other processes.
func (s *state) refresh(ctx context.Context) (found bool, err error) {
	b, found, err := s.m.ledger().Batch(ctx, s.caller, s.batch.ID)
	if err != nil {
		return false, runs.Unavailable(err)
	}
	if !found {
		return false, nil
	}
	open, err := s.unsettled(ctx, b.Rows)
	if err != nil {
		return false, err
	}
	started := s.newlyStarted(ctx, b.Rows)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows = make([]row, len(b.Rows))
		s.batch = b
		s.batch.Rows = nil
	}
	for i, r := range b.Rows {
		if known, isNew := started[r.Number]; isNew {
			s.rows[i] = known
		}
		s.rows[i].Row, s.rows[i].open = r, open[r.Number]
	}
	return true, nil
}

// newlyStarted returns the rows that have another task than when the ledger was last
// read. The ledger may be busy, so s.mu is not held meanwhile.
func (s *state) newlyStarted(ctx context.Context, rows []ledger.Row) map[int]row {
	tasks, started := map[int]string{}, map[int]row{}
	s.each(func(r *row) { tasks[r.Number] = r.TaskID })
	for _, r := range rows {
		if r.TaskID != tasks[r.Number] {
			started[r.Number] = s.newRow(ctx, r)
		}
	}
	return started
}

// newRow returns a row that has just got its task.
func (s *state) newRow(ctx context.Context, in ledger.Row) row {
	r := row{Row: in, status: browseract.TaskCreated}
	run, known, err := s.m.ledger().Run(ctx, s.caller, in.TaskID)
	if err != nil || !known {
		return r // the first poll shows it
	}
	r.run, r.credits = run, run.Credits
	if run.Status != "" {
		r.status = browseract.TaskStatus(run.Status)
	}
	return r
}

// unsettled returns the runs of rows whose start has not been settled.
func (s *state) unsettled(ctx context.Context, rows []ledger.Row) (map[int]ledger.Run, error) {
	if !slices.ContainsFunc(rows, func(r ledger.Row) bool { return r.State == ledger.RowStarting }) {
		return nil, nil
	}
	all, err := s.m.ledger().Unsettled(ctx, s.caller)
	if err != nil {
		return nil, runs.Unavailable(err)
	}
	open := map[int]ledger.Run{}
	for _, run := range all {
		if run.BatchID == s.batch.ID {
			open[run.Row] = run
		}
	}
	return open, nil
}

// each calls do for every row of the ledger, in order.
func (s *state) each(do func(*row)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rows {
		do(&s.rows[i])
	}
}

// count returns for how many rows of the ledger is holds.
func (s *state) count(is func(*row) bool) int {
	n := 0
	s.each(func(r *row) {
		if is(r) {
			n++
		}
	})
	return n
}

// countRequested is count over the rows as they were asked for.
func (s *state) countRequested(is func(*row) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, number := range s.settings.Rows {
		if is(&s.rows[number-1]) {
			n++
		}
	}
	return n
}

// change changes what is known of a row.
func (s *state) change(number int, do func(*row)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.rows[number-1])
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// pause waits for a change, for d at most.
func (s *state) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-s.changed:
	case <-time.After(d):
	}
}

func (s *state) warn(text string) { s.warnings.add(text) }

func (s *state) warnOfRow(number int, texts []string) {
	for _, text := range texts {
		s.warn(s.name(number) + ": " + text)
	}
}

// name is how answers name a row of the ledger: by its place in what was asked for.
func (s *state) name(number int) string {
	return fmt.Sprintf("Row %d", slices.Index(s.settings.Rows, number)+1)
}
