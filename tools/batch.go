package tools

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// batchSettings are what all rows of a batch have in common, as the ledger keeps
// them. They hold no inputs: those of a row are erased once it leaves the queue.
type batchSettings struct {
	Region         string `json:"region,omitempty"`
	ProfileID      string `json:"profile_id,omitempty"`
	AllowDuplicate bool   `json:"allow_duplicate,omitempty"`
	MaxParallel    int    `json:"max_parallel"`
	// Content is a hash of all that makes two batches the same.
	Content string `json:"content"`
	// Rows has for each row that was asked for the number of its row in the ledger.
	// Rows that are the same share one: a batch pays once for them.
	Rows []int `json:"rows"`
}

// A draft is a batch that was checked and is not written down yet.
type draft struct {
	caller                 string
	workflowID, templateID string // one of them
	settings               batchSettings
	rows                   []ledger.Row
	key                    string // the caller's idempotency key, "" for none
	warning                string
}

// start is the run of a row with these inputs.
func (d *draft) start(inputs []browseract.Input) start {
	return start{
		workflowID: d.workflowID,
		templateID: d.templateID,
		inputs:     inputs,
		region:     d.settings.Region,
		profileID:  d.settings.ProfileID,
		guard:      guardInput{AllowDuplicate: d.settings.AllowDuplicate},
	}
}

// fill makes rows of these inputs: without allow_duplicate, one of all that are
// the same run.
func (d *draft) fill(rows [][]browseract.Input) error {
	numbers, prints := map[string]int{}, make([]string, len(rows))
	for i, inputs := range rows {
		prints[i] = d.start(inputs).fingerprint(d.caller)
		if _, again := numbers[prints[i]]; !again || d.settings.AllowDuplicate {
			raw, err := json.Marshal(inputs)
			if err != nil {
				return err
			}
			d.rows = append(d.rows, ledger.Row{Inputs: raw})
			numbers[prints[i]] = len(d.rows)
		}
		d.settings.Rows = append(d.settings.Rows, numbers[prints[i]])
	}
	d.settings.Content = digest(prints...)
	return nil
}

// batch is what the ledger keeps of d.
func (d *draft) batch(id string) (ledger.Batch, error) {
	settings, err := json.Marshal(d.settings)
	return ledger.Batch{
		ID:       id,
		Caller:   d.caller,
		Kind:     d.start(nil).kind(),
		TargetID: d.start(nil).target(),
		Settings: settings,
		Rows:     d.rows,
	}, err
}

// id is a name by which the batch is found when it is asked for again, after as
// many batches of that name that do not count any more.
func (d *draft) id(after int) string {
	name := digest("content", d.settings.Content)
	switch {
	case d.key != "":
		name = digest("key", d.caller, d.key)
	case d.settings.AllowDuplicate:
		name = rand.Text()
	}
	return "b_" + digest(name, fmt.Sprint(after))[:16]
}

// openBatch writes a batch down, unless it was asked for before: then it returns
// that one.
func (t *toolset) openBatch(ctx context.Context, d *draft) (v *view, known bool, err error) {
	for after := 0; ; after++ {
		b, err := d.batch(d.id(after))
		if err != nil {
			return nil, false, err
		}
		taken := t.Ledger.NewBatch(ctx, b)
		v, found, err := t.findBatch(context.WithoutCancel(ctx), b.ID) // what is written down goes on
		switch {
		case err != nil:
			return nil, false, err
		case !found:
			return nil, false, noLedgerNow(taken)
		case taken == nil:
			return v, false, nil
		}
		if answers, err := v.answers(d); answers || err != nil {
			return v, true, err
		}
	}
}

// batchKeyLife is for how long an idempotency key answers with its batch.
const batchKeyLife = 24 * time.Hour

// answers reports whether this batch is the one that d asks for. The rule is that
// of runs: it counts while one of its rows does, or with an idempotency key in any
// state for a day.
func (v *view) answers(d *draft) (bool, error) {
	switch {
	case d.key == "":
		return v.counts(), nil
	case time.Since(v.batch.CreatedAt) >= batchKeyLife:
		return false, nil
	case d.settings.Content == v.settings.Content:
		return true, nil
	}
	return false, &problem.Error{
		Code:     "idempotency_key_reused",
		Message:  "Nothing was started: this idempotency_key belongs to a batch with other rows. Use a new key for a new batch, or send the same rows as before.",
		NextStep: nextBatch("get_batch", v.batch.ID, "to see the batch that the key belongs to"),
	}
}

// rowStart is the start of a row that was claimed.
func (t *toolset) rowStart(b ledger.Batch, s batchSettings, row ledger.Row) (start, error) {
	d := draft{workflowID: b.TargetID, settings: s}
	if b.Kind == ledger.Template {
		d.workflowID, d.templateID = "", b.TargetID
	}
	var inputs []browseract.Input
	if err := json.Unmarshal(row.Inputs, &inputs); err != nil {
		return start{}, fmt.Errorf("the inputs of row %d: %w", row.Number, err)
	}
	run := d.start(inputs)
	run.batchID, run.row = b.ID, row.Number
	run.send = func(ctx context.Context) (browseract.Started, error) {
		if run.templateID != "" {
			return t.Client.RunTemplate(ctx, browseract.TemplateRun{TemplateID: run.templateID, Inputs: inputs, Region: run.region})
		}
		return t.Client.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: run.workflowID, Inputs: inputs, ProfileID: run.profileID})
	}
	return run, nil
}

func noBatches() error {
	return &problem.Error{Code: "no_ledger", Message: "This server keeps no ledger, so it has no batches: their queue would be kept there. Its operator can set one with --ledger; until then start runs one by one."}
}

func noSuchBatch() error {
	return &problem.Error{Code: "no_such_batch", Message: "There is no batch with this id for this API key. Check the batch_id, or look for its runs in list_tasks with mine."}
}

func nextBatch(tool, id, why string) *schemas.NextStep {
	return &schemas.NextStep{Tool: tool, Arguments: map[string]any{"batch_id": id}, Why: why}
}
