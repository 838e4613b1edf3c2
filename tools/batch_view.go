package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A view is what one call, or the crew at a batch, knows of its rows: what the
// ledger has, and what looks at the tasks have told since.
type view struct {
	t        *toolset
	caller   string
	batch    ledger.Batch // without its rows
	settings batchSettings
	news     chan struct{} // of capacity 1: something has changed
	reads    chan struct{} // has as many places as tasks are read at a time

	followers sync.WaitGroup // end with the context of follow

	mu       sync.Mutex
	rows     []rowSight
	warnings []string
}

// A rowSight is what is known of one row.
type rowSight struct {
	ledger.Row
	// run is the run that became the row's task; zero if the ledger has none.
	run ledger.Run
	// open is the run of a row whose start has not been settled, if any.
	open     ledger.Run
	status   browseract.TaskStatus
	credits  *int64
	liveURL  string
	trouble  string // why the task cannot be looked at
	followed bool   // somebody looks at the task
	sought   bool   // somebody looks for the task
	looked   bool   // the task was looked at since the view was made
	asked    bool   // the live view was asked for
}

// ended reports whether the row has a task that has ended.
func (r *rowSight) ended() bool { return r.State == ledger.RowStarted && r.status.Ended() }

// over reports whether the row changes no more.
func (r *rowSight) over() bool {
	return r.ended() || r.State == ledger.RowRefused || r.State == ledger.RowGivenUp
}

// holds reports whether the row may hold one of the account's places.
func (r *rowSight) holds() bool {
	return r.State == ledger.RowStarted && !r.status.Ended() && r.trouble == "" || r.State == ledger.RowStarting
}

// untold reports whether the row's task has ended and no answer has told so.
func (r *rowSight) untold() bool { return r.ended() && r.run.ReportedAt.IsZero() }

// foreign reports whether the row's task was started by something else than the
// batch.
func (r *rowSight) foreign(batchID string) bool {
	return r.State == ledger.RowStarted && r.run.BatchID != batchID
}

const (
	// readsAtOnce is how many tasks of a batch are read at a time.
	readsAtOnce = 8
	// maxBatchWarnings is how many warnings are kept, the latest.
	maxBatchWarnings = 10
)

// findBatch returns a view of the caller's batch of this id, and whether there is
// one.
func (t *toolset) findBatch(ctx context.Context, id string) (v *view, found bool, err error) {
	v = &view{t: t, caller: t.Caller(ctx), news: make(chan struct{}, 1), reads: make(chan struct{}, readsAtOnce)}
	v.batch.ID = id
	found, err = v.refresh(ctx)
	if err != nil || !found {
		return nil, found, err
	}
	return v, true, json.Unmarshal(v.batch.Settings, &v.settings)
}

// batchOf is findBatch for a batch that has to be there.
func (t *toolset) batchOf(ctx context.Context, id string) (*view, error) {
	if t.Ledger == nil {
		return nil, noBatches()
	}
	v, found, err := t.findBatch(ctx, id)
	if err == nil && !found {
		err = noSuchBatch()
	}
	return v, err
}

// refresh reads from the ledger what has become of the rows, also by other
// processes.
func (v *view) refresh(ctx context.Context) (found bool, err error) {
	b, found, err := v.t.Ledger.Batch(ctx, v.caller, v.batch.ID)
	if err != nil {
		return false, noLedgerNow(err)
	}
	if !found {
		return false, nil
	}
	open, err := v.unsettled(ctx, b.Rows)
	if err != nil {
		return false, err
	}
	met := v.meet(ctx, b.Rows)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.rows == nil {
		v.rows = make([]rowSight, len(b.Rows))
		v.batch = b
		v.batch.Rows = nil
	}
	for i, row := range b.Rows {
		if sight, isNew := met[row.Number]; isNew {
			v.rows[i] = sight
		}
		v.rows[i].Row, v.rows[i].open = row, open[row.Number]
	}
	return true, nil
}

// meet returns the rows that have another task than when the ledger was last read.
// The ledger may be busy, so nobody waits for v.mu meanwhile.
func (v *view) meet(ctx context.Context, rows []ledger.Row) map[int]rowSight {
	known := map[int]string{}
	v.each(func(r *rowSight) { known[r.Number] = r.TaskID })
	met := map[int]rowSight{}
	for _, row := range rows {
		if row.TaskID != known[row.Number] {
			met[row.Number] = v.sight(ctx, row)
		}
	}
	return met
}

// unsettled returns the runs of rows whose start has not been settled.
func (v *view) unsettled(ctx context.Context, rows []ledger.Row) (map[int]ledger.Run, error) {
	starting := func(r ledger.Row) bool { return r.State == ledger.RowStarting }
	if !slices.ContainsFunc(rows, starting) {
		return nil, nil
	}
	runs, err := v.t.Ledger.Unsettled(ctx, v.caller)
	if err != nil {
		return nil, noLedgerNow(err)
	}
	open := map[int]ledger.Run{}
	for _, run := range runs {
		if run.BatchID == v.batch.ID {
			open[run.Row] = run
		}
	}
	return open, nil
}

// sight returns a row that has just got its task.
func (v *view) sight(ctx context.Context, row ledger.Row) rowSight {
	r := rowSight{Row: row, status: browseract.TaskCreated}
	run, known, err := v.t.Ledger.Run(ctx, v.caller, row.TaskID)
	if err != nil || !known {
		return r // the first look tells
	}
	r.run, r.credits = run, run.Credits
	if run.Status != "" {
		r.status = browseract.TaskStatus(run.Status)
	}
	return r
}

// each calls do for every row of the ledger, in order.
func (v *view) each(do func(*rowSight)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.rows {
		do(&v.rows[i])
	}
}

// count returns for how many rows of the ledger is holds.
func (v *view) count(is func(*rowSight) bool) int {
	n := 0
	v.each(func(r *rowSight) {
		if is(r) {
			n++
		}
	})
	return n
}

// counts reports whether the batch answers those who ask for the same once more.
func (v *view) counts() bool {
	return v.count(func(r *rowSight) bool {
		return !r.over() || r.ended() && r.run.Counts(time.Now(), v.t.Client.Now())
	}) > 0
}

func queued(r *rowSight) bool { return r.State == ledger.RowQueued }

func (v *view) warn(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if text != "" && !slices.Contains(v.warnings, text) {
		v.warnings = last(append(v.warnings, text), maxBatchWarnings)
	}
}

// poke says that something has changed.
func (v *view) poke() {
	select {
	case v.news <- struct{}{}:
	default:
	}
}

// pause waits for news, for d at the most.
func (v *view) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-v.news:
	case <-time.After(d):
	}
}

// asked returns for how many of the rows that were asked for is holds.
func (v *view) asked(is func(*rowSight) bool) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, number := range v.settings.Rows {
		if is(&v.rows[number-1]) {
			n++
		}
	}
	return n
}

// name is how answers call a row of the ledger: by its place in what was asked for.
func (v *view) name(number int) string {
	return fmt.Sprintf("Row %d", slices.Index(v.settings.Rows, number)+1)
}
