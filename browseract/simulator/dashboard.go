package simulator

import "fmt"

// CancelTask ends an open task as if somebody had canceled it in the dashboard.
// It does nothing to one that has ended, and panics at an unknown id, as do the
// other deeds of the dashboard.
func (a *Account) CancelTask(id string) {
	a.end(id, &ending{status: statusCanceled})
}

// FailTask ends an open task as failed. A code of 0 leaves task_failure_info
// null.
func (a *Account) FailTask(id string, code int, msg string) {
	e := &ending{status: statusFailed}
	if code != 0 {
		e.failure = &Failure{Code: code, Message: msg}
	}
	a.end(id, e)
}

// FinishTask ends an open task as finished, with an output.
func (a *Account) FinishTask(id, output string) {
	a.end(id, &ending{status: statusFinished, output: &Output{Text: output}})
}

// ResumeTask lets a paused task go on, as a person does on its live page.
func (a *Account) ResumeTask(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.mustFind(id)
	if t.at(a.now()).status == statusPaused {
		t.resumes = append(t.resumes, a.now())
	}
}

func (a *Account) end(id string, e *ending) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.mustFind(id)
	e.at = a.now()
	if t.at(e.at).open() {
		t.ending = e
	}
}

func (a *Account) mustFind(id string) *task {
	t, ok := a.tasks[id]
	if !ok {
		panic(fmt.Sprintf("simulator: no task %q", id))
	}
	return t
}
