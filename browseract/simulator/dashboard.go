package simulator

import "fmt"

// CancelTask cancels an open task, as a user does in the dashboard. It does nothing if
// the task has ended and, as the methods below, panics if there is no such task.
func (a *Account) CancelTask(id string) { a.end(id, interruption{status: statusCanceled}) }

// FailTask ends an open task as failed. A code of 0 leaves task_failure_info null.
func (a *Account) FailTask(id string, code int, msg string) {
	e := interruption{status: statusFailed}
	if code != 0 {
		e.failure = &Failure{Code: code, Message: msg}
	}
	a.end(id, e)
}

// FinishTask ends an open task as finished, with an output.
func (a *Account) FinishTask(id, output string) {
	a.end(id, interruption{status: statusFinished, output: &Output{Text: output}})
}

// ResumeTask lets a paused task continue, as a person does on its live page.
func (a *Account) ResumeTask(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.task(id); t.now().status == statusPaused {
		t.resumes = append(t.resumes, a.clock.now())
	}
}

func (a *Account) end(id string, e interruption) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.task(id); t.now().open() {
		t.interrupt(e)
	}
}

func (a *Account) task(id string) *task {
	t, ok := a.tasks[id]
	if !ok {
		panic(fmt.Sprintf("simulator: no task %q", id))
	}
	return t
}
