package batch

import (
	"fmt"
	"slices"
	"sync"
)

const (
	// maxWorkers is how many batches of one caller this process works on at a time.
	maxWorkers = 10
	// maxKept is how many workers and results are remembered before old ones go.
	maxKept = 10_000
)

// workers are the batches whose rows this process starts, and the results of tasks that
// it has read. The zero value has none.
type workers struct {
	mu      sync.Mutex
	byBatch map[key]*worker // the latest of each batch
	results map[key]result  // of each task
}

// A key is the id of a batch or task of a caller.
type key struct{ caller, id string }

// A result is what an answer needs of the end of a row's task.
type result struct {
	rows    *int // of its output; nil where it has none
	failure string
}

func (ws *workers) result(caller, task string) (r result, known bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	r, known = ws.results[key{caller, task}]
	return r, known
}

func (ws *workers) keepResult(caller, task string, r result) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.results == nil || len(ws.results) >= maxKept {
		ws.results = map[key]result{} // what is gone is read again
	}
	ws.results[key{caller, task}] = r
}

// latest returns the worker that is or was at a batch; nil if there was none.
func (ws *workers) latest(s *state) *worker {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.byBatch[key{s.caller, s.batch.ID}]
}

// add makes w the worker of a batch, unless one is working or the caller has too many.
func (ws *workers) add(s *state, w *worker) (added bool, warning string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	own := key{s.caller, s.batch.ID}
	if ws.byBatch[own].working() {
		return false, ""
	}
	n := 0
	for other, worker := range ws.byBatch {
		switch working := worker.working(); {
		case working && other.caller == s.caller:
			n++
		case !working && len(ws.byBatch) >= maxKept:
			delete(ws.byBatch, other)
		}
	}
	if n >= maxWorkers {
		return false, fmt.Sprintf("This server works on %d batches of yours already. The rows wait: call get_batch with continue when one of those is done.", n)
	}
	if ws.byBatch == nil {
		ws.byBatch = map[key]*worker{}
	}
	ws.byBatch[own] = w
	return true, ""
}

// warnings are the latest that an answer should have. The zero value has none.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

// maxWarnings is how many warnings are kept.
const maxWarnings = 10

// add adds a warning that is not there yet; "" is none.
func (w *warnings) add(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if text != "" && !slices.Contains(w.texts, text) {
		w.texts = append(w.texts, text)
		w.texts = w.texts[max(0, len(w.texts)-maxWarnings):]
	}
}

func (w *warnings) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.texts)
}
