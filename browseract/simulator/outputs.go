package simulator

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// maxOutputs is how many outputs are kept. At that number all are dropped, and made
// again when they are needed.
const maxOutputs = 1000

// outputs keeps outputs as JSON strings, one for each blueprint and set of declared
// inputs.
type outputs struct {
	mu   sync.Mutex
	made map[outputKey]func() []byte
}

type outputKey struct {
	output *Output
	inputs string
}

// encoded returns the output of a finished task as a JSON string.
func (o *outputs) encoded(t *task, out *Output) []byte {
	var declared Inputs
	if out.Generate != nil {
		declared = t.blueprint.declared(t.request.Inputs)
	}
	key := outputKey{out, string(encode(declared))}
	o.mu.Lock()
	text, ok := o.made[key]
	if !ok {
		text = sync.OnceValue(func() []byte { return out.encode(declared) })
		if o.made == nil || len(o.made) >= maxOutputs {
			o.made = map[outputKey]func() []byte{}
		}
		o.made[key] = text
	}
	o.mu.Unlock()
	return text()
}

func (out *Output) encode(in Inputs) []byte {
	if out.Generate != nil {
		return encode(out.Generate(in))
	}
	return encode(out.Text)
}

// Populate adds n finished tasks to the first key, a minute apart and older than the
// others, each with the same output of outputBytes bytes: rows of JSON. They belong to
// the key's workflows in turn and cost 30 credits each.
func (a *Account) Populate(n, outputBytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ws, created := a.workspaces[a.keys[0]], a.clock.now()
	if len(ws.tasks) > 0 {
		created = ws.tasks[0].created
	}
	output := &Output{Text: filledRows(outputBytes)}
	for i := range n {
		b := ws.workflows[i%len(ws.workflows)]
		created = created.Add(-time.Minute)
		t := a.newTask(ws, b, runRequest{Inputs: Inputs{{"keyword", "laptops"}}})
		t.created, t.before = created, nil
		t.final = &state{
			status: statusFinished, started: created, ended: created.Add(40 * time.Second),
			steps: len(b.Scenario.Steps), output: output, credits: 30,
		}
	}
	slices.SortStableFunc(ws.tasks, byCreation)
}

// filledRows returns a JSON array of n bytes, or the smallest one that has rows.
func filledRows(n int) string {
	const row = `{"title":"Quiet Lantern","price":12.5,"url":"https://shop.example/p/000123"}`
	const first, last = `[{"title":"`, `"}`
	rows := max(0, (n-len(first)-len(last)-1)/(len(row)+1))
	filler := max(0, n-len(first)-len(last)-1-rows*(len(row)+1))
	return first + strings.Repeat("x", filler) + last + strings.Repeat(","+row, rows) + "]"
}
