package simulator

import (
	"slices"
	"strings"
	"time"
)

// Populate adds n finished tasks to the first key, a minute apart and older
// than what there is, each with the same output of outputBytes bytes: rows of
// JSON. They belong to the key's workflows in turn and cost 30 credits each.
func (a *Account) Populate(n, outputBytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ws := a.workspaces[a.keys[0]]
	output := &Output{Text: filledRows(outputBytes)}
	newest := a.now()
	if len(ws.tasks) > 0 {
		newest = ws.tasks[0].created
	}
	for i := range n {
		a.addEnded(ws, ws.workflows[i%len(ws.workflows)], newest.Add(-time.Duration(i+1)*time.Minute), output)
	}
	slices.SortStableFunc(ws.tasks, byCreation)
}

func (a *Account) addEnded(ws *workspace, b *blueprint, created time.Time, output *Output) {
	t := a.newTask(ws, b, runRequest{Inputs: Inputs{{"keyword", "laptops"}}}, "")
	t.created, t.before = created, nil
	t.final = &state{
		status: statusFinished, started: created, ended: created.Add(40 * time.Second),
		steps: len(b.scenario.Steps), output: output, credits: 30,
	}
}

// filledRows is a JSON array of n bytes, or the smallest one that has rows.
func filledRows(n int) string {
	const row = `{"title":"Quiet Lantern","price":12.5,"url":"https://shop.example/p/000123"}`
	const first, last = `[{"title":"`, `"}`
	rows := max(0, (n-len(first)-len(last)-1)/(len(row)+1))
	filler := max(0, n-len(first)-len(last)-1-rows*(len(row)+1))
	return first + strings.Repeat("x", filler) + last + strings.Repeat(","+row, rows) + "]"
}
